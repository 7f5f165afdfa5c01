"""Hit rates judged: a share of cached tokens in something that is not all of the input, a share of answers called one of tokens.

Knows amounts and usage tables. Does not know syntax or findings. What something unknown was added to is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.accounting.facts import Accounting, Ratio
from auditor.accounting.forms import Amount
from auditor.knowledge.usage import Counted, UsageTable
from auditor.rulekit.monitoring import Cached, tables_of
from auditor.values.lifetime import Evidence


@dataclass(frozen=True, slots=True)
class HitRate:
    """A share of reads in too little (`missing`), or in a sum that counts them twice; or (`of_answers`) of answers that read."""

    ratio: Ratio
    table: UsageTable
    missing: tuple[Counted, ...]
    of_answers: bool = False

    @property
    def evidence(self) -> Evidence:
        terms = (*self.ratio.numerator.terms, *self.ratio.denominator.terms)
        return Evidence.weakest(term.quantity.evidence for term in terms)


def misleading(accounting: Accounting, group: Cached) -> Iterator[HitRate]:
    """Hit rates of a provider that the application caches with, by place."""
    seen: set[tuple[str, int]] = set()
    for ratio in accounting.ratios:
        place = ratio.where.place
        if ratio.where.context != "app" or (place.path, place.line) in seen:
            continue
        for table in tables_of(group):
            if _of_answers(ratio, table):
                seen.add((place.path, place.line))
                yield HitRate(ratio, table, (), of_answers=True)
                break
            if not _certain(ratio.numerator, table) or not _certain(ratio.denominator, table):
                continue
            found = _judged(ratio, table)
            if found is not None:
                seen.add((place.path, place.line))
                yield found
                break


_OF_TOKENS = re.compile(r"\btokens?\b", re.IGNORECASE)
_OF_ANSWERS = re.compile(r"\b(?:requests?|calls?|answers?|responses?|quer(?:y|ies))\b", re.IGNORECASE)


def _of_answers(ratio: Ratio, table: UsageTable) -> bool:
    """Whether answers were counted, and the text that shows their share says tokens."""
    if ratio.numerator.kinds != {Counted.HITS} or not ratio.denominator.kinds <= {Counted.HITS, Counted.ANSWERS}:
        return False
    mine = all(term.quantity.table == table.name for term in ratio.numerator.terms)
    return mine and _OF_TOKENS.search(ratio.shown) is not None and _OF_ANSWERS.search(ratio.shown) is None


def _certain(amount: Amount, table: UsageTable) -> bool:
    """Whether all that is counted is this table's, as it was counted, and none of it with a minus."""
    return (
        amount.counted
        and not amount.rest
        and all(term.quantity.table == table.name and term.factor.number > 0 and not term.factor.symbols for term in amount.terms)
    )


def _judged(ratio: Ratio, table: UsageTable) -> HitRate | None:
    if ratio.numerator.kinds != {Counted.READ}:
        return None
    of = ratio.denominator.kinds
    # Tokens read for each one written say how often an entry is used; counts of everything are shares of everything.
    if of == {Counted.WRITE} or of == {Counted.READ} or Counted.TOTAL in of:
        return None
    if table.includes_cached:
        twice = Counted.INPUT in of and Counted.READ in of
        lacks = Counted.INPUT not in of
        return HitRate(ratio, table, (Counted.INPUT,) if lacks else ()) if twice or lacks else None
    missing = tuple(kind for kind in (Counted.INPUT, Counted.READ, Counted.WRITE) if kind not in of)
    return HitRate(ratio, table, missing) if missing else None
