"""Python's builtins over abstract values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import formats, known, strings, textmethods, trimming
from auditor.interp.library import listings, streams
from auditor.values.domain import (
    FALSE,
    NONE,
    TRUE,
    AltItems,
    Arguments,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    Item,
    Items,
    ListRef,
    Method,
    ModuleValue,
    Partial,
    SetRef,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _first(arguments: Arguments) -> Value | None:
    return known.plain(arguments.positional[0]) if arguments.positional else None


def _str(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    return Text() if first is None else machine.to_text(first, _argument(node), frame)


def _argument(node: ast.AST) -> ast.AST:
    return node.args[0] if isinstance(node, ast.Call) and node.args else node


def _repr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    return None if first is None else strings.repr_text(machine, first, node, frame)


def _format(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    return None if first is None else formats.formatted(machine, first, -1, arguments.get(1, "format_spec"), node, frame)


def _length(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    value = _first(arguments)
    match value:
        case Text() if value.known is not None:
            return const(len(value.known))
        case ListRef() | TupleValue() | SetRef() if all(
            known.plain(item) is not None for item in trimming.unmarked(machine.items(value).items)
        ):
            return const(len(trimming.unmarked(machine.items(value).items)))
        case DictRef() if all(isinstance(entry, Entry) for entry in machine.entries(value).entries):
            return const(len(machine.entries(value).entries))
        case ListRef() | TupleValue() | SetRef():
            holes = [hole for item in machine.items(value).items for hole in holes_of(item)]
            return machine.derived(
                holes, node, frame, identity=("len", machine.items(value).items), reason=None, characters=(1, 8)
            )
        case None:
            return None
        case _:
            return machine.derived(
                holes_of(value), node, frame, identity=("len", value), reason=Reason.UNSUPPORTED, characters=(1, 8)
            )


def _range(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    numbers = [known.int_of(known.plain(item)) for item in arguments.positional]
    if numbers and all(number is not None for number in numbers):
        try:
            values = range(*[number for number in numbers if number is not None])
        except ValueError:
            return None
        return TupleValue(tuple(const(number) for number in values[: machine.limits.iterations]))
    holes = [hole for item in arguments.positional for hole in holes_of(item)]
    stretch = machine.derived(holes, node, frame, reason=Reason.UNSUPPORTED)
    element = machine.hole(node, frame, Lifetime.CONSTANT, Cause.LOOP, identity=("index", stretch.identity), characters=(1, 8))
    return TupleValue((Spread(stretch, (element,)),))


def _enumerate(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    start = known.int_of(arguments.get(1, "start")) or 0
    out: list[Item] = []
    exact = True
    for index, item in enumerate(content.items):
        if isinstance(item, Spread):
            exact = False
            counter = machine.hole(
                node,
                frame,
                Lifetime.CONSTANT,
                Cause.LOOP,
                identity=("index", item.hole.identity),
                expression="index",
                characters=(1, 8),
            )
            out.append(
                Spread(
                    item.hole,
                    tuple(
                        TupleValue((counter, element))
                        for element in item.elements or (item.hole,)
                        if not isinstance(element, Spread | AltItems)
                    ),
                )
            )
        elif isinstance(item, AltItems):
            exact = False
            out.append(
                AltItems(
                    item.condition,
                    tuple(TupleValue((const(start + index), one)) for one in item.then if known.plain(one) is not None),
                    tuple(TupleValue((const(start + index), one)) for one in item.otherwise if known.plain(one) is not None),
                )
            )
        else:
            number: Value = (
                const(start + index)
                if exact
                else machine.hole(
                    node, frame, Lifetime.CONSTANT, Cause.LOOP, identity=("index", id(node), index), characters=(1, 8)
                )
            )
            out.append(TupleValue((number, item)))
    return TupleValue(tuple(out), content.order)


def _zip(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    columns = [machine.iterate(value, node, frame) for item in arguments.positional if (value := known.plain(item)) is not None]
    if columns and all(known.plain(item) is not None for column in columns for item in column.items):
        rows = zip(*(column.items for column in columns), strict=False)
        return TupleValue(
            tuple(TupleValue(tuple(row)) for row in rows), next((column.order for column in columns if column.order), None)
        )
    holes = [hole for column in columns for item in column.items for hole in holes_of(item)]
    stretch = machine.derived(holes, node, frame, reason=Reason.UNSUPPORTED)
    row: list[Item] = []
    for column in columns:
        item = column.items[0] if column.items else None
        value = known.plain(item) if item is not None else None
        if value is None and isinstance(item, Spread) and item.elements:
            value = known.plain(item.elements[0])
        row.append(value if value is not None else stretch)
    return TupleValue((Spread(stretch, (TupleValue(tuple(row)),)),))


def ordered(machine: Machine, content: Items, arguments: Arguments, node: ast.AST, frame: Frame) -> Items:
    """`sorted(content)`: the order is fixed afterwards, whatever it was before."""
    items = list(content.items)
    reverse = known.scalar(arguments.keyword("reverse"))[1] is True
    key = arguments.keyword("key")
    plain = [known.plain(item) for item in items]
    if key is None or isinstance(key, Const):
        keys = [listings.sort_key(machine, item) for item in plain]
    else:
        keys = [
            known.scalar(machine.call(key, Arguments((item,)), node, frame)) if item is not None else (False, None)
            for item in plain
        ]
    if not all(found for found, _ in keys):
        # Pairs sort by their first part where that settles it: `sorted(mapping.items())`.
        heads = [known.scalar(item.items[0]) if isinstance(item, TupleValue) and item.items else (False, None) for item in plain]
        if all(found for found, _ in heads) and len({repr(raw) for _, raw in heads}) == len(heads):
            keys = heads
    if all(found for found, _ in keys):
        try:
            order = sorted(range(len(items)), key=lambda index: keys[index][1], reverse=reverse)  # type: ignore[arg-type, return-value]
            return Items(tuple(items[index] for index in order))
        except TypeError:
            pass
    cleaned: list[Item] = []
    for item in items:
        if isinstance(item, Spread) and item.hole.cause in (Cause.LISTING_ORDER, Cause.SET_ORDER, Cause.CONCURRENCY):
            # only the order varied: sorted, the content of a folder lives as long as the deployment
            hole = machine.hole(
                node, frame, Lifetime.DEPLOY, Cause.FILE, identity=("sorted", item.hole.identity), type=item.hole.type
            )
            cleaned.append(
                Spread(hole, (hole,) if len(item.elements) == 1 and isinstance(item.elements[0], Hole) else item.elements)
            )
        else:
            cleaned.append(item)
    return Items(tuple(cleaned))


def _sorted(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    return (
        None
        if first is None
        else machine.new_list(ordered(machine, machine.iterate(first, node, frame), arguments, node, frame).items)
    )


def _list(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    if first is None:
        return machine.new_list()
    content = machine.iterate(first, node, frame)
    return machine.new_list(content.items, content.order)


def _tuple(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    if first is None:
        return TupleValue(())
    content = machine.iterate(first, node, frame)
    return TupleValue(content.items, content.order)


def _set(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import containers

    first = _first(arguments)
    return machine.new_set(containers.distinct(machine.iterate(first, node, frame).items) if first is not None else ())


def _dict(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import containers, expressions

    reference = machine.new_dict()
    first = _first(arguments)
    if isinstance(first, DictRef | Hole | Choice):
        containers.update(machine, reference, expressions.spread_entries(machine, first, node, frame))
    elif first is not None:
        for item in machine.iterate(first, node, frame).items:
            if isinstance(item, TupleValue) and len(item.items) == 2:
                key, value = (known.plain(part) for part in item.items)
                if key is not None and value is not None:
                    containers.set_entry(machine, reference, key, value)
            else:
                from auditor.values.domain import SpreadEntries

                holes = holes_of(item)
                containers.update(
                    machine, reference, [SpreadEntries(machine.derived(holes, node, frame, reason=Reason.UNSUPPORTED))]
                )
    containers.update(machine, reference, [Entry(Text.of(name), value) for name, value in arguments.keywords])
    containers.update(machine, reference, arguments.unknown_keywords)
    return reference


def _reversed(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    return TupleValue(tuple(reversed(content.items)), content.order)


def _map(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if len(arguments.positional) != 2:
        return None
    function, iterable = (known.plain(item) for item in arguments.positional)
    if function is None or iterable is None:
        return None
    content = machine.iterate(iterable, node, frame)
    return TupleValue(
        tuple(_mapped(machine, function, item, node, frame) for item in content.items[: machine.limits.iterations]), content.order
    )


def _mapped(machine: Machine, function: Value, item: Item, node: ast.AST, frame: Frame) -> Item:
    match item:
        case Spread(hole, elements):
            produced = tuple(_mapped(machine, function, element, node, frame) for element in elements or (hole,))
            holes = [hole, *(inner for one in produced for inner in holes_of(one))]
            return Spread(machine.derived(holes, node, frame), produced)
        case AltItems(condition, then, otherwise):
            return AltItems(
                condition,
                tuple(_mapped(machine, function, one, node, frame) for one in then),
                tuple(_mapped(machine, function, one, node, frame) for one in otherwise),
            )
        case _:
            return machine.call(function, Arguments((item,)), node, frame)


def _filter(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if len(arguments.positional) != 2:
        return None
    function, iterable = (known.plain(item) for item in arguments.positional)
    if function is None or iterable is None:
        return None
    content = machine.iterate(iterable, node, frame)
    out: list[Item] = []
    for item in content.items:
        value = known.plain(item)
        if value is None:
            out.append(item)
            continue
        decided = machine.truth(value if known.is_none(function) else machine.call(function, Arguments((value,)), node, frame))
        if isinstance(decided, bool):
            if decided:
                out.append(item)
        else:
            condition, outcome = decided
            out.append(AltItems(condition, (item,), ()) if outcome else AltItems(condition, (), (item,)))
    return TupleValue(tuple(out), content.order)


def is_instance(machine: Machine, value: Value, cls: Value) -> bool | None:
    """`isinstance(value, cls)`; None where that is not known."""
    from auditor.interp import classes

    value, cls = decide(value, machine.assumptions), decide(cls, machine.assumptions)
    if isinstance(cls, TupleValue):
        answers = [is_instance(machine, value, item) for item in cls.items if known.plain(item) is not None]  # type: ignore[arg-type]
        return True if True in answers else None if None in answers else False
    if isinstance(value, Hole | Choice) or (isinstance(value, ExternalObject) and isinstance(cls, External)):
        if isinstance(value, ExternalObject) and isinstance(cls, External) and value.cls == cls.name and not value.path:
            return True
        return None
    match cls:
        case External(name):
            kinds = BUILTIN_KINDS.get(name.rsplit(".", 1)[-1])
            if kinds is None:
                return False if isinstance(value, Text | Const | ListRef | DictRef | TupleValue) else None
            if isinstance(value, Const):
                return value.kind in kinds[1] or (value.kind == "bool" and "int" in kinds[1])
            return isinstance(value, kinds[0])
        case ClassValue():
            if isinstance(value, Instance):
                return cls in classes.mro(machine, value.cls)
            return False
        case _:
            return None


BUILTIN_KINDS: dict[str, tuple[tuple[type, ...], frozenset[str]]] = {
    "str": ((Text,), frozenset()),
    "list": ((ListRef,), frozenset()),
    "dict": ((DictRef,), frozenset()),
    "Mapping": ((DictRef,), frozenset()),
    "Sequence": ((ListRef, TupleValue, Text), frozenset()),
    "Iterable": ((ListRef, TupleValue, Text, DictRef, SetRef), frozenset()),
    "tuple": ((TupleValue,), frozenset()),
    "set": ((SetRef,), frozenset()),
    "frozenset": ((SetRef,), frozenset()),
    "int": ((), frozenset({"int"})),
    "float": ((), frozenset({"float"})),
    "bool": ((), frozenset({"bool"})),
    "bytes": ((), frozenset({"bytes"})),
    "BaseModel": ((Instance,), frozenset()),
    "Callable": ((FunctionValue, BoundMethod, Partial, Method), frozenset()),
    "object": ((object,), frozenset()),
}


def _isinstance(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    value, cls = _first(arguments), arguments.get(1, "class")
    if value is None or cls is None:
        return None
    answer = is_instance(machine, value, cls)
    if answer is not None:
        return const(answer)
    name = cls.name if isinstance(cls, External | ClassValue) else "?"
    holes = holes_of(value)
    identity: object = ("isinstance", value, name) if _is_hashable(value) else None
    return machine.derived(holes, node, frame, identity=identity, reason=None if holes else Reason.UNSUPPORTED)


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _getattr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    receiver, name = _first(arguments), known.text_of(arguments.get(1, "name"))
    if receiver is None or name is None:
        return None
    value = machine.attribute(receiver, name, node, frame)
    default = arguments.get(2, "default")
    if (
        isinstance(value, Hole)
        and value.reason is Reason.MISSING
        and default is not None
        and isinstance(receiver, Instance | ClassValue | ModuleValue | Text | Const)
    ):
        return default
    if isinstance(value, Method) and default is not None and not hasattr(_sample(value.receiver), name):
        return default
    return value


def _sample(value: Value) -> object:
    match value:
        case Text():
            return ""
        case ListRef():
            return []
        case DictRef():
            return {}
        case SetRef():
            return set()
        case TupleValue():
            return ()
        case Const(raw):
            return raw
        case _:
            return None


def _hasattr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    receiver, name = _first(arguments), known.text_of(arguments.get(1, "name"))
    if receiver is None or name is None:
        return None
    if isinstance(receiver, Text | ListRef | DictRef | SetRef | TupleValue | Const):
        return const(hasattr(_sample(receiver), name))
    value = machine.attribute(receiver, name, node, frame)
    if isinstance(receiver, Instance | ClassValue | ModuleValue):
        return const(not (isinstance(value, Hole) and value.reason is Reason.MISSING))
    return machine.derived(
        holes_of(receiver),
        node,
        frame,
        identity=("hasattr", receiver, name) if _is_hashable(receiver) else None,
        reason=Reason.UNSUPPORTED,
    )


def _setattr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import attributes

    receiver, name, value = _first(arguments), known.text_of(arguments.get(1, "name")), arguments.get(2, "value")
    if receiver is not None and name is not None and value is not None:
        attributes.put(machine, receiver, name, value, node, frame)
    return NONE


def _callable(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    match _first(arguments):
        case FunctionValue() | BoundMethod() | ClassValue() | Partial() | Method():
            return TRUE
        case Text() | Const() | ListRef() | DictRef():
            return FALSE
        case _:
            return None


def _type(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    match _first(arguments):
        case Instance(_, cls):
            return cls
        case ExternalObject(cls, ()):
            return External(cls)
        case Text():
            return External("builtins.str")
        case ListRef():
            return External("builtins.list")
        case DictRef():
            return External("builtins.dict")
        case _:
            return None


def _next(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = _first(arguments)
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    default = arguments.get(1, "default")
    return _first_of(machine, list(content.items), default, node, frame)


def _first_of(machine: Machine, items: list[Item], default: Value | None, node: ast.AST, frame: Frame) -> Value:
    for index, item in enumerate(items):
        if isinstance(item, AltItems):
            rest = items[index + 1 :]
            return Choice(
                item.condition,
                _first_of(machine, [*item.then, *rest], default, node, frame),
                _first_of(machine, [*item.otherwise, *rest], default, node, frame),
            )
        if isinstance(item, Spread):
            value = known.plain(item.elements[0]) if item.elements else item.hole
            return value if value is not None else item.hole
        return item
    return default if default is not None else machine.unknown(Reason.MISSING, node, frame)


def _super(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.values.domain import Super

    cls, receiver = _first(arguments), arguments.get(1, "object")
    return Super(cls, receiver) if isinstance(cls, ClassValue) and receiver is not None else None


def _number(kind: Callable[[object], object]) -> Overlay:
    def convert(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = _first(arguments)
        if first is None:
            return const(kind(0)) if not arguments.positional else None
        found, raw = known.scalar(first)
        if found:
            try:
                return const(kind(raw))
            except (TypeError, ValueError, OverflowError):
                return None
        return machine.derived(
            holes_of(first),
            node,
            frame,
            identity=(getattr(kind, "__name__", "number"), first) if _is_hashable(first) else None,
            reason=Reason.UNSUPPORTED,
            characters=(1, 20),
        )

    return convert


def _bool(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import tests

    first = _first(arguments)
    if first is None:
        return FALSE
    decided = machine.truth(first)
    return const(decided) if isinstance(decided, bool) else tests.as_value(machine, *decided, node, frame)


def _quantified(every: bool) -> Overlay:
    def quantified(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = _first(arguments)
        if first is None:
            return None
        answers = []
        content = machine.iterate(first, node, frame)
        for item in content.items:
            value = known.plain(item)
            decided = machine.truth(value) if value is not None else None
            answers.append(decided if isinstance(decided, bool) else None)
        if every:
            return FALSE if False in answers else TRUE if None not in answers else None
        return TRUE if True in answers else FALSE if None not in answers else None

    return quantified


def _extreme(function: Callable[[list[object]], object]) -> Overlay:
    def extreme(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        items = arguments.positional
        if len(items) == 1 and (first := known.plain(items[0])) is not None:
            items = machine.iterate(first, node, frame).items
        values = [known.scalar(known.plain(item)) for item in items]
        if values and all(found for found, _ in values) and not arguments.keywords:
            try:
                return textmethods.wrap(machine, function([raw for _, raw in values]))
            except TypeError:
                return None
        return machine.derived([hole for item in items for hole in holes_of(item)], node, frame, reason=Reason.UNSUPPORTED)

    return extreme


def _nothing(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return NONE


def _print(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`print(..., file=buffer)` adds to the buffer; any other is of no interest."""
    target = arguments.keyword("file")
    if target is not None:
        separator, end = arguments.keyword("sep"), arguments.keyword("end")
        glue = separator if isinstance(separator, Text) else Text.of(" ")
        written = strings.join(machine, glue, TupleValue(arguments.positional), node, frame)
        streams.write(machine, target, machine.text(written, end if isinstance(end, Text) else "\n"), node, frame)
    return NONE


