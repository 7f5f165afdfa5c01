"""A hole where it stands in a request: where to mend it, and how the value came there.

Knows blocks and holes. Does not know simulations or what a rule makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.llm.request import Block
from auditor.places import Place, Step
from auditor.rulekit.wording import describe
from auditor.values.join import MANY
from auditor.values.lifetime import Cause
from auditor.values.text import Hole

# Order and form of known content: what varies is the sequence, not the information.
ORDER_CAUSES = frozenset(
    {Cause.SET_ORDER, Cause.LISTING_ORDER, Cause.KEY_ORDER, Cause.IDENTITY, Cause.CONCURRENCY, Cause.SHUFFLE}
)
# A conversation's own past: supposed to grow.
GROWING_CAUSES = frozenset({Cause.HISTORY, Cause.RESPONSE})


OUTSIDE = frozenset({Cause.RESPONSE, Cause.INPUT, Cause.RETRIEVAL, Cause.LOOP, Cause.COUNT, Cause.HISTORY, Cause.VALUE})
"""Values that a program is given: what can be mended is where it puts them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A hole where it stands in the first request of a replay. `piece` is -1 for a hole that is a block's order."""

    index: int
    block: Block
    piece: int
    hole: Hole

    @property
    def place(self) -> Place | None:
        """Where to mend it: where the value is put into the text if it comes from outside, else where it is born."""
        if self.hole.entered is not None and self.hole.cause in OUTSIDE:
            return self.hole.entered.place
        if self.hole.place is not None:
            return self.hole.place
        return self.hole.trace[0].place if self.hole.trace else self.block.place

    @property
    def expression(self) -> str:
        """The value as it is written at its place."""
        if self.hole.entered is not None and self.hole.cause in OUTSIDE:
            return self.hole.entered.message
        return MANY if self.hole.expression.startswith(MANY) else self.hole.expression

    @property
    def trace(self) -> tuple[Step, ...]:
        """The hole's own steps and, last, the block it lands in."""
        steps = self.hole.trace
        last = self.block.place
        if last is None or (steps and steps[-1].place == last):
            return steps
        if self.piece < 0:
            return (*steps, Step(last, f"decides the order of the blocks of `{self.block.section.value}`, this one among them"))
        return (*steps, Step(last, f"lands in {describe(self.block)}"))
