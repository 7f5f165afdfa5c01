"""What a report says about a rule besides its findings. Knows no rules: the caller passes a mapping from code to this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """`name` is the kebab-case name, `summary` one sentence, `url` the documentation page (empty: none)."""

    name: str
    category: str
    summary: str
    url: str = ""