def _vars(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import classes

    first = _first(arguments)
    if isinstance(first, ExternalObject):
        from auditor.interp.library import commandline

        return commandline.as_mapping(machine, first)
    return classes.attribute_dict(machine, first) if isinstance(first, Instance) else None


def _globals(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    address = frame.scopes[-1]
    entries = []
    for name in machine.store.keys(address):
        value = machine.store.get(address, name)
        if value is not None:
            entries.append(Entry(Text.of(name), value))  # type: ignore[arg-type]
    return machine.new_dict(entries)


def _new_object(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`super().__new__(cls)`."""
    first = _first(arguments)
    return Instance(machine.store.allocate(), first) if isinstance(first, ClassValue) else None


def _subclasses(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`cls.__subclasses__()`: those that are defined by now, in the order of their definition."""
    from auditor.interp import classes

    first = _first(arguments)
    found = machine.store.get(first.address, classes.SUBCLASSES) if isinstance(first, ClassValue) else None
    return machine.new_list(found.items if isinstance(found, TupleValue) else ())


def _auto(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return machine.hole(node, frame, Lifetime.CONSTANT, type="enum.auto")


OVERLAYS: dict[str, Overlay] = {
    "builtins.object.__new__": _new_object,
    "auditor.subclasses": _subclasses,
    "enum.auto": _auto,
    "builtins.str": _str,
    "builtins.repr": _repr,
    "builtins.format": _format,
    "builtins.len": _length,
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.sorted": _sorted,
    "builtins.list": _list,
    "builtins.tuple": _tuple,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.reversed": _reversed,
    "builtins.iter": _tuple,
    "builtins.aiter": _tuple,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.isinstance": _isinstance,
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    "builtins.setattr": _setattr,
    "builtins.callable": _callable,
    "builtins.type": _type,
    "builtins.next": _next,
    "builtins.anext": _next,
    "builtins.super": _super,
    "builtins.int": _number(int),  # type: ignore[arg-type]
    "builtins.float": _number(float),  # type: ignore[arg-type]
    "builtins.abs": _number(abs),  # type: ignore[arg-type]
    "builtins.bool": _bool,
    "builtins.all": _quantified(True),
    "builtins.any": _quantified(False),
    "builtins.min": _extreme(min),  # type: ignore[arg-type]
    "builtins.max": _extreme(max),  # type: ignore[arg-type]
    "builtins.sum": _extreme(lambda values: sum(values)),  # type: ignore[arg-type]
    "builtins.print": _print,
    "builtins.exit": _nothing,
    "builtins.vars": _vars,
    "builtins.globals": _globals,
}
