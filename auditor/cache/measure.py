"""Tokens of a request's parts: prefixes up to a spot, and what is shared or stable behind one."""

from __future__ import annotations

from collections import Counter as Multiset
from collections.abc import Hashable, Iterator

from auditor.cache.atoms import Atom, Form, Forms
from auditor.cache.divergence import Spot, common
from auditor.cache.outcome import TokenCount
from auditor.cache.tokens import UNKNOWN_BLOCK, Counter, Precision, total
from auditor.knowledge.facts import ModelFacts
from auditor.llm.request import Kind, Request, Section
from auditor.values.lifetime import Cause, Lifetime

STABLE = frozenset(lifetime for lifetime in Lifetime if Lifetime.CONSTANT <= lifetime <= Lifetime.SESSION)
GROWN = frozenset({Cause.HISTORY, Cause.RESPONSE})


class Measure:
    """Counts of one replay's requests at one precision."""

    def __init__(self, counter: Counter, facts: ModelFacts | None, forms: Forms, precision: Precision) -> None:
        self.counter = counter
        self.facts = facts
        self.forms = forms
        self.precision = precision
        self.family = facts.tokenizer if facts else "unknown"
        self._blocks: dict[int, tuple[Request, tuple[TokenCount, ...]]] = {}

    def blocks(self, request: Request) -> tuple[TokenCount, ...]:
        """Block by block, frame included."""
        held = self._blocks.get(id(request))
        if held is None:
            counts = self.counter.count_request(request, self.facts, self.precision)
            held = self._blocks[id(request)] = (request, counts)
        return held[1]

    def prefix(self, request: Request, end: int) -> TokenCount:
        """The first `end` blocks of the prefix."""
        counts = self.blocks(request)
        return total([counts[form.index] for form in self.forms.of(request)[:end]])

    def before(self, request: Request, spot: Spot) -> TokenCount:
        """Everything up to a spot."""
        forms = self.forms.of(request)
        if spot.block >= len(forms):
            return self.prefix(request, len(forms))
        count = self.prefix(request, spot.block)
        held = forms[spot.block].atoms
        parts = [self.atom(atom) for atom in held[: spot.atom]]
        if spot.atom < len(held) and spot.character:
            parts.append(self.string(held[spot.atom].text[: spot.character]))
        return total([count, *parts])

    def string(self, text: str) -> TokenCount:
        return self.counter.string(text, self.family, self.precision)

    def atom(self, atom: Atom) -> TokenCount:
        if atom.hole is None:
            return self.string(atom.text)
        return self.counter.hole(atom.hole, self.family, self.precision)

    def shared(self, before: Request, after: Request, spot: Spot, first: Request) -> tuple[TokenCount, TokenCount]:
        """What both requests hold behind a spot, and how much of that is no grown history.

        Where the spot lies in a block that is meant to differ, only its own message counts; elsewhere such blocks do not.
        """
        old, new = self.forms.of(before), self.forms.of(after)
        suffix = self._common_rest(old, new, spot)
        pool = Multiset(key(form, atom) for form, atom in behind(old, spot, bool(suffix)))
        fixed = {key(form, atom) for form in self.forms.of(first) if not form.block.per_request for atom in form.atoms}
        here = new[spot.block].block if spot.block < len(new) else None
        every: list[TokenCount] = [self.string(suffix)]
        static = list(every)
        for form, atom in behind(new, spot, bool(suffix)):
            if here is not None and here.per_request:
                if form.block.section is not here.section or form.block.message != here.message:
                    continue
            elif form.block.per_request:
                continue
            value = key(form, atom)
            if not pool[value]:
                continue
            pool[value] -= 1
            count = self._weight(form, atom)
            every.append(count)
            own = here is not None and here.per_request and atom.hole is None
            if own or (is_static(form, atom) and (form.block.section is not Section.MESSAGES or value in fixed)):
                static.append(count)
        return total(every), total(static)

    def _common_rest(self, old: tuple[Form, ...], new: tuple[Form, ...], spot: Spot) -> str:
        """Where literals differ: the characters that both have in common at their ends."""
        if spot.block >= min(len(old), len(new)):
            return ""
        one, two = old[spot.block].atoms, new[spot.block].atoms
        if spot.atom >= min(len(one), len(two)) or one[spot.atom].hole or two[spot.atom].hole:
            return ""
        left, right = one[spot.atom].text[spot.character :], two[spot.atom].text[spot.character :]
        length = common(left[::-1], right[::-1])
        return right[len(right) - length :]

    def _weight(self, form: Form, atom: Atom) -> TokenCount:
        """An atom's tokens; a block that is no text counts as what its kind usually costs."""
        if atom.hole is not None and len(form.atoms) == 1 and form.block.kind in UNKNOWN_BLOCK:
            return self.counter.count_block(form.block, self.facts, self.precision)
        return self.atom(atom)


def key(form: Form, atom: Atom) -> Hashable:
    return form.block.section, atom.value


def behind(forms: tuple[Form, ...], spot: Spot, inside: bool) -> Iterator[tuple[Form, Atom]]:
    """The atoms behind a spot. `inside`: the spot's own atom is counted elsewhere."""
    for form in forms[spot.block :]:
        start = 0
        if form is forms[spot.block]:
            start = spot.atom + (1 if inside else 0)
        for position in range(start, len(form.atoms)):
            atom = form.atoms[position]
            if form is forms[spot.block] and position == spot.atom and spot.character and atom.hole is None:
                atom = Atom(atom.text[spot.character :], None, atom.piece)
            yield form, atom


def is_static(form: Form, atom: Atom) -> bool:
    """Source text, or a value that stays at least a session; not what a conversation accumulates."""
    if form.block.kind is Kind.STRETCH:
        return False
    return atom.hole is None or (atom.hole.lifetime in STABLE and atom.hole.cause not in GROWN)


def prefix_tokens(request: Request, block: int, counter: Counter, facts: ModelFacts | None) -> TokenCount:
    """The prefix that ends with a block of a request (index into `Request.blocks`)."""
    return total(counter.count_request(request, facts)[: block + 1])


def stable_spot(forms: tuple[Form, ...], unknown_breaks: bool) -> Spot:
    """In a request of which there is only one: where what repeats would end."""
    for index, form in enumerate(forms):
        if form.block.per_request:
            return Spot(index)
        for position, atom in enumerate(form.atoms):
            if atom.hole is not None and (atom.hole.lifetime > Lifetime.SESSION or (unknown_breaks and atom.unsure)):
                return Spot(index, position)
    return Spot(len(forms))
