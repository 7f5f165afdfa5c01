"""Loops over names: `for kind in ("input", "output")`, with keys that are put together from them (`f"{kind}_tokens"`).

A loop over a written sequence or mapping of names is gone through name by name, since each one leads to another count; any other
loop is looked at once, with an element that stands for all. Knows values and the nodes of loops and texts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from auditor.accounting import sql
from auditor.accounting.arithmetic import Arithmetic
from auditor.accounting.facts import Reading
from auditor.accounting.forms import Amount, Answer, Code, Items, Query, Record, Value, Word, any_of
from auditor.accounting.program import dataclass_fields
from auditor.limits import FORMULA_TERMS, NAME_WALKS


class Walks(Arithmetic):
    """What loops get, in order, and what texts say that are put together."""

    _ways = 1  # names that the loops around go through, one with another

    def element(self, held: Value) -> Value:
        """What a loop over it gets."""
        match held:
            case Items():
                return any_of(held)
            case Answer():
                return replace(held, event=True)
            case Query(row=row):
                return row
            case Record():
                return self.flow.field(held, "*")
            case _:
                return None

    def named(self, held: Value) -> tuple[Value, ...] | None:
        """What a loop goes through one by one, where names or counts are in it; None where one element stands for all."""
        if isinstance(held, Record):
            held = Items(tuple(Word(name) for name, _ in self.rows(held) or ()))
        if not isinstance(held, Items) or held.many or not 0 < len(held.members) <= FORMULA_TERMS:
            return None
        if self._ways * len(held.members) > NAME_WALKS:
            return None
        within = (part for member in held.members for part in (member.members if isinstance(member, Items) else (member,)))
        return held.members if any(_tells(part) for part in within) else None

    @contextmanager
    def walking(self, members: Sequence[Value]) -> Iterator[None]:
        """Around a loop that is gone through name by name: those inside of it are gone through as often."""
        around = self._ways
        self._ways *= len(members)
        try:
            yield
        finally:
            self._ways = around

    def listed(self, elements: Sequence[ast.expr]) -> Items:
        """A written list or tuple; of something unknown that is spread in it, one element stands for all."""
        members: list[Value] = []
        many = False
        for element in elements:
            held = self.value(element)
            if not isinstance(element, ast.Starred):
                members.append(held)
            elif isinstance(held, Items) and not held.many:
                members.extend(held.members)
            else:
                many = True
                members.append(self.element(held))
        return Items((any_of(Items(tuple(members))),), True) if many else Items(tuple(members))

    def rows(self, record: Record) -> list[tuple[str, Value]] | None:
        """The entries of a dictionary all of whose keys are known, in the order in which they were seen."""
        if any(made.name for made in record.made):
            return None
        names = [name for name in dict.fromkeys(name for name, _ in self.flow.fields(record)) if not name.startswith("#")]
        return None if "*" in names else [(name, self.flow.field(record, name)) for name in names]

    def comprehended(self, generators: Sequence[ast.comprehension], make: Callable[[], Value]) -> Items:
        """What a comprehension makes: of each name its own, of anything else one that stands for all."""
        many = [False]
        made = tuple(make() for _ in self._generated(generators, many))[:FORMULA_TERMS]
        return Items((any_of(Items(made)),), True) if many[0] else Items(made)

    def _generated(self, generators: Sequence[ast.comprehension], many: list[bool]) -> Iterator[None]:
        """Goes through the names with the targets bound; tells in `many` whether one element had to stand for several."""
        if not generators:
            yield
            return
        first, *further = generators
        held = self.value(first.iter)
        each = self.named(held)
        many[0] |= each is None
        members = each if each is not None else (self.element(held),)
        with self.walking(members):
            for member in members:
                self.bind_element(first.target, member)
                for test in first.ifs:
                    self.value(test)
                yield from self._generated(further, many)

    def bind_element(self, target: ast.expr, held: Value) -> None:
        """Binds a loop's target. At a module's top level names would pile up in its variable: there they are local, too."""
        self.bind(target, held)
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        members = held.members if isinstance(held, Items) and isinstance(target, ast.Tuple) else (held,)
        if len(targets) == len(members):
            for each, member in zip(targets, members, strict=True):
                if isinstance(each, ast.Name) and isinstance(member, Word):
                    self.env[each.id] = member

    def nth(self, record: Record, index: int) -> Value:
        """A row's or a named tuple's field by its position."""
        held = self.flow.field(record, sql.position(index))
        cls = self.flow.program.class_of(Code(record.made[0].path, record.made[0].name)) if record.made[0].name else None
        names = dataclass_fields(cls) if held is None and cls is not None else []
        return self.flow.field(record, names[index]) if -len(names) <= index < len(names) else held

    def key(self, node: ast.expr) -> str | None:
        """The name that a subscript or an argument comes to. One that is put together leads to what is called so."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, bytes):
                return node.value.decode("utf-8", "replace")
            return node.value if isinstance(node.value, str) else None
        held = self.value(node)
        if not isinstance(held, Word) or held.text is None:
            return None
        self.unit.words |= {held.text}
        tables = self.flow.knowledge.cache_fields.get(held.text)
        if tables is not None:
            known = frozenset(table.provider for table in tables)
            self.facts.append(Reading(self.where(node), held.text, frozenset() if "" in known else known))
        return held.text

    def value(self, node: ast.expr | None) -> Value:
        raise NotImplementedError

    def bind(self, target: ast.expr, held: Value) -> None:
        raise NotImplementedError


def _tells(part: Value) -> bool:
    return (isinstance(part, Word) and part.text is not None) or (isinstance(part, Amount) and part.counted)


def spelled(parts: Sequence[Value]) -> Word | None:
    """The text that several known ones make in a row."""
    texts = [part.text for part in parts if isinstance(part, Word)]
    known = [text for text in texts if text is not None]
    return Word("".join(known)) if len(known) == len(parts) else None
