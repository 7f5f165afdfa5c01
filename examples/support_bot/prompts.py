"""Prompts of the support bot."""

from __future__ import annotations

from pathlib import Path

HANDBOOK = (Path(__file__).parent / "prompts" / "handbook.md").read_text(encoding="utf-8")

ROLE = (
    "You are the support desk of Lumen Cycles. Work by the handbook below. "
    "Use the tools to look up orders; never guess what an order contains."
)
