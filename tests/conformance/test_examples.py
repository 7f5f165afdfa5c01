"""The shipped example applications are real: each runs against the recorder with the real SDK clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import CallSite
from auditor.places import Place
from tests.conformance.recorded import requests_of
from tests.conformance.runner import Program, run

EXAMPLES = Path(__file__).parents[2] / "examples"
RUNS = [
    # entry, lines on stdin, requests that it sends, markers in the last of them
    ("support_bot/main.py", "My bike shows E03\n\n", 3, 1),
    ("document_qa/main.py", "", 3, 1),
    ("agent_loop/agent.py", "", 3, 3),
    ("batch_job/job.py", "", 1, 1),
    ("openai_assistant/assistant.py", "", 3, 0),
    ("openai_assistant/assistant_shared.py", "", 2, 0),
]


@pytest.mark.parametrize(("entry", "stdin", "count", "markers"), RUNS, ids=[entry for entry, *_ in RUNS])
def test_example_runs(entry: str, stdin: str, count: int, markers: int) -> None:
    path = EXAMPLES / entry
    recorded = run(Program(entry, path.parent, path, count, stdin))
    assert len(recorded) == count
    last = requests_of(recorded[-1], CallSite("", Place(entry, 1), "<module>"))[-1]
    assert sum(block.marker is not None for block in last.blocks) == markers
