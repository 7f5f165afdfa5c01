"""Texts that a program takes for paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

PROGRAM = """
from pathlib import Path
import anthropic

def content(given):
    path = Path(given)
    return path.read_text() if path.exists() else given

anthropic.Anthropic().messages.create(
    model="claude-sonnet-4-5", max_tokens=9, messages=[{{"role": "user", "content": content({text})}}]
)
"""


@pytest.mark.parametrize("text", ["'lamp, ' * 200", "'a\\0b'"])
def test_a_text_that_can_be_no_path_is_no_file(tmp_path: Path, text: str) -> None:
    (site,) = sites(tmp_path, app=PROGRAM.format(text=text))
    assert site.replays
