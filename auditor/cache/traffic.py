"""How many requests find what an earlier one wrote: what the user says of the traffic, else stated assumptions.

Knows rates and lifetimes; no prices and no requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from auditor.llm.request import Repetition
from auditor.values.moment import in_words

HOUR = 3600.0
ASSUMED = {  # requests that are served for each one that writes, where nothing is said of the traffic
    Repetition.ONCE: 0,
    Repetition.HANDLER: 9,
    Repetition.LOOP: 49,
    Repetition.CONVERSATION: 9,
    Repetition.UNKNOWN: 4,
}


@dataclass(frozen=True, slots=True)
class Traffic:
    """`requests_per_hour` of one call site and `users` that they come from, None: not said; `turns` of a conversation."""

    requests_per_hour: float | None = None
    turns: float = 10.0
    users: float = 1.0


UNSTATED = Traffic()
FIRST_OF_USER = 0.5  # of the requests, where nothing is said of the traffic: the other half follow one of the same user


def share(repetition: Repetition, lifetime: float, traffic: Traffic, personal: bool = False) -> tuple[float, str]:
    """The share of requests that come within the lifetime of what an earlier one wrote, and the assumption in words.

    Requests at a rate come independently of one another. `personal`: only requests of the same user share the prefix.
    """
    if repetition is Repetition.CONVERSATION and traffic.turns != UNSTATED.turns:
        read = max(0.0, traffic.turns - 1) / max(1.0, traffic.turns)
        return read, f"{traffic.turns:g} turns a conversation, all but the first within the cache's lifetime"
    if repetition in {Repetition.HANDLER, Repetition.UNKNOWN} and traffic.requests_per_hour is not None:
        rate = traffic.requests_per_hour / (traffic.users if personal else 1.0)
        read = 1 - exp(-rate * lifetime / HOUR)
        whose = " of each user" if personal and traffic.users != 1 else ""
        return read, f"{rate:g} requests an hour{whose}: {read:.0%} come within {in_words(lifetime)} of the one before"
    reads = ASSUMED[repetition]
    return reads / (reads + 1), f"{reads} of {reads + 1} requests come within the cache's lifetime"


def apart(repetition: Repetition, lifetime: float, traffic: Traffic) -> tuple[float, str]:
    """The share of requests that find nothing only because each user has a prefix of their own, and the assumption in words."""
    together, words = share(repetition, lifetime, traffic)
    if traffic.requests_per_hour is not None and traffic.users > 1 and repetition is not Repetition.CONVERSATION:
        alone, _ = share(repetition, lifetime, traffic, personal=True)
        return max(0.0, together - alone), f"{words}, and {alone:.0%} within that time of one of the same user"
    if traffic.users == 1 and traffic.requests_per_hour is not None:
        return 0.0, words  # the user said that there is one
    return max(0.0, together - (1 - FIRST_OF_USER)), f"{words}, and every other one is its user's first"
