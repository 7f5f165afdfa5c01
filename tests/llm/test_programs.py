"""A function that only the main guard or a command calls is a program; each call of it is another process."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Repetition
from tests.llm.requests_of import sites

# Callers are followed five levels up: to the function itself, not to the guard.
DEEP = """
import anthropic

client = anthropic.Anthropic()


def send(options, question):
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=99, system=options.manual, messages=[{{"role": "user", "content": question}}]
    )


def first(options, question):
    return send(options, question)


def second(options, question):
    return first(options, question)


def third(options, question):
    return second(options, question)


def fourth(options):
    return third(options, input())


def begin({given}):
    return fourth(read_options())

{rest}
"""
GUARD = """
if __name__ == "__main__":
    begin({})
"""


def repetitions(folder: Path, given: str, rest: str, **more: str) -> set[Repetition]:
    site = next(
        site for site in sites(folder, report=DEEP.format(given=given, rest=rest), **more) if site.site.function == "send"
    )
    return {replay.repetition for replay in site.replays}


@pytest.mark.parametrize("given", ["", "argv=None"])
def test_what_only_the_main_guard_calls_is_sent_once_a_run(tmp_path: Path, given: str) -> None:
    assert repetitions(tmp_path, given, GUARD.format("")) == {Repetition.ONCE}


def test_a_command_of_the_metadata_is_a_program(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project.scripts]\nfigures = "report:begin"\n', encoding="utf-8")
    assert repetitions(tmp_path, "", "") == {Repetition.ONCE}


@pytest.mark.parametrize(
    ("given", "rest", "more"),
    [
        ("", "", {}),
        ("report", GUARD.format("3"), {}),  # shown at work
        ("", "HOURLY = [begin]\n" + GUARD.format(""), {}),
        ("", GUARD.format(""), {"server": "import report\n\nHANDLERS = [report.begin]\n"}),
    ],
)
def test_a_function_that_others_may_call_is_sent_with_each_call(
    tmp_path: Path, given: str, rest: str, more: dict[str, str]
) -> None:
    assert Repetition.HANDLER in repetitions(tmp_path, given, rest, **more)
