"""Random choice and order: what two requests of one function draw, and when it is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.resolve import sites_of
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Hole

SOURCE = """
import json
import random
import numpy as np
import openai
client = openai.OpenAI()
POOL = ["one", "two", "three"]
KEPT = random.Random(1)
{setup}

def ask(question):
    {draw}
    return client.responses.create(model="gpt-4.1", instructions=json.dumps(drawn), input=question)
"""


def drawn(folder: Path, draw: str, setup: str = "") -> list[Hole]:
    """The drawn value of consecutive requests."""
    body = "\n    ".join(draw.splitlines())
    (folder / "app.py").write_text(SOURCE.format(draw=body, setup=setup), encoding="utf-8")
    (site,) = sites_of(folder)
    return [next(request.blocks[0].text.holes()) for request in site.replays[0].requests]


@pytest.mark.parametrize(
    "draw",
    [
        "drawn = random.sample(POOL, 2)",
        "drawn = random.choice(POOL)",
        "drawn = list(POOL)\nrandom.shuffle(drawn)",
        "drawn = KEPT.sample(POOL, 2)",
        "drawn = random.Random().sample(POOL, 2)",
        "drawn = np.random.permutation(POOL)",
        "drawn = np.random.default_rng().choice(POOL, 2)",
    ],
)
def test_another_value_with_every_request(tmp_path: Path, draw: str) -> None:
    one, two, *_ = drawn(tmp_path, draw)
    assert one.identity != two.identity
    assert (one.lifetime, one.cause) == (Lifetime.CALL, Cause.SHUFFLE)


@pytest.mark.parametrize(
    "draw",
    [
        "drawn = random.Random(42).sample(POOL, 2)",
        "rng = random.Random(42)\nrng.random()\ndrawn = rng.choice(POOL)",
        "random.seed(42)\ndrawn = random.sample(POOL, 2)",
        "np.random.seed(42)\ndrawn = np.random.permutation(POOL)",
        "drawn = np.random.default_rng(seed=42).choice(POOL, 2)",
        "drawn = list(POOL)\nrandom.Random(0).shuffle(drawn)",
    ],
)
def test_the_same_value_with_every_request(tmp_path: Path, draw: str) -> None:
    one, two, *_ = drawn(tmp_path, draw)
    assert one.identity == two.identity
    assert one.lifetime is Lifetime.CONSTANT


def test_what_is_drawn_at_import_stays(tmp_path: Path) -> None:
    one, two, *_ = drawn(tmp_path, "drawn = FIRST", "FIRST = random.sample(POOL, 2)")
    assert one.identity == two.identity


def test_a_seed_at_import_is_used_up(tmp_path: Path) -> None:
    one, two, *_ = drawn(tmp_path, "drawn = random.sample(POOL, 2)", "random.seed(42)")
    assert one.identity != two.identity


def test_draws_of_one_generator_differ(tmp_path: Path) -> None:
    draw = "rng = random.Random(42)\nfirst = rng.sample(POOL, 2)\ndrawn = [first, rng.sample(POOL, 2)]"
    (tmp_path / "app.py").write_text(SOURCE.format(draw="\n    ".join(draw.splitlines()), setup=""), encoding="utf-8")
    (site,) = sites_of(tmp_path)
    one, two = site.replays[0].first.blocks[0].text.holes()
    assert one.identity != two.identity
