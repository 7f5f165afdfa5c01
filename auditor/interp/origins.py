"""Where values that the source does not spell out come from: their identities, places, spelling, and what is computed of them.

Knows how a hole is born at a syntax node and how one is derived from others. Does not know how expressions are evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from auditor.interp import excerpts
from auditor.interp.trimming import TRIMMED
from auditor.values.lifetime import MOMENTARY, Cause, Evidence, Lifetime, Reason
from auditor.values.quick import replace
from auditor.values.text import COARSE, Hole, Text

if TYPE_CHECKING:
    import ast
    from collections.abc import Hashable, Iterable

    from auditor.interp.frame import Frame
    from auditor.limits import Limits
    from auditor.places import Place, Step
    from auditor.project.syntax import Module


class Known(TypedDict, total=False):
    """What may be known of a hole beside its lifetime. Without an identity it is a new value at every evaluation."""

    identity: object
    expression: str | None
    type: str | None
    characters: tuple[int, int | None]
    content: Text | None
    roots: tuple[Hashable, ...]


class Origins:
    """Makes holes. Equal identities are the same value for as long as this object lives: one audit."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.cache: dict[object, object] = {}  # parsed templates, local names, places
        self._serial = 0
        self._made = (0, 0, 0, 0)  # identities there were when the entry was first run, and when it was run last
        self._identities: dict[object, tuple[str, int]] = {}
        self.loading: set[str] = set()  # files that are being imported

    def identity(self, key: object) -> object:
        """A short stand-in for an identity: equal keys give equal ones, so that identities made of identities stay small."""
        try:
            found = self._identities.get(key)
        except TypeError:  # holds something that has no hash: nothing else is known to be the same
            return ("new", self.serial())
        if found is None:
            found = self._identities[key] = ("#", len(self._identities))
        return found

    def made(self, key: object) -> object | None:
        """The stand-in, if there is one."""
        return self._identities.get(key)

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def begin(self, *, first: bool) -> None:
        """The entry is run (again)."""
        now = (self._serial, len(self._identities))
        self._made = (*now, *now) if first else (*self._made[:2], *now)

    def kept(self, identity: object) -> bool:
        """Whether a value was made in an earlier run of the entry: by a request that was handled before this one."""
        match identity:
            case ("new", int() as number):
                return self._made[0] < number <= self._made[2]
            case ("#", int() as number):
                return self._made[1] <= number < self._made[3]
            case tuple():
                return any(self.kept(part) for part in identity if isinstance(part, tuple))
            case _:
                return False

    def place(self, node: ast.AST | None, frame: Frame | None) -> Place | None:
        if node is None or frame is None:
            return None
        key = (frame.module.path, id(node))
        found = self.cache.get(key)
        if found is None:
            if not hasattr(node, "lineno"):
                return None
            found = self.cache[key] = frame.module.place(node)
        return found  # type: ignore[return-value]

    def source(self, node: ast.AST | None) -> str:
        """The expression as the author would recognise it, on one short line."""
        if node is None:
            return "?"
        path: list[ast.AST] = []
        current = node
        while not isinstance(found := self.cache.get(("source", id(current))), str):
            path.append(current)
            first = excerpts.leftmost(current)
            if first is None or not excerpts.large(current):
                break
            current = first
        for step in reversed(path):
            if not isinstance(found, str):
                found = excerpts.excerpt(step)
            elif not found.endswith("..."):  # the beginning of a larger expression
                found += "..."
            self.cache["source", id(step)] = found
        return str(found)

    def describe(self, node: ast.AST, module: Module, place: Place | None, text: str) -> None:
        """Says of a node that stands for source in another language where that is and how its author spells it.

        Whoever describes a node keeps it: it is known by its identity.
        """
        if place is not None:
            self.cache[module.path, id(node)] = place
        line = " ".join(text.split())
        self.cache["source", id(node)] = line if len(line) <= excerpts.WIDTH else line[: excerpts.WIDTH - 3] + "..."

    def hole(
        self,
        node: ast.AST | None,
        frame: Frame | None,
        lifetime: Lifetime,
        cause: Cause = Cause.VALUE,
        *,
        evidence: Evidence = Evidence.FLOW,
        reason: Reason | None = None,
        place: Place | None = None,
        trace: tuple[Step, ...] = (),
        **known: Unpack[Known],
    ) -> Hole:
        """A hole born at a node, or at the place with the way that it came."""
        identity, expression = known.get("identity"), known.get("expression")
        if self.loading and lifetime is Lifetime.CALL and cause in MOMENTARY:
            lifetime = Lifetime.PROCESS  # asked for once, when the module is imported
        made = Hole(
            self.identity(identity) if identity is not None else ("new", self.serial()),
            expression if expression is not None else self.source(node),
            lifetime,
            cause,
            evidence,
            reason,
            place or self.place(node, frame),
            trace,
            known.get("type"),
            known.get("characters", (0, None)),
            known.get("content"),
            roots=known.get("roots", ()),
        )
        return self.again(made)

    def again(self, hole: Hole) -> Hole:
        """The value that a new hole is, where it is one that was there before: a session's key that comes with each request."""
        return hole

    def unknown(self, reason: Reason, node: ast.AST | None, frame: Frame | None, expression: str | None = None) -> Hole:
        return self.hole(node, frame, Lifetime.UNKNOWN, evidence=Evidence.NONE, reason=reason, expression=expression)

    def derived(
        self,
        sources: Iterable[Hole],
        node: ast.AST | None,
        frame: Frame | None,
        *,
        reason: Reason | None = None,
        **known: Unpack[Known],
    ) -> Hole:
        """What is computed from holes: lives as long as the shortest-lived of them, and is as surely known as that one."""
        holes = list(sources)
        roots = dict.fromkeys(root for hole in holes for root in (hole.identity, *hole.roots))
        known["roots"] = tuple(roots)[: self.limits.roots]
        cut = next((hole for hole in holes if hole.type == TRIMMED), None) if known.get("type") is None else None
        if cut is None:
            return self._derived(holes, node, frame, reason, known)
        made = self._derived([replace(hole, type=None) for hole in holes], node, frame, reason, known)
        return replace(made, type=TRIMMED, place=cut.place, kept=cut.kept)

    def _derived(self, holes: list[Hole], node: ast.AST | None, frame: Frame | None, reason: Reason | None, known: Known) -> Hole:
        lifetime = Lifetime.shortest(hole.lifetime for hole in holes)
        main = next((hole for hole in holes if hole.lifetime is lifetime), None)
        if (
            known.get("type") is None
            and main is not None
            and all(hole.type == COARSE for hole in holes if hole.lifetime is lifetime)
        ):
            known["type"] = COARSE
        why = (main.reason if main else None) or reason  # what is computed of what is not known is not known for that reason
        if main is None or lifetime in {Lifetime.UNKNOWN, Lifetime.CONSTANT}:
            return self.hole(
                node,
                frame,
                Lifetime.UNKNOWN if why is not None else lifetime,
                main.cause if main else Cause.VALUE,
                evidence=main.evidence if main else Evidence.NONE,
                reason=why,
                **known,
            )
        made = self.hole(node, frame, lifetime, main.cause, evidence=main.evidence, place=main.place, trace=main.trace, **known)
        return made.along(self.place(node, frame), f"becomes part of `{made.expression}`")
