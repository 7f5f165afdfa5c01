"""The symbolic request: what one call sends, as ordered blocks with holes.

Blocks stand in the provider's order (tools, system, messages), whatever the order of the code. A request of this module has
no alternatives left: every conditional piece was decided when its variant was formed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.interp.frame import Loop
from auditor.interp.marking import Tested
from auditor.places import Place
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.moment import START, Moment
from auditor.values.text import EMPTY, Condition, Hole, Text


class Section(StrEnum):
    """Where a block stands in the provider's prefix order."""

    TOOLS = "tools"
    SYSTEM = "system"
    MESSAGES = "messages"


class Kind(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    DOCUMENT = "document"
    TOOL = "tool"
    TOOL_USE = "tool_use"
    TOOL_RESULT = "tool_result"
    THINKING = "thinking"
    STRETCH = "stretch"  # zero or more blocks of which nothing is known but where they stand (a history, a spread)
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Marker:
    """An explicit request to cache the prefix that ends here.

    `type` and `ttl` are as written (`None`: not written); a value that could not be read is `"?"`.
    """

    type: str | None
    ttl: str | None
    place: Place | None = field(default=None, compare=False)
    written: bool = True  # False: the automatic breakpoint that a top-level switch places
    nested: bool = False  # written on content inside a tool result or document source, not on the block itself
    nested_last: bool = False  # ... and on the last piece of it, which the API accepts and hoists
    unknown: bool = False  # whether it is there at all is not known
    each: bool = False  # of a stretch: every one of its blocks carries one, however many they are
    misplaced: str = ""  # where it is written when that is no block: "message", "string"


@dataclass(frozen=True, slots=True)
class Block:
    """One position of the prefix. `text` is what is counted and compared; for an opaque block it holds one hole."""

    section: Section
    role: str  # "tool", "system", "developer", "user", "assistant", "?"
    kind: Kind
    text: Text
    place: Place | None = field(default=None, compare=False)
    label: str = field(default="", compare=False)  # for people: "tool get_weather", "system[0]", "messages[2].content[1]"
    message: int | None = None  # index of the message it belongs to
    marker: Marker | None = field(default=None, compare=False)
    order: Hole | None = field(default=None, compare=False)  # why its position among its neighbours is not fixed
    deferred: bool = False  # `defer_loading`: not part of the prefix
    name: str | None = None  # a tool's name
    added: bool = field(default=False, compare=False)  # by the library, where it wants: nobody can move it
    inner: Kind | None = field(default=None, compare=False)  # of a stretch: what its blocks are, where all are of one kind
    pictures: bool = field(default=False, compare=False)  # of a stretch: whether images or documents are among its blocks
    per_request: bool = field(default=False, compare=False)  # content that is meant to differ: the last user message

    @property
    def lifetime(self) -> Lifetime:
        own = self.text.lifetime
        return own if self.order is None else Lifetime.shortest((own, self.order.lifetime))


@dataclass(frozen=True, slots=True)
class CachingOption:
    """Something beside the content that was meant to switch caching on or to change it.

    `kind` is "attribute" (taken from the client on the way to the call), "header" (a beta named in a header or in `betas`) or
    "foreign" (a marker in the words of another provider).
    """

    kind: str
    name: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ExplicitCache:
    """A cache made beforehand, by whose name a request begins.

    Where it was seen to be made, its content are the first `blocks` blocks of the request, and `identity` tells one cache from
    another. `own` names what the request says besides although the cache has it already. `sure`: a cache is certainly named.
    `kept`: the function that made it keeps its results.
    """

    place: Place | None = field(default=None, compare=False)
    identity: object = None
    model: Text | None = None
    blocks: int = 0
    own: tuple[str, ...] = ()
    sure: bool = True
    kept: bool = False


class Repetition(StrEnum):
    """How often the code sends this request with (nearly) this prefix."""

    ONCE = "once"  # a script's single call
    HANDLER = "handler"  # a function or method that others call, once per event
    LOOP = "loop"  # a loop over items
    CONVERSATION = "conversation"  # the history grows from request to request
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CallSite:
    """The call expression that sends. `place` spans the call; its line is that of the callee.

    One that only asks how many tokens a request would have (`sends` is false) writes to no cache and reads from none.
    """

    api: str  # "anthropic.messages.create", ... (DESIGN.md, section 9)
    place: Place
    function: str  # qualified name of the enclosing function, "<module>" outside of any
    context: str = "app"  # "app", "test", "example", "notebook"
    sends: bool = True

    @property
    def id(self) -> str:
        return f"{self.place.path}:{self.place.line}:{self.place.column}"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the code will send it.

    `params` holds the request-level parameters that can take part in the cache key (tool_choice, thinking, output_config,
    prompt_cache_key ...) as text. `unknown` lists what could not be read, with reasons.
    """

    site: CallSite
    provider: str  # a name in knowledge/providers: "anthropic", "openai", ...
    surface: str  # "api", "bedrock", "vertex", "foundry", "azure", "compatible", ...
    model: Text | None
    blocks: tuple[Block, ...]
    automatic: Marker | None = None  # top-level cache_control
    params: Mapping[str, Text] = field(default_factory=dict)
    caching_options: tuple[CachingOption, ...] = ()
    cache: ExplicitCache | None = None
    unknown: tuple[tuple[str, Reason], ...] = ()
    trimmed: Place | None = None  # where the code drops the oldest messages of a history that grows too long
    started: Place | None = None  # where it is started without waiting for the answers to those before it
    max_tokens: int | None = None  # of the answer, where it is known
    unused: bool = False  # nobody looks at the answer
    marked: tuple[tuple[Place, Place | None], ...] = ()  # markers written before it: where, and where their values come from
    meant: tuple[Place, ...] = ()  # where code on the way would place a marker that the arguments do not carry
    tested: tuple[Tested, ...] = ()  # tests ahead of markers, in the order in which they were made
    moment: Moment = START  # when it is sent, by the waits of the code
    opaque: bool = False  # the arguments themselves could not be read: nothing is known of the blocks
    run: int = 0  # which run of the entry it was sent in
    listed: Place | None = None  # where the list of tools is made
    loop: Loop | None = None  # the innermost one around the call
    agent: Place | None = None  # where the agent is made that sends its own prompt and tools
    loaded: tuple[tuple[Place, Place | None], ...] = ()  # markers written for this file while it was loaded, as `marked`
    kept: int | None = None  # how many messages are left where the oldest ones were dropped, if that is known
    apart: frozenset[Place] = frozenset()  # of `marked`, where nothing was marked that may be a turn of its conversation
    instead: bool = field(default=False, compare=False)  # sent only where others have failed or come to no end
    way: tuple[Place, ...] = field(default=(), compare=False)  # of calls, from the entry to the function that sends
    functions: tuple[str, ...] = field(default=(), compare=False)  # the names of the functions on it, the one that sends last


@dataclass(frozen=True, slots=True)
class Replay:
    """Consecutive requests of one call site in one variant: what the cache sees.

    `variant` says in words which caller and which outcomes of conditions it stands for. `entry` is the place of the function
    from which it was evaluated (a script's first line).
    `alike`: a test on which markers of several parts of one request hang is taken to hold for all of them, which need not be.
    `assumed` are outcomes of tests, by the condition's identity, on whose sides the first request is sent.
    """

    site: CallSite
    requests: tuple[Request, ...]
    repetition: Repetition
    variant: str = ""
    entry: Place | None = None
    conditions: tuple[tuple[Condition, bool], ...] = ()
    alike: bool = False
    assumed: Mapping[object, bool] = field(default_factory=dict, compare=False)

    @property
    def first(self) -> Request:
        return self.requests[0]

    @property
    def way(self) -> tuple[Place, ...]:
        """The first request's; a later one may come another way."""
        return self.first.way


@dataclass(frozen=True, slots=True)
class Switch:
    """Consecutive requests between which the outcome of a condition changes, and with it what stands ahead of the messages.

    A replay takes each condition the same way in all of its requests; this is what happens where the program does not.
    `decides` names what the condition changes: parameters, "model", "tools", "system". `tests` counts the tests of the
    condition's place that decide one request (a filter tests each tool). `held`: they are made once for all requests of the
    replay, so that only those of the next user, conversation or process differ.
    """

    condition: Condition
    replay: Replay
    decides: frozenset[str] = frozenset()
    tests: int = 1
    held: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A function that nothing in the program calls, and how many requests of a call site it would send."""

    function: str
    place: Place
    requests: int


@dataclass(frozen=True, slots=True)
class SiteReplays:
    """A call site with all its variants; no replay at all means that it could not be resolved.

    `ended`: explicit caches that are made here are, or may be, deleted again by the project. `left_out`: what stands for nothing
    that is sent, and is in no variant.
    """

    site: CallSite
    replays: tuple[Replay, ...]
    unknown: tuple[tuple[str, Reason], ...] = ()
    multi_turn: bool | None = None
    switches: tuple[Switch, ...] = ()
    ended: bool = False
    left_out: tuple[LeftOut, ...] = ()


def opaque(identity: object, expression: str, place: Place | None, cause: Cause = Cause.VALUE) -> Text:
    """The text of a block whose content is not text: one hole."""
    return Text((Hole(("opaque", repr(identity)), expression, Lifetime.UNKNOWN, cause, place=place),)) if expression else EMPTY
