"""Every sample program really runs against the recorder and sends as many requests as its header promises."""

from __future__ import annotations

import pytest

from auditor.llm.request import CallSite
from auditor.places import Place
from tests.conformance.recorded import requests_of
from tests.conformance.runner import Program, programs, run

ALL = programs()


def test_there_are_programs_of_both_providers() -> None:
    assert len(ALL) >= 75
    assert sum(program.name.startswith(("openai", "azure")) for program in ALL) >= 5
    assert len({program.name for program in ALL}) == len(ALL)


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
def test_program_sends_what_it_promises(program: Program) -> None:
    if program.missing:
        pytest.skip(f"{program.missing} is not installed")
    recorded = run(program)
    assert len(recorded) == program.requests
    site = CallSite("", Place(program.name, 1), "<module>")
    for request in recorded:
        literal = requests_of(request, site)
        assert literal
        assert all(entry.blocks for entry in literal)
        assert all(block.text.known is not None for entry in literal for block in entry.blocks)
        assert all(name.endswith(".py") for name, _, _ in request.callers)
