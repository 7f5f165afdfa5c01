"""One activation of a function, class body or module: its scopes and what it gives back."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum

from auditor.project.syntax import Module
from auditor.values.domain import ClassValue, FunctionValue, Value
from auditor.values.text import Condition


class Outcome(Enum):
    """How a block ends. A block that may end in several ways ends as its surviving path does."""

    NORMAL = 0
    RETURN = 1
    BREAK = 2
    CONTINUE = 3
    RAISE = 4


class BudgetExceededError(Exception):
    """The steps of one entry are used up; what was heard until then stands."""


@dataclass(slots=True)
class Frame:
    """`scopes` are store addresses, innermost first, the module's last. `decisions` are the conditions decided on the way."""

    module: Module
    scopes: tuple[int, ...]
    local_names: frozenset[str] | None = None  # None: every name is bound here (module and class bodies)
    function: FunctionValue | None = None
    cls: ClassValue | None = None
    receiver: Value | None = None
    global_names: frozenset[str] = frozenset()
    nonlocal_names: frozenset[str] = frozenset()
    returns: list[tuple[tuple[tuple[Condition, bool], ...], Value]] = field(default_factory=list)
    decisions: list[tuple[Condition, bool]] = field(default_factory=list)
    staying: list[Hashable] = field(default_factory=list)  # conditions under which the loops around went on
    repeating: int = 0  # loops and comprehensions around what is being evaluated
    raised: Value | None = None  # by the last `raise`, where it is known
    yields: int | None = None  # address of the list that collects what a generator yields
    around: Frame | None = None  # of a comprehension: the frame that `:=` binds its names in

    @property
    def local(self) -> int:
        return self.scopes[0]

    @property
    def name(self) -> str:
        return self.function.name if self.function else "<module>"


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that is running.

    `most`: how often it turns at most; None where nothing but its body ends it, 0 where that is not known. `began`: how many
    steps were taken when its present turn began. `sorting`: whether it goes on while the first item of a list is of
    a kind.
    """

    serial: int
    most: int | None
    began: int = field(default=0, compare=False)
    sorting: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Activation:
    """An entry of the call stack: what was called, and the call expression."""

    function: object  # syntax node of the callee
    call: object  # syntax node of the call, or None for an entry
    path: str
