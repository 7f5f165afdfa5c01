"""An error of the tool in one entry costs what is heard from that one, and is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.discovery.files import discover
from auditor.interp.library import regular
from auditor.llm.resolve import resolve

PROGRAM = """import re
import anthropic

client = anthropic.Anthropic()


def odd(text):
    found = re.search("a", "banana")
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": found.group()}]
    )


def plain(text):
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": text}])
"""


def test_an_error_in_one_entry_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IndexError("tuple index out of range")

    monkeypatch.setattr(regular, "_of_match", broken)
    (tmp_path / "app.py").write_text(PROGRAM, encoding="utf-8")
    found = resolve(discover([tmp_path], base=tmp_path))
    (problem,) = found.problems
    assert problem.internal
    assert (problem.path, problem.line) == ("app.py", 7)
    assert "evaluating `odd` failed: IndexError: tuple index out of range (test_faults.py:" in problem.message
    assert [len(site.replays) > 0 for site in found.sites] == [False, True]


ANNOTATED = """import configparser
import re
import string

import anthropic
from langchain_core.prompt_values import StringPromptValue
from langchain_core.prompts import PromptTemplate
from omegaconf import DictConfig

client = anthropic.Anthropic()


def ask(given: {}) -> object:
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, messages=[{{"role": "user", "content": f"{{{}}}"}}]
    )
"""


@pytest.mark.parametrize(
    ("cls", "expression"),
    [
        ("re.Match", "given.group() + given.group(1)"),
        ("re.Match", "given['name'], given.groups(), given.span()"),
        ("string.Template", "given.substitute(a=1)"),
        ("string.Template", "given.template"),
        ("StringPromptValue", "given.to_string() + given.text"),
        ("PromptTemplate", "given.format(a=1) + given.template"),
        ("DictConfig", "given.model.name + given['model']"),
        ("configparser.ConfigParser", "given['a']['b'] + given.get('a', 'b')"),
    ],
)
def test_an_object_of_which_only_the_class_is_known_is_unknown(cls: str, expression: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(ANNOTATED.format(cls, expression), encoding="utf-8")
    found = resolve(discover([tmp_path], base=tmp_path))
    assert not found.problems
    (site,) = found.sites
    assert site.replays
