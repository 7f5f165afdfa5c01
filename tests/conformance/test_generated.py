"""Programs that hypothesis writes are run for real: the symbolic requests cover what they send, and keep what is written.

`CONFORMANCE_EXAMPLES` sets how many are run (default: as many as fit into a minute, the same ones every time; another number
draws new ones).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from auditor.llm.request import Request
from auditor.llm.resolve import sites_of
from auditor.values.text import Alternative, Hole, Literal, Text
from tests.conformance.compare import Segment, compare
from tests.conformance.runner import Program, run
from tests.conformance.test_conformance import simulator
from tests.conformance.writing import Written, written

EXAMPLES = int(os.environ.get("CONFORMANCE_EXAMPLES", "0"))
SENTENCE = re.compile(r"Sentence H?\d+")


@given(written())
@settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_generated_programs_are_covered(program: Written) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in program.files:
            root.joinpath(name).write_text(text, "utf-8")
        recorded = run(Program("generated", root, root / "main.py", requests=0))
        assert recorded
        coverage = compare(recorded, sites_of(root), simulator())
    problems = [f"{site}: {problem}" for site, found in coverage.items() for problem in found.problems]
    assert not problems, "\n".join(problems)
    for site, found in coverage.items():
        for segment in found.segments:
            assert not (lost := list(lost_sentences(segment))), f"{site}: not known any more: {lost}"


def lost_sentences(segment: Segment) -> Iterator[str]:
    """Sentences of the program that were sent and that the symbolic requests do not spell out."""
    for symbolic, sent in zip(segment.replay.requests, segment.recorded, strict=False):
        spelled = "".join(spelled_out(symbolic))
        for sentence in dict.fromkeys(SENTENCE.findall("".join(spelled_out(sent)))):
            if not re.search(rf"{sentence}(?!\d)", spelled):
                yield sentence


def spelled_out(request: Request) -> Iterator[str]:
    for block in request.blocks:
        yield from characters(block.text)


def characters(text: Text) -> Iterator[str]:
    """Every known character, those of both sides of a condition and of what is known of a stretch included."""
    for piece in text.pieces:
        match piece:
            case Literal(literal):
                yield literal
            case Alternative(_, then, otherwise):
                yield from characters(then)
                yield from characters(otherwise)
            case Hole(content=content):
                yield from characters(content) if content is not None else ()
