"""Which rules there are: imports every module of `auditor.rules` and checks what it finds, there and in modules of users' own.

Knows modules and rule classes. Does not know selection, how rules run or where users keep theirs.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType

from auditor.rulekit.meta import HEADINGS
from auditor.rulekit.rule import Rule

LOCAL = "cache_audit_local_rules"
"""The package that users' own rules are loaded into."""
OWN_PREFIX = "CA"


class RegistryError(Exception):
    """A rule module breaks the rules for rules; the message names the module and what to change."""


@dataclass(frozen=True, slots=True)
class Registry:
    """All rules, sorted by code."""

    rules: tuple[Rule, ...]

    @property
    def by_code(self) -> Mapping[str, Rule]:
        return MappingProxyType({rule.meta.code: rule for rule in self.rules})

    @property
    def by_name(self) -> Mapping[str, Rule]:
        return MappingProxyType({rule.meta.name: rule for rule in self.rules})

    def find(self, reference: str) -> Rule | None:
        """The rule with this code or name, in any case."""
        return self.by_code.get(reference.upper()) or self.by_name.get(reference.lower())


@cache
def load() -> Registry:
    """Every built-in rule. Raises RegistryError."""
    return build(modules())


def modules() -> list[ModuleType]:
    """The modules of the built-in rules, by name. Raises RegistryError."""
    package = importlib.import_module("auditor.rules")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    if not names:
        raise RegistryError("no rule was found: the installation is incomplete")
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def build(modules: Iterable[ModuleType]) -> Registry:
    """The registry of these modules, one rule each. Raises RegistryError on the first module that is not in order."""
    rules: dict[str, Rule] = {}
    names: dict[str, str] = {}
    for module in modules:
        rule = _rule_of(module)
        meta = rule.meta
        if meta.code in rules:
            taken = sys.modules.get(type(rules[meta.code]).__module__)
            other = _where(taken, type(rules[meta.code])) if taken is not None else type(rules[meta.code]).__module__
            raise RegistryError(f"{_where(module, type(rule))}: code {meta.code} is taken by {other}")
        if meta.name in names:
            raise RegistryError(f"{_where(module, type(rule))}: name {meta.name!r} is taken by {names[meta.name]}")
        rules[meta.code] = rule
        names[meta.name] = meta.code
    return Registry(tuple(rules[code] for code in sorted(rules)))


def _rule_of(module: ModuleType) -> Rule:
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Rule) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise RegistryError(f"{_where(module)}: a rule module defines exactly one rule, this one {len(classes)}")
    cls = classes[0]
    where = _where(module, cls)
    if getattr(cls, "meta", None) is None:
        raise RegistryError(f"{where}: {cls.__name__} has no `meta`")
    expected = cls.meta.name.replace("-", "_")
    if module.__name__.rpartition(".")[2] != expected:
        raise RegistryError(f"{where}: rule {cls.meta.name!r} belongs into a file named {expected}.py")
    missing = [heading for heading in HEADINGS if f"## {heading}\n" not in (inspect.getdoc(cls) or "") + "\n"]
    if missing:
        raise RegistryError(f"{where}: the docstring of {cls.__name__} lacks the heading(s) {', '.join(missing)}")
    if _local(module) is cls.meta.code.startswith(OWN_PREFIX):
        raise RegistryError(
            f"{where}: code {cls.meta.code}: codes that begin with {OWN_PREFIX} are those of the built-in rules, and theirs alone"
        )
    return cls()


def _local(module: ModuleType) -> bool:
    return module.__name__.partition(".")[0] == LOCAL


def _where(module: ModuleType, cls: type[Rule] | None = None) -> str:
    """A built-in rule by its module, a user's by file and line."""
    if not _local(module):
        return module.__name__
    try:
        line = inspect.getsourcelines(cls)[1] if cls is not None else 1
    except (OSError, TypeError):
        line = 1
    return f"{module.__file__}:{line}"
