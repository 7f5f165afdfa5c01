"""Comparing two requests: where the later one first differs from the earlier one, and how sure that is.

Appending is growth, not difference. A hole of unknown lifetime may have stayed the same: what differs only by it differs
uncertainly, and the comparison goes on. Knows no tokens and no breakpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.cache.atoms import Atom, Form, Forms, atoms
from auditor.knowledge.facts import Invalidation, ModelFacts
from auditor.llm.request import Kind, Request
from auditor.values.lifetime import Lifetime
from auditor.values.text import EMPTY, Hole, Piece, Text

SECTIONS = ("tools", "system", "messages")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A position in a request: block among those of the prefix, atom of the block, character of a literal atom."""

    block: int
    atom: int = 0
    character: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two requests differ. The pieces are those that stand there, None past a text's end."""

    spot: Spot
    certain: bool
    piece: int
    hole: Hole | None
    before: Piece | None
    after: Piece | None
    lifetime: Lifetime
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two requests compared. `sure` blocks at the front are certainly equal, `maybe` blocks possibly."""

    sure: int
    maybe: int
    uncertain: Difference | None
    certain: Difference | None
    parameters: tuple[Difference, ...] = ()
    grown: int | None = None  # where a history of unknown length grew

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All of them, the first one first."""
        found = [item for item in (*self.parameters, self.uncertain, self.certain) if item is not None]
        return tuple(sorted(found, key=lambda item: item.spot))


def compare(before: Request, after: Request, forms: Forms, facts: ModelFacts | None) -> Pair:
    """Two requests, block by block and parameter by parameter."""
    pair = compare_blocks(forms.of(before), forms.of(after))
    parameters = tuple(changed_parameters(before, after, forms.of(after), facts))
    sure = min([pair.sure, *(item.spot.block for item in parameters)])
    maybe = min([pair.maybe, *(item.spot.block for item in parameters if item.certain)])
    return Pair(sure, maybe, pair.uncertain, pair.certain, parameters, pair.grown)


def compare_blocks(before: tuple[Form, ...], after: tuple[Form, ...]) -> Pair:
    """The blocks alone. A request that merely ends earlier than the one before it does not differ."""
    common = min(len(before), len(after))
    first: Difference | None = None
    for index in range(common):
        one, two = before[index], after[index]
        if one.key == two.key:
            continue
        if grows(one) and grows(two):
            sure = index if first is None else first.spot.block
            return Pair(sure, common, first, None, grown=index)
        for difference in block_differences(one, two, index):
            if difference.certain:
                sure = index if first is None else first.spot.block
                return Pair(sure, index, first, difference)
            first = first or difference
        if first is not None and Kind.STRETCH in (one.block.kind, two.block.kind) and one.block.kind is not two.block.kind:
            break  # what stands opposite to what is no longer known
    return Pair(common if first is None else first.spot.block, common, first, None)


def grows(form: Form) -> bool:
    """A stretch that grows by appending: its earlier blocks stay."""
    return form.block.kind is Kind.STRETCH and form.block.lifetime is Lifetime.TURN


def block_differences(one: Form, two: Form, index: int) -> Iterator[Difference]:
    """At most one uncertain difference, then at most one certain one."""
    old, new = one.block, two.block
    if (old.order and old.order.identity) != (new.order and new.order.identity):
        hole = new.order or old.order
        assert hole is not None
        certain = Lifetime.UNKNOWN not in {order.lifetime for order in (old.order, new.order) if order}
        pieces = (first(old.text), first(new.text))
        yield Difference(Spot(index), certain, 0, hole, *pieces, hole.lifetime)
        if certain:
            return
    if (old.section, old.role, old.kind) != (new.section, new.role, new.kind):
        unsure = (
            any(form.block.kind is Kind.STRETCH and form.block.lifetime is Lifetime.UNKNOWN for form in (one, two))
            and old.section is new.section
        )
        lifetime = max(old.lifetime, new.lifetime, Lifetime.CONSTANT)
        lifetime = Lifetime.CALL if lifetime is Lifetime.CONSTANT else lifetime
        hole = next((form.atoms[0].hole for form in (two, one) if len(form.atoms) == 1), None)
        yield Difference(Spot(index), not unsure, 0, hole, first(old.text), first(new.text), lifetime)
        return
    yield from text_differences(one.atoms, two.atoms, old.text, new.text, index)


