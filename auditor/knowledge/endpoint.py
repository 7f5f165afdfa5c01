"""The endpoint of a provider's API as the surfaces describe it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method that sends. `path` is what follows the client; `telling` names parameters that only such a call has.

    `provider` names the parameters that count (the `[parameters]` of a surface).
    """

    api: str
    provider: str
    path: tuple[str, ...]
    arguments: str
    telling: frozenset[str]
    sends: bool
    loops: bool
