"""How long a text is at least decides tests of its length, whatever its unknown parts hold."""

from __future__ import annotations

from pathlib import Path

from tests.interp.revealing import stated

LENGTHS = """
        import os
        RULES = "Mind the gap. " * 100
        text = RULES + os.environ["MORE"]
        maybe = (RULES if os.getenv("LONG") else "Short.") + os.environ["MORE"]
        reveal("short" if len(text) < 1400 else "long")  # revealed: long
        reveal("short" if len(text) <= 1399 else "long")  # revealed: long
        reveal("long" if len(text) >= 1400 else "short")  # revealed: long
        reveal("long" if len(text) > 1399 else "short")  # revealed: long
        reveal("long" if len(text) > 1400 else "short")  # revealed: {long | short}
        reveal("short" if len(text) < 1401 else "long")  # revealed: {short | long}
        reveal("short" if len(text) <= 1400 else "long")  # revealed: {short | long}
        reveal("long" if len(maybe) >= 6 else "short")  # revealed: long
"""


def test_the_known_part_of_a_text_decides(tmp_path: Path) -> None:
    seen, expected = stated(LENGTHS, tmp_path)
    assert seen == expected
