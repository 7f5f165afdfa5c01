"""Call sites that hold the same fixed text and share no prefix that holds it."""

from __future__ import annotations

from dataclasses import replace

from auditor.cache.groups import PrefixGroup, prefix_groups
from auditor.cache.outcome import Simulation
from auditor.cache.simulator import simulate
from auditor.knowledge.providers import load
from auditor.limits import DEFAULT
from auditor.llm.request import Block, CallSite, Repetition, Replay
from auditor.places import Place
from tests.cache.building import COUNTER, question, request, system, tool, words

MANUAL = words(5_000)


def sent(line: int, *blocks: Block, model: str | None = "claude-sonnet-4-5", context: str = "app") -> Simulation:
    site = CallSite("anthropic.messages.create", Place("app.py", line), f"f{line}", context)
    made = replace(request(*blocks, question(), model=model), site=site)
    return simulate(Replay(site, (made,), Repetition.HANDLER), load(), COUNTER)


def groups(*simulations: Simulation) -> tuple[PrefixGroup, ...]:
    return prefix_groups(simulations, COUNTER, DEFAULT)


def test_one_manual_behind_other_tools() -> None:
    one = sent(1, tool("search the web"), system(MANUAL))
    (group,) = groups(one, sent(2, tool("read a file"), system(MANUAL)))
    (parting,) = group.partings
    assert (group.leader.place.line, parting.site.place.line) == (1, 2)
    assert parting.here is not None
    assert parting.here.section == "tools"
    assert parting.shareable.low > 3_000
    assert parting.common.estimate < 50


def test_one_manual_behind_another_first_line() -> None:
    found = groups(sent(1, system("You are Ann.\n" + MANUAL)), sent(2, system("You are a clerk.\n" + MANUAL)))
    assert found[0].partings[0].shareable.low > 3_000


def test_what_begins_alike_is_shared_already() -> None:
    assert groups(sent(1, system(MANUAL)), sent(2, system(MANUAL))) == ()
    assert groups(sent(1, system(MANUAL)), sent(2, system(MANUAL), system("And be brief."))) == ()


def test_nothing_is_shared_between_models_or_by_short_or_different_texts() -> None:
    one = sent(1, tool("search"), system(MANUAL))
    assert groups(one, sent(2, tool("read"), system(MANUAL), model="claude-haiku-4-5")) == ()
    assert groups(one, sent(2, tool("read"), system(MANUAL), model=None)) == ()
    assert groups(one, sent(2, tool("read"), system(words(5_000, "guide")))) == ()
    assert groups(sent(1, tool("search"), system(words(300))), sent(2, tool("read"), system(words(300)))) == ()


def test_tests_are_left_out() -> None:
    assert groups(sent(1, tool("search"), system(MANUAL)), sent(2, tool("read"), system(MANUAL), context="test")) == ()


def test_three_sites_make_one_group_and_pairs_are_bounded() -> None:
    sites = [sent(line, tool(f"tool number {line}"), system(MANUAL)) for line in range(1, 4)]
    (group,) = groups(*sites)
    assert [parting.site.place.line for parting in group.partings] == [2, 3]
    (bounded,) = prefix_groups(sites, COUNTER, replace(DEFAULT, site_pairs=1))
    assert len(bounded.partings) == 1
