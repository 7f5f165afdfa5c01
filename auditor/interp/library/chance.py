"""Random choice and order: `random`, generators of their own, seeds, rows of a table.

A generator that is made with a fixed seed for each request draws the same every time; one that is made once goes on where it
stopped. Knows Python's `random` and NumPy's generators. What is drawn is known content, in an order and choice that are not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import objects
from auditor.values.domain import NONE, Arguments, External, ExternalObject, Hole, ListRef, Spread, Text, Value, const
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

GENERATORS = frozenset({"random.Random", "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator"})
TABLE = "pandas.DataFrame"
READERS = ("read_csv", "read_excel", "read_json", "read_parquet", "read_table", "DataFrame")
DRAWN = "#drawn"  # how often a generator was drawn from
SHUFFLED = "shuffled"  # the type of a hole that stands for all of known content in a random order
CURRENT = "#generator"  # the generator behind a module's functions, once it was seeded


def generator(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> ExternalObject:
    """A new generator."""
    made = ExternalObject(name, (), arguments, machine.serial(), machine.place(node, frame))
    born = None if machine.loading else (machine.epoch, id(frame), frame.repeating)
    machine.cache["generator", made.identity] = born
    return made


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`rng.sample(...)`, `rng.shuffle(...)`, `rng.seed(...)`."""
    if value.cls == TABLE and value.path == ("sample",):
        return _rows(machine, arguments, node, frame)
    if value.cls not in GENERATORS or len(value.path) != 1:
        return None
    name = value.path[0]
    if name == "seed":
        return None  # from here on it is another generator; nothing is known of it
    return _draw(machine, ExternalObject(value.cls, (), value.arguments, value.identity), name, arguments, node, frame)


def _rows(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`frame.sample(5)`: other rows each time, unless it is told where to start."""
    seed = arguments.keyword("random_state")
    return machine.hole(node, frame, Lifetime.CALL, Cause.SHUFFLE) if seed is None or known.is_none(seed) else None


def _table(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return ExternalObject(TABLE, (), arguments, machine.serial(), machine.place(node, frame))


def _draw(
    machine: Machine, source: ExternalObject | None, name: str, arguments: Arguments, node: ast.AST, frame: Frame
) -> Value | None:
    """What one of a generator's methods gives; `source` is None for a generator that nobody seeded."""
    if name not in ("sample", "choices", "choice", "permutation", "permuted", "shuffle"):
        return _number(machine, source, name, arguments, node, frame)
    first = known.plain(arguments.positional[0]) if arguments.positional else arguments.keyword("population")
    # Of an alphabet nothing is shuffled that anybody wrote: a word is made up.
    letters = isinstance(first, Text) or (isinstance(first, External) and first.name.startswith("string."))
    cause = Cause.RANDOM if letters and name != "choice" else Cause.SHUFFLE
    hole = _hole(machine, source, name, arguments, cause, node, frame)
    if name == "shuffle":
        if isinstance(first, ListRef):
            machine.set_items(first, machine.items(first).items, replace(hole, type=SHUFFLED))
        return NONE
    several = name != "choice" or len(arguments.positional) > 1 or arguments.keyword("size") is not None
    if first is None or not several or known.int_of(first) is not None:
        return hole
    return machine.new_list([Spread(hole, machine.iterate(first, node, frame).items)], None)


def _number(
    machine: Machine, source: ExternalObject | None, name: str, arguments: Arguments, node: ast.AST, frame: Frame
) -> Value | None:
    hole = None if source is None else _hole(machine, source, name, arguments, Cause.RANDOM, node, frame)
    largest = max((abs(bound) for item in arguments.positional if (bound := known.int_of(item)) is not None), default=None)
    if name not in {"randint", "randrange"} or largest is None:
        return hole
    hole = hole or machine.hole(node, frame, Lifetime.CALL, Cause.RANDOM)
    return replace(hole, characters=(1, len(str(largest))))


def _hole(
    machine: Machine,
    source: ExternalObject | None,
    name: str,
    arguments: Arguments,
    cause: Cause,
    node: ast.AST,
    frame: Frame,
) -> Hole:
    """What is drawn: the same again where a new generator with the same seed is asked for the same in the same place."""
    seed = _seed(source)
    born = machine.cache.get(("generator", source.identity)) if source is not None else None
    if source is None or seed is None or not isinstance(born, tuple) or born[0] != machine.epoch:
        return machine.hole(node, frame, Lifetime.CALL, cause)
    count = known.int_of(objects.hung(machine, source, DRAWN)) or 0
    objects.put(machine, source, DRAWN, const(count + 1))
    pool = [machine.items(item).items if isinstance(item, ListRef) else item for item in arguments.positional]
    identity = ("seeded", seed, count, name, tuple(pool), arguments.keywords)
    own = born[1] == id(frame) and born[2] == frame.repeating
    return machine.hole(node, frame, Lifetime.CONSTANT if own else Lifetime.CALL, cause, identity=identity)


def _seed(source: ExternalObject | None) -> Value | None:
    if source is None or source.arguments is None:
        return None
    given = source.arguments.get(0, "seed") or source.arguments.get(0, "x")
    return given if given is not None and not known.is_none(given) and known.scalar(given)[0] else None


# The modules' own generators


def _module(machine: Machine, name: str) -> ExternalObject:
    held = machine.cache.setdefault(("module generator", name), ExternalObject(name, (), None, machine.serial()))
    assert isinstance(held, ExternalObject)
    return held


def _seeds(name: str, cls: str) -> Callable[[Machine, Arguments, ast.AST, Frame], Value | None]:
    def seed(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        objects.put(machine, _module(machine, name), CURRENT, generator(machine, cls, arguments, node, frame))
        return NONE

    return seed


def _function(module: str, name: str) -> Callable[[Machine, Arguments, ast.AST, Frame], Value | None]:
    def function(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        source = objects.hung(machine, _module(machine, module), CURRENT)
        return _draw(machine, source if isinstance(source, ExternalObject) else None, name, arguments, node, frame)

    return function


def _makes(name: str) -> Callable[[Machine, Arguments, ast.AST, Frame], Value | None]:
    def make(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        return generator(machine, name, arguments, node, frame)

    return make


OVERLAYS: dict[str, Callable[[Machine, Arguments, ast.AST, Frame], Value | None]] = {
    **{name: _makes(name) for name in GENERATORS},
    **{
        f"random.{name}": _function("random", name)
        for name in ("sample", "choices", "choice", "shuffle", "random", "randint", "randrange")
    },
    **{f"numpy.random.{name}": _function("numpy.random", name) for name in ("choice", "permutation", "shuffle")},
    **{f"pandas.{name}": _table for name in READERS},
    "random.seed": _seeds("random", "random.Random"),
    "numpy.random.seed": _seeds("numpy.random", "numpy.random.RandomState"),
}
