"""Which rules there are: imports every module of `auditor.rules` and checks what it finds.

Knows modules and rule classes. Does not know selection or how rules run.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType

from auditor.rulekit.meta import HEADINGS
from auditor.rulekit.rule import Rule


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
    package = importlib.import_module("auditor.rules")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    if not names:
        raise RegistryError("no rule was found: the installation is incomplete")
    return build(importlib.import_module(f"{package.__name__}.{name}") for name in names)


def build(modules: Iterable[ModuleType]) -> Registry:
    """The registry of these modules, one rule each. Raises RegistryError on the first module that is not in order."""
    rules: dict[str, Rule] = {}
    names: dict[str, str] = {}
    for module in modules:
        rule = _rule_of(module)
        meta = rule.meta
        if meta.code in rules:
            raise RegistryError(f"{module.__name__}: code {meta.code} is taken by {type(rules[meta.code]).__module__}")
        if meta.name in names:
            raise RegistryError(f"{module.__name__}: name {meta.name!r} is taken by {names[meta.name]}")
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
        raise RegistryError(f"{module.__name__}: a rule module defines exactly one rule, this one {len(classes)}")
    cls = classes[0]
    if getattr(cls, "meta", None) is None:
        raise RegistryError(f"{module.__name__}: {cls.__name__} has no `meta`")
    expected = cls.meta.name.replace("-", "_")
    if module.__name__.rpartition(".")[2] != expected:
        raise RegistryError(f"{module.__name__}: rule {cls.meta.name!r} belongs into a file named {expected}.py")
    missing = [heading for heading in HEADINGS if f"## {heading}\n" not in (inspect.getdoc(cls) or "") + "\n"]
    if missing:
        raise RegistryError(f"{module.__name__}: the docstring of {cls.__name__} lacks the heading(s) {', '.join(missing)}")
    return cls()
