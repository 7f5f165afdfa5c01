"""Models (pydantic and its relatives) and named tuples: methods that a project's class inherits from its library."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import calls, classes, expressions, known
from auditor.interp.library import collection, records, schemas, serial
from auditor.values.domain import Arguments, ClassValue, DictRef, Entry, EntryItem, ExternalObject, Instance, SetRef, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

DUMPED = frozenset({"model_dump", "dict", "to_dict"})
WRITTEN = frozenset({"model_dump_json", "json"})
COPIED = frozenset({"model_copy", "copy"})
OF_NAMED_TUPLES = frozenset({"_asdict", "_replace"})
SCHEMAS = frozenset({"model_json_schema", "schema", "schema_json"})
MADE = frozenset({"model_validate", "parse_obj", "from_orm", "model_construct", "model_validate_json", "parse_raw", "validate"})


def method(instance: Instance, name: str, base: str) -> Value | None:
    """A method that an instance has of the library class `base`; None where nothing is known of such a one."""
    if name in DUMPED | WRITTEN | COPIED | OF_NAMED_TUPLES:
        return ExternalObject("class:" + base, (name,), Arguments((instance,)), 0)
    return None


def call(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    owner = known.plain(value.arguments.positional[0]) if value.arguments and value.arguments.positional else None
    name = value.path[-1] if value.path else ""
    found: Value | None = None
    if isinstance(owner, Instance):
        found = _of_instance(machine, owner, name, arguments, node, frame)
    elif isinstance(owner, ClassValue):
        found = _of_class(machine, owner, name, arguments, node, frame)
    return found if found is not None else calls.unmodelled(machine, arguments, node, frame)


def _of_instance(machine: Machine, owner: Instance, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if name in DUMPED:
        return _dumped(machine, owner, arguments)
    if name in WRITTEN:
        return serial.dumps_text(machine, _dumped(machine, owner, arguments), arguments, node, frame, separators=(",", ":"))
    if name in COPIED:
        twin = collection.copied(machine, owner, False)
        changes = arguments.keyword("update")
        if isinstance(changes, DictRef) and isinstance(twin, Instance):
            for entry in machine.entries(changes).entries:
                if isinstance(entry, Entry) and (key := known.text_of(entry.key)):
                    machine.store.set(twin.address, key, entry.value)
        return twin
    if name == "_replace":
        return records.replaced(machine, owner, arguments.keywords, node, frame)
    return classes.attribute_dict(machine, owner) if name == "_asdict" else None


def _dumped(machine: Machine, owner: Instance, arguments: Arguments) -> DictRef:
    """The model as a mapping, as far as the call does not leave out fields."""
    whole = records.plain(machine, classes.attribute_dict(machine, owner))
    assert isinstance(whole, DictRef)
    content = machine.entries(whole)
    some, none = _names(machine, arguments.keyword("include")), _names(machine, arguments.keyword("exclude"))
    without_none = known.scalar(arguments.keyword("exclude_none"))[1] is True

    def stays(entry: EntryItem) -> bool:
        if not isinstance(entry, Entry):
            return True
        name = known.text_of(entry.key)
        if without_none and known.is_none(entry.value):
            return False
        return (some is None or name in some) and (none is None or name not in none)

    machine.set_entries(whole, [entry for entry in content.entries if stays(entry)], content.order)
    return whole


def _names(machine: Machine, value: Value | None) -> set[str] | None:
    if not isinstance(value, SetRef):
        return None
    return {name for item in machine.items(value).items if (name := known.text_of(item)) is not None}


def _of_class(machine: Machine, owner: ClassValue, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if name in SCHEMAS:
        if name == "model_json_schema" and not arguments.positional and not arguments.keywords:
            return schemas.of_model(machine, owner, node, frame)
        return schemas.unknown(machine, owner, node, frame)
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if name in MADE and isinstance(first, DictRef):
        pairs = [
            (known.text_of(entry.key) or "", entry.value)
            for entry in expressions.spread_entries(machine, first, node, frame)
            if isinstance(entry, Entry)
        ]
        return classes.instantiate(machine, owner, Arguments((), tuple(pairs)), node, frame)
    return None
