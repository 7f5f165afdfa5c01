"""What a changed request parameter costs, by model: the invalidation tables as the simulator applies them."""

from __future__ import annotations

import pytest

from auditor.cache.atoms import Forms
from auditor.cache.divergence import compare
from auditor.knowledge.providers import load
from auditor.llm.request import Block, CallSite, Kind, Request, Section
from auditor.places import Place
from auditor.values.text import Text

SITE = CallSite("anthropic.messages.create", Place("app.py", 1), "f")
ORDER = ("tools", "system", "messages")


def lost(model: str, name: str, before: str | None, after: str | None, provider: str = "anthropic") -> tuple[str, str]:
    """The first section that is certainly lost, and the first one that may be lost; "" for none."""
    blocks = tuple(Block(section, "user", Kind.TEXT, Text.of(section.value), message=0) for section in Section)

    def request(value: str | None) -> Request:
        params = {} if value is None else {name: Text.of(value)}
        return Request(SITE, provider, "api", Text.of(model), blocks, params=params)

    pair = compare(request(before), request(after), Forms(), load().lookup(provider, model))
    sections = [[*ORDER, ""][index] for index in (pair.maybe, pair.sure)]
    return sections[0], sections[1]


@pytest.mark.parametrize(
    ("model", "name", "before", "after", "certain", "possible"),
    [
        ("claude-sonnet-4-5", "tool_choice", '{"type": "auto"}', '{"type": "any"}', "messages", "messages"),
        ("claude-sonnet-4-5", "tool_choice", None, '{"type": "auto"}', "", ""),
        ("claude-sonnet-4-5", "thinking", None, '{"type": "enabled"}', "messages", "messages"),
        ("claude-opus-5", "thinking", '{"type": "adaptive"}', '{"type": "disabled"}', "messages", "tools"),
        ("claude-sonnet-4-6", "output_config.effort", "low", "high", "system", "tools"),
        ("claude-sonnet-4-6", "output_config.effort", None, "high", "", ""),
        ("claude-opus-5", "output_config.effort", "low", "high", "messages", "tools"),
        ("claude-opus-5", "output_config.format", None, "{}", "system", "system"),
        ("claude-opus-5", "speed", "fast", None, "system", "system"),
        ("claude-opus-5", "speed", "standard", None, "", ""),
        ("claude-opus-5", "max_tokens", "10", "20", "", ""),
    ],
)
def test_claude(model: str, name: str, before: str | None, after: str | None, certain: str, possible: str) -> None:
    assert lost(model, name, before, after) == (certain, possible)


@pytest.mark.parametrize(
    ("name", "certain"), [("reasoning", "tools"), ("parallel_tool_calls", "tools"), ("text", "tools"), ("tool_choice", "")]
)
def test_gpt(name: str, certain: str) -> None:
    assert lost("gpt-5.2", name, "a", "b", "openai") == (certain, certain)
