"""How long a value stays the same, why it changes, and how we know.

The lattice runs from long to short; the shortest of several lifetimes is that of anything made of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum, StrEnum


class Lifetime(IntEnum):
    """How long a value stays the same, from longest to shortest.

    `UNKNOWN` is no point of the lattice: it proves nothing. Joined with what may change within a process's life, that is what is
    known; joined with what stays, nothing is.
    """

    UNKNOWN = -1
    CONSTANT = 0  # source text
    DEPLOY = 1  # a project file, a package version
    PROCESS = 2  # environment, import-time value, hash order
    DAY = 3  # a date
    USER = 4
    SESSION = 5  # instance state that is set once, a conversation's id
    TURN = 6  # grows by appending
    CALL = 7  # clock, uuid, random, this request's input

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def shortest(cls, lifetimes: Iterable[Lifetime]) -> Lifetime:
        """The join: the shortest known lifetime; `UNKNOWN` where something is unknown and nothing known to change."""
        known, unknown = cls.CONSTANT, False
        for lifetime in lifetimes:
            if lifetime is cls.UNKNOWN:
                unknown = True
            else:
                known = max(known, lifetime)
        return cls.UNKNOWN if unknown and known < cls.DAY else known


class Cause(StrEnum):
    """Why a value is not literal text: what the rules tell apart."""

    VALUE = "value"  # some value of the program: a parameter, an attribute, a computed result
    CLOCK = "clock"
    UUID = "uuid"
    RANDOM = "random"  # random numbers and choices
    SHUFFLE = "shuffle"  # random selection or order of known content
    SET_ORDER = "set-order"
    LISTING_ORDER = "listing-order"  # unsorted glob / listdir
    KEY_ORDER = "key-order"  # serialised mapping whose key order the source does not fix
    IDENTITY = "identity"  # id(), hash(), default repr
    CONCURRENCY = "concurrency"  # order of completion
    INPUT = "input"  # input(), a request's body, a user's message
    RETRIEVAL = "retrieval"  # documents or rows fetched for this request
    ENVIRONMENT = "environment"
    FILE = "file"
    HOST = "host"  # hostname, pid, git revision
    LOOP = "loop"  # a loop's counter or element
    COUNT = "count"  # a number that goes up from request to request
    HISTORY = "history"  # earlier turns of the conversation
    RESPONSE = "response"  # what a model answered


OWN_CAUSES = frozenset(
    {Cause.CLOCK, Cause.UUID, Cause.RANDOM, Cause.SHUFFLE, Cause.LISTING_ORDER, Cause.KEY_ORDER, Cause.CONCURRENCY}
)
"""What a program makes change by itself: mended where it happens, however the value travels from there."""


MOMENTARY = frozenset({Cause.CLOCK, Cause.UUID, Cause.RANDOM, Cause.SHUFFLE})
"""What is another value each time that it is asked for."""


class Evidence(Enum):
    """How the lifetime was learnt; a finding is no surer than its evidence."""

    FLOW = "flow"  # followed through the program to a function whose behaviour the knowledge tables state
    CALLERS = "callers"  # from the arguments of the project's callers
    USAGE = "usage"  # from annotations and decorators (handlers, settings)
    NAME = "name"  # the name alone
    NONE = "none"

    @property
    def doubt(self) -> int:
        """How little is known, from 0 up."""
        return list(Evidence).index(self)

    @classmethod
    def weakest(cls, found: Iterable[Evidence]) -> Evidence:
        """That of what is learnt from all of them; of nothing at all nothing is doubtful."""
        return max(found, key=lambda one: one.doubt, default=cls.FLOW)


class Reason(StrEnum):
    """Why a value is unknown. Counted and shown in every report."""

    UNRESOLVED_IMPORT = "unresolved import"
    UNMODELLED_CALL = "call of a library function that the tables do not describe"
    NO_CALLERS = "parameter without callers in the project"
    UNSUPPORTED = "construct that the interpreter does not model"
    LIMIT = "limit reached"
    UNREACHED = "code that nothing in the project was seen to reach"
    RECURSION = "recursion"
    MISSING = "name or attribute that was not found"
    DYNAMIC = "dynamic attribute, import or execution"
    EXTERNAL_DATA = "data from outside of the program"
    UNREADABLE = "file that could not be read"
