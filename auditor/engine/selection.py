"""Which rules run: `select`, `ignore` and `extend-select` through one map of references.

A reference is a code, the beginning of one, a name, a category or `all`. The more exact reference wins; at a tie, ignoring does.
Does not know where the references were written.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from auditor.engine.registry import Registry
from auditor.rulekit.meta import Status

_EXACT = 10


class UnknownReferenceError(Exception):
    """A reference that stands for no rule; the message offers what may have been meant."""


def references(registry: Registry) -> Mapping[str, frozenset[str]]:
    """Every valid reference, in lower case, with the codes it stands for."""
    table: dict[str, set[str]] = {"all": {rule.meta.code for rule in registry.rules}}
    for rule in registry.rules:
        meta = rule.meta
        prefixes = [meta.code[:length] for length in range(2, len(meta.code) + 1)]
        for reference in (*prefixes, meta.name, meta.category.value):
            table.setdefault(reference.lower(), set()).add(meta.code)
    return {reference: frozenset(codes) for reference, codes in table.items()}


def resolve(registry: Registry, reference: str) -> frozenset[str]:
    """The codes that a reference stands for. Raises UnknownReferenceError."""
    table = references(registry)
    codes = table.get(reference.strip().lower())
    if codes is None:
        whole = [known for known in table if len(known) > 4]  # a prefix is no better guess than its codes
        close = difflib.get_close_matches(reference.strip().lower(), whole, n=1)
        shown = close[0].upper() if close and close[0].startswith("ca") else close[0] if close else ""
        hint = f"; did you mean {shown!r}?" if shown else "; `cache-audit rules` lists all of them"
        raise UnknownReferenceError(f"unknown rule, prefix, name or category {reference!r}{hint}")
    return codes


def select(
    registry: Registry,
    selected: Sequence[str] = ("all",),
    ignored: Sequence[str] = (),
    extended: Sequence[str] = (),
) -> frozenset[str]:
    """Codes of the rules that run. Raises UnknownReferenceError. Preview rules need their own code or name."""
    chosen = _ranks(registry, (*selected, *extended))
    dropped = _ranks(registry, ignored)
    result = set()
    for rule in registry.rules:
        code = rule.meta.code
        rank = chosen.get(code, -1)
        if rank <= dropped.get(code, -1):
            continue
        if rule.meta.status is Status.PREVIEW and rank < _EXACT:
            continue
        result.add(code)
    return frozenset(result)


def _ranks(registry: Registry, given: Iterable[str]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    categories = {rule.meta.category.value for rule in registry.rules}
    for reference in given:
        key = reference.strip().lower()
        for code in resolve(registry, reference):
            if key == "all":
                rank = 0
            elif key in categories:
                rank = 1
            else:
                rank = _EXACT if key in {code.lower(), registry.by_code[code].meta.name} else len(key)
            ranks[code] = max(rank, ranks.get(code, -1))
    return ranks
