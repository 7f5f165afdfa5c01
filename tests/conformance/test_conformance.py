"""The symbolic requests of every sample program cover what the program really sends, and the verdicts agree."""

from __future__ import annotations

import functools
import importlib
import importlib.util

import pytest

from tests.conformance.compare import Simulate, compare
from tests.conformance.runner import Program, programs, run

RESOLVE = "auditor.llm.resolve"


@functools.cache
def simulator() -> Simulate:
    """The simulator with the shipped provider facts; ratios instead of ctok, so that all Pythons judge alike and fast."""
    knowledge = importlib.import_module("auditor.knowledge.providers").load()
    counter = importlib.import_module("auditor.cache.tokens").Counter(use_ctok=False)
    simulate = importlib.import_module("auditor.cache.simulator").simulate
    return lambda replay: simulate(replay, knowledge, counter)


@pytest.mark.skipif(importlib.util.find_spec(RESOLVE) is None, reason=f"{RESOLVE} is not there yet")
@pytest.mark.parametrize("program", programs(), ids=lambda program: program.name)
def test_symbolic_requests_cover_the_recorded_ones(program: Program) -> None:
    if program.missing:
        pytest.skip(f"{program.missing} is not installed")
    resolve = importlib.import_module(RESOLVE)
    coverage = compare(run(program), resolve.sites_of(program.root), simulator())
    assert coverage
    problems = [f"{site or program.name}: {problem}" for site, found in coverage.items() for problem in found.problems]
    assert not problems, "\n".join(problems)
    for site, found in coverage.items():
        assert len(found.segments) <= program.segments, f"{site}: {[segment.replay.variant for segment in found.segments]}"