def first(text: Text) -> Piece | None:
    return text.pieces[0] if text.pieces else None


def text_differences(one: tuple[Atom, ...], two: tuple[Atom, ...], before: Text, after: Text, index: int) -> Iterator[Difference]:
    """Two texts, atom by atom."""
    found = False
    for position in range(max(len(one), len(two))):
        old = one[position] if position < len(one) else None
        new = two[position] if position < len(two) else None
        if old is not None and new is not None and old.value == new.value:
            continue
        character = 0
        if old is not None and new is not None and old.hole is None and new.hole is None:
            character = common(old.text, new.text)
            # one literal ends within the other: what follows it stands opposite to the rest
            if character == len(old.text):
                old = one[position + 1] if position + 1 < len(one) else None
            elif character == len(new.text):
                new = two[position + 1] if position + 1 < len(two) else None
        certain = not any(atom is not None and atom.unsure for atom in (old, new))
        if certain or not found:
            yield difference(old, new, before, after, Spot(index, position, character), certain, two)
            found = True
        if certain or old is None or new is None or old.hole is None or new.hole is None:
            return


def difference(
    old: Atom | None, new: Atom | None, before: Text, after: Text, spot: Spot, certain: bool, two: tuple[Atom, ...]
) -> Difference:
    holes = [atom.hole for atom in (new, old) if atom is not None and atom.hole is not None]
    lifetime = max((hole.lifetime for hole in holes), default=Lifetime.CALL)
    where = piece_at(after, two[spot.atom], spot.character) if spot.atom < len(two) else len(after.pieces)
    earlier = None if old is None else before.pieces[old.piece]
    return Difference(
        spot, certain, where, holes[0] if holes else None, earlier, None if new is None else after.pieces[new.piece], lifetime
    )


def common(one: str, two: str) -> int:
    """How many characters two strings share at their fronts, by bisection: slices compare faster than loops."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def piece_at(text: Text, atom: Atom, character: int) -> int:
    """The index of the piece that holds a character of an atom."""
    index = atom.piece
    while atom.hole is None and index < len(text.pieces) - 1:
        length = len(getattr(text.pieces[index], "text", ""))
        if character < length:
            break
        character -= length
        index += 1
    return index


def changed_parameters(
    before: Request, after: Request, forms: tuple[Form, ...], facts: ModelFacts | None
) -> Iterator[Difference]:
    """Request parameters whose change costs a section, and where the first lost section begins."""
    if facts is None:
        return
    order = facts.caching.order
    for name in sorted({*before.params, *after.params, "model"} & set(facts.invalidation)):
        rule = facts.invalidation[name]
        old, new = parameter(before, rule), parameter(after, rule)
        changes = list(text_differences(atoms(old), atoms(new), old, new, 0))
        if not changes:
            continue
        change = changes[-1]
        for lost, sure in ((rule.model_specific, False), (rule.lost, change.certain)):
            start = section_start(forms, lost, order)
            if start is not None:
                yield Difference(Spot(start), sure, 0, change.hole, change.before, change.after, change.lifetime, name)


def parameter(request: Request, rule: Invalidation) -> Text:
    """What a request says of a parameter; where it says nothing, what that means."""
    given = request.model if rule.parameter == "model" else request.params.get(rule.parameter)
    return given or (Text.of(rule.default) if rule.default is not None else EMPTY)


def section_start(forms: tuple[Form, ...], lost: frozenset[str], order: tuple[str, ...]) -> int | None:
    """The first block of the first lost section or of one behind it; None where nothing is lost."""
    ranks = [order.index(section) for section in lost]
    if not ranks:
        return None
    return next((index for index, form in enumerate(forms) if order.index(form.block.section) >= min(ranks)), None)
