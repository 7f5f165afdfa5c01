"""What a renderer is told besides the document. Knows no format; each takes from it what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from auditor.reporting.rules_info import RuleInfo


def no_source(path: str, line: int) -> None:
    """The reader of source lines where there is none."""


@dataclass(frozen=True, slots=True)
class Options:
    """`read_line(path, line)` gives a line of the audited source without its end, or None; `path` is as in the document.

    `rules` describes rules by code; `color` allows ANSI colours; `statistics` adds counts by rule to the text; `verbose` the
    production checklist, and prefixes that could be shared.
    """

    read_line: Callable[[str, int], str | None] = no_source
    rules: Mapping[str, RuleInfo] = field(default_factory=dict)
    color: bool = False
    statistics: bool = False
    verbose: bool = False
