"""What a whole run may cost, where many functions of a project send."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.discovery.files import discover
from auditor.limits import DEFAULT, LEAST_SITE_STEPS
from auditor.llm.resolve import Resolution, resolve

SENDER = """
import anthropic

client = anthropic.Anthropic()

def {name}_request(text):
    total = 0
    for number in range(250):
        total += sum(range(number % 3)) + len(str(number)) + number * 2
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=total, system="fixed",
        messages=[{{"role": "user", "content": text}}])

def {name}():
    return {name}_request("of {name}")
"""


def resolved(folder: Path, **changed: int) -> Resolution:
    for name in ("first", "second", "third"):
        (folder / f"{name}.py").write_text(SENDER.format(name=name), encoding="utf-8")
    return resolve(discover([folder]), replace(DEFAULT, **changed))


def test_few_functions_have_all_that_one_may_cost() -> None:
    assert DEFAULT.shared_by(0) == DEFAULT.shared_by(1) == DEFAULT.shared_by(400) == DEFAULT


def test_many_functions_share_what_a_run_may_cost() -> None:
    each = DEFAULT.shared_by(1_000)
    assert (each.site_steps, each.steps) == (48_000, DEFAULT.steps)
    assert DEFAULT.shared_by(4_000).steps == DEFAULT.shared_by(4_000).site_steps == 12_000
    assert DEFAULT.shared_by(10**9).steps == LEAST_SITE_STEPS


def test_what_was_not_looked_at_for_want_of_steps_is_counted(tmp_path: Path) -> None:
    whole = resolved(tmp_path)
    assert not whole.limits
    callers = [site.replays[0].entry for site in whole.sites]
    assert [place.line for place in callers if place is not None] == [13, 13, 13]
    short = resolved(tmp_path, run_steps=3 * LEAST_SITE_STEPS)
    assert short.limits["run steps"] == 1
    assert short.limits["site steps"] == 3
    assert [site.site.function for site in short.sites] == ["first_request", "second_request", "third_request"]


LONG = """
import anthropic

client = anthropic.Anthropic()

def work(text):
    total = 0
    for number in range(60):
        total += sum(range(number // 3)) + len(str(number)) + number * 2 + len(text)
    return str(total)

def route(text):
    if text.startswith("weigh"):
        reply = work(text)
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": reply}])
    %s
    else:
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": text}])
"""


def test_the_last_call_of_a_long_function_is_reached(tmp_path: Path) -> None:
    """What each branch calls is kept short where the function's own last call would lie beyond its budget."""
    branches = "\n    ".join(f'elif text.startswith("{number}"):\n        reply = work(text)' for number in range(40))
    (tmp_path / "long.py").write_text(LONG % branches, encoding="utf-8")
    found = resolve(discover([tmp_path]), replace(DEFAULT, steps=6_000))
    assert [len(site.replays) > 0 for site in found.sites] == [True, True]
