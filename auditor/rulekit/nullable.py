"""Arithmetic with counts that may be None, by the function that does it.

Knows what the project does with usage. Does not know syntax or findings.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.accounting.facts import Accounting, Addition
from auditor.accounting.forms import Quantity
from auditor.knowledge.usage import CACHE, load
from auditor.values.lifetime import Evidence


def nullable_additions(accounting: Accounting) -> Iterator[tuple[Addition, ...]]:
    """The application's operations on cache counts that may be None: those of one function together, each count once."""
    told: set[tuple[str, int, int]] = set()
    by_function: dict[tuple[str, str], dict[Quantity, Addition]] = {}
    for found in accounting.additions:
        quantity, where = found.quantity, found.where
        place = (quantity.place.path, quantity.place.line, quantity.place.column)
        followed = quantity.evidence in {Evidence.FLOW, Evidence.USAGE} and quantity.table is not None
        if where.context == "app" and quantity.kind in CACHE and followed and place not in told:
            told.add(place)
            by_function.setdefault((where.place.path, where.function), {})[quantity] = found
    for additions in by_function.values():
        yield tuple(additions.values())


def reports(api: str, quantity: Quantity) -> bool:
    """Whether the API's answers have the count."""
    table = load().of_api(api)
    return table is not None and table.name == quantity.table
