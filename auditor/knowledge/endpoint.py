"""The endpoint of a provider's API as the surfaces describe it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method that sends. `path` is what follows the client; `telling` names parameters that only such a call has.

    `provider` names the parameters that count (the `[parameters]` of a surface). `other_models` (parts of a model's name) and
    `other_fields` (of the body) tell calls of the same method that have no text written.
    """

    api: str
    provider: str
    path: tuple[str, ...]
    arguments: str
    telling: frozenset[str]
    sends: bool
    loops: bool
    other_models: tuple[str, ...] = ()
    other_fields: frozenset[str] = frozenset()
