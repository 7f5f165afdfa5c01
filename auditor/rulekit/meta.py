"""What a rule says about itself: metadata and examples. Knows nothing of requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from auditor.findings import Effort, Severity

HEADINGS = ("What it finds", "Why it costs", "How to mend it", "When it stays quiet", "Fix safety", "Sources")
_CODE = re.compile(r"[A-Z]{2,8}(?P<digit>\d)\d{2}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class FixAvailability(StrEnum):
    NONE = "none"
    SOMETIMES = "sometimes"
    ALWAYS = "always"


class Status(StrEnum):
    """`preview` rules run only when they are selected by their own code or name."""

    STABLE = "stable"
    PREVIEW = "preview"


class Category(StrEnum):
    """The groups of the catalogue; each is the first digit of its codes."""

    SUPPRESSION = "suppression"
    PROMPT = "prompt"
    SIZE = "size"
    BREAKPOINTS = "breakpoints"
    TOOLS = "tools"
    LIFETIME = "lifetime"
    CONVERSATION = "conversation"
    KEYS = "keys"
    MONITORING = "monitoring"
    SAFETY = "safety"

    @property
    def digit(self) -> str:
        return str(list(Category).index(self))


@dataclass(frozen=True, slots=True)
class RuleMeta:
    """A rule's fixed facts. `severity` is the usual one; findings carry the severity of their own case.

    A code is a prefix of capital letters, the category's digit and two more: `CA` is the tool's own prefix.

    `since` is the first release that has the rule. `providers` names those it can apply to, none meaning all. `of_project`: it
    says what a project as a whole lacks, so that examples of other rules, each a single file, say nothing about it.
    Raises ValueError on a malformed code, name or summary, or on a code outside of its category.
    """

    code: str
    name: str
    summary: str
    category: Category
    severity: Severity
    effort: Effort
    since: str = "0.1.0"
    fix: FixAvailability = FixAvailability.NONE
    status: Status = Status.STABLE
    providers: tuple[str, ...] = ()
    of_project: bool = False

    def __post_init__(self) -> None:
        code = _CODE.fullmatch(self.code)
        if code is None:
            raise ValueError(f"rule code {self.code!r} is not of the form CA123")
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"rule name {self.name!r} is not in kebab-case")
        if code["digit"] != self.category.digit:
            wanted = f"{self.code[:-3]}{self.category.digit}xx"
            raise ValueError(f"{self.code} is not a code of category {self.category.value!r} ({wanted})")
        if not self.summary or self.summary.endswith("."):
            raise ValueError(f"{self.code}: the summary is one phrase without a full stop")


@dataclass(frozen=True, slots=True)
class Example:
    """A small Python file that the rule flags (bad) or leaves alone (good): a test and a piece of its page.

    `files` are further files of the example by path; `fixed` is the source after the rule's fix, where it has one.
    """

    title: str
    source: str
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fixed: str | None = None
