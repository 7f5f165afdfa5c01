"""What the fields of usage objects count, by the tables of usage, and what a name says where nothing else is known."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from auditor.accounting.forms import Amount, Quantity, Usage, Value, count
from auditor.accounting.walks import Walks
from auditor.knowledge.usage import Nullable, UsageTable
from auditor.values.lifetime import Evidence


class Fields(Walks):
    """Counts by the names of fields."""

    def of_usage(self, owner: Usage, name: str, node: ast.AST) -> Value:
        """A field of a usage object, or an object nested in it."""
        knowledge = self.flow.knowledge
        own = self.flow.field(owner.kept, name) if owner.kept is not None and not owner.path else None
        if isinstance(own, Amount) and own.counted:
            return own.mapped(least=Evidence.USAGE)
        if owner.kept is not None and not self.flow.guess:
            return None
        path = f"{owner.path}.{name}" if owner.path else name
        tables = self._tables(owner)
        fields = [(table, table.fields[path]) for table in tables if path in table.fields]
        if fields:
            kinds = {field.kind for _, field in fields}
            nullable = Nullable.NEVER if owner.plain else max((field.nullable for _, field in fields), key=list(Nullable).index)
            table, field = fields[0]
            if len(kinds) == 1:
                only = self._told_by(name, [found for found, _ in fields], owner.table is not None)
                place, calls = self.place(node), owner.calls
                return count(Quantity(field.kind, name, only, place, owner.evidence, nullable, ttl=field.ttl, calls=calls))
        if any(path in table.nested for table in tables):
            known = [table.name for table in tables if path in table.nested]
            return replace(owner, table=known[0] if len(known) == 1 else owner.table, path=path)
        if name in knowledge.dumps:
            return replace(owner, plain=True)
        # Not this object's own field: another API's behind the same code, or a nested one that was lifted.
        for table in knowledge.tables.values():
            lifted = table.by_last_name(name)
            if lifted is not None:
                return count(Quantity(lifted.kind, name, None, self.place(node), owner.evidence, calls=owner.calls))
        return None

    def _told_by(self, name: str, tables: Sequence[UsageTable], known: bool) -> str | None:
        """The table that a field's name tells of: not by a name that programs give to their own counts as well."""
        if len(tables) != 1 or (not known and not tables[0].provider and name in self.flow.knowledge.names):
            return None
        return tables[0].name

    def _tables(self, owner: Usage) -> list[UsageTable]:
        tables = self.flow.knowledge.tables
        return [tables[owner.table]] if owner.table is not None else list(tables.values())

    def by_name(self, name: str, node: ast.AST | None, evidence: Evidence) -> Value:
        """What a name alone says; only once everything that flows has been followed."""
        if not self.flow.guess:
            return None
        kind = self.flow.knowledge.names.get(name)
        if kind is None:
            return None
        tables = self.flow.knowledge.having(name)
        table = self._told_by(name, tables, known=False)
        place = self.place(node) if node is not None else self.place(self.unit.node)
        return count(Quantity(kind, name, table, place, evidence if tables else Evidence.NAME))
