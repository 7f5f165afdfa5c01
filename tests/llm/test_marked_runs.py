"""Which blocks of a run of unknown length carry a marker: every one, or one that was taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

HEAD = """
import anthropic

client = anthropic.Anthropic()
CACHE = {"type": "ephemeral"}


def send(blocks):
    message = {"role": "user", "content": blocks}
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[message])


def run(texts: list):
    blocks = [{"type": "text", "text": text} for text in texts]
"""

EVERY = {
    "a loop": "for block in blocks:\n    block['cache_control'] = CACHE",
    "a loop with numbers": "for _, block in enumerate(blocks):\n    block['cache_control'] = CACHE",
    "in a function": "mark(blocks)",
    "if the whole list is wanted": "if len(blocks) > 2:\n    for block in blocks:\n        block['cache_control'] = CACHE",
    "whatever else each one holds": (
        "for block in blocks:\n    if block['text'].isupper():\n        block['n'] = 1\n    block['cache_control'] = CACHE"
    ),
    "written anew": "blocks = [{**block, 'cache_control': CACHE} for block in blocks]",
    "as they are made": (
        "blocks = []\nfor text in texts:\n    blocks.append({'type': 'text', 'text': text, 'cache_control': CACHE})"
    ),
}
ONE = {
    "the last": "blocks[-1]['cache_control'] = CACHE",
    "the last, by another name": "last = blocks[-1]\nlast['cache_control'] = CACHE",
    "the last two": "for block in blocks[-2:]:\n    block['cache_control'] = CACHE",
    "the first of a kind": "for block in reversed(blocks):\n    block['cache_control'] = CACHE\n    break",
    "those of a kind": "for block in blocks:\n    if block['text'].isupper():\n        block['cache_control'] = CACHE",
    "by its number": "for number, block in enumerate(blocks):\n    if number == 3:\n        block['cache_control'] = CACHE",
}


def marked(folder: Path, lines: str) -> set[bool]:
    """Whether the run's marker is on each block, over all variants in which it has one."""
    body = "\n".join(f"    {line}" for line in lines.splitlines())
    helper = "def mark(blocks):\n    for block in blocks:\n        block['cache_control'] = CACHE\n"
    source = f"{HEAD}{body}\n    return send(blocks)\n\n\n{helper}"
    (site,) = sites(folder, app=source)
    markers = [block.marker for replay in site.replays for block in replay.first.blocks]
    return {marker.each for marker in markers if marker is not None}


@pytest.mark.parametrize("how", EVERY)
def test_every_block_is_marked(how: str, tmp_path: Path) -> None:
    assert marked(tmp_path, EVERY[how]) == {True}


@pytest.mark.parametrize("how", ONE)
def test_one_block_is_singled_out(how: str, tmp_path: Path) -> None:
    assert marked(tmp_path, ONE[how]) == {False}
