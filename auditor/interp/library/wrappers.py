"""Functions that call functions: `functools`, `asyncio`, executors, retry helpers, and decorators of libraries."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import concurrency, known
from auditor.interp.library import configs
from auditor.values.domain import (
    NONE,
    Arguments,
    ClassValue,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Item,
    Partial,
    Value,
)

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _same(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Gives back what it got: `asyncio.run`, `create_task`, `cast`, a URL's text."""
    return arguments.get(0)


def _second(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return known.plain(arguments.positional[1]) if len(arguments.positional) > 1 else None


def _partial(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    return (
        None
        if first is None
        else Partial(first, Arguments(arguments.positional[1:], arguments.keywords, arguments.unknown_keywords))
    )


def _apply(skip: int) -> Overlay:
    """Calls its argument with the arguments behind it: `asyncio.to_thread(f, x)`, `loop.run_in_executor(None, f, x)`."""

    def apply(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        if len(arguments.positional) <= skip:
            return None
        function = known.plain(arguments.positional[skip])
        if function is None:
            return None
        return machine.call(
            function, Arguments(arguments.positional[skip + 1 :], arguments.keywords, arguments.unknown_keywords), node, frame
        )

    return apply


def _gather(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return machine.new_list(arguments.positional)


def _thread(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`Thread(target=f, args=(...))`: what it runs is run here and now."""
    target = arguments.keyword("target")
    if target is None:
        return None
    machine.call(target, handed(machine, arguments, node, frame), node, frame)
    return ExternalObject("threading.Thread", (), None, machine.serial())


def handed(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Arguments:
    """What a function that is handed over will be called with: `args=[...], kwargs={...}`."""
    given = arguments.keyword("args")
    items: tuple[Item, ...] = machine.iterate(given, node, frame).items if given is not None else ()
    named = arguments.keyword("kwargs")
    from auditor.interp import expressions
    from auditor.values.domain import Entry

    entries = expressions.spread_entries(machine, named, node, frame) if named is not None else ()
    keywords = tuple((known.text_of(entry.key) or "", entry.value) for entry in entries if isinstance(entry, Entry))
    return Arguments(items, keywords)


def _reduce(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if len(arguments.positional) < 2:
        return None
    function, iterable = (known.plain(item) for item in arguments.positional[:2])
    if function is None or iterable is None:
        return None
    items = list(machine.iterate(iterable, node, frame).items)
    if len(arguments.positional) > 2:
        items.insert(0, arguments.positional[2])
    plain = [known.plain(item) for item in items]
    if not plain or any(item is None for item in plain) or len(plain) > machine.limits.iterations:
        return None
    value = plain[0]
    assert value is not None
    for item in plain[1:]:
        assert item is not None
        value = machine.call(function, Arguments((value, item)), node, frame)
    return value


EXECUTOR_METHODS = {
    "submit": 0,
    "run_in_executor": 1,
    "to_thread": 0,
    "run_sync": 0,
    "call_soon": 0,
    "add_task": 0,
    "apply_async": 0,
    "async_add_executor_job": 0,  # Home Assistant
}


STARTING = frozenset({"submit", "apply_async"})
"""Methods behind which nobody waits."""


def executor_method(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method that runs a function handed to it, whatever object it belongs to."""
    if name in EXECUTOR_METHODS:
        skip = EXECUTOR_METHODS[name]
        function = known.plain(arguments.positional[skip]) if len(arguments.positional) > skip else None
        if function is not None and not isinstance(function, Hole):
            if name not in STARTING:
                return _apply(skip)(machine, arguments, node, frame)
            with concurrency.started(machine, node, frame):
                return _apply(skip)(machine, arguments, node, frame)
    if name in {"map", "imap", "imap_unordered"} and len(arguments.positional) >= 2:
        from auditor.interp.library import iteration

        function = known.plain(arguments.positional[0])
        if function is not None and not isinstance(function, Hole):
            iterables = arguments.positional[:2] if name != "map" else arguments.positional
            with concurrency.started(machine, node, frame):
                return iteration.map_over(machine, Arguments(iterables), node, frame)
    return None


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Not of what hears events: `button.submit(answer, ...)` of an interface has `answer` called later, by those who use it."""
    library = machine.library
    name = value.path[-1] if value.path else ""
    if not name or (name in library.handler_registrars and value.cls.partition(".")[0] in library.handler_libraries):
        return None
    return executor_method(machine, name, arguments, node, frame)


def decorated(machine: Machine, decorator: Value, function: FunctionValue, node: ast.expr, frame: Frame) -> Value:
    """A function behind a library's decorator: taken to keep its behaviour. Tools made of functions become tool objects."""
    from auditor.interp.library import schedules

    if not isinstance(decorator, External | ExternalObject):
        return function
    if isinstance(decorator, ExternalObject) and (repeated := schedules.decorated(machine, decorator, function)) is not None:
        return repeated
    configured = configs.decorated(decorator, function)
    if configured is not None:
        return configured
    made = machine.listener.decorated(machine, decorator, function, node, frame)
    return made if made is not None else function


def _decorator(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A library's decorator applied as a function: `wraps(f)(g)`, `lru_cache()(f)`."""
    first = arguments.get(0)
    return first if isinstance(first, FunctionValue | ClassValue) and len(arguments.positional) == 1 else None


def _wraps(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return External("auditor.identity")


def _nothing(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return NONE


OVERLAYS: dict[str, Overlay] = {
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.reduce": _reduce,
    "functools.wraps": _wraps,
    "auditor.identity": _same,
    "functools.lru_cache": _decorator,
    "functools.cache": _decorator,
    "typing.cast": _second,
    "asyncio.run": _same,
    "asyncio.create_task": _same,
    "asyncio.ensure_future": _same,
    "asyncio.shield": _same,
    "asyncio.wait_for": _same,
    "anyio.run": _apply(0),
    "trio.run": _apply(0),
    "nest_asyncio.apply": _nothing,
    "asyncio.to_thread": _apply(0),
    "anyio.to_thread.run_sync": _apply(0),
    "anyio.from_thread.run": _apply(0),
    "trio.to_thread.run_sync": _apply(0),
    "twisted.internet.threads.deferToThread": _apply(0),
    "asyncio.run_coroutine_threadsafe": _same,
    "starlette.concurrency.run_in_threadpool": _apply(0),
    "fastapi.concurrency.run_in_threadpool": _apply(0),
    "asgiref.sync.sync_to_async": _same,
    "asgiref.sync.async_to_sync": _same,
    "httpx.URL": _same,
    "yarl.URL": _same,
    "asyncio.gather": _gather,
    "threading.Thread": _thread,
    "contextlib.contextmanager": _decorator,
    "contextlib.asynccontextmanager": _decorator,
}
