"""CA401: a literal tool list that is not sorted by name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from auditor.api import (
    Block,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
)


class UnsortedTools(Rule):
    """A literal tool list is not sorted by name.

    ## What it finds
    Three or more tools, all spelt out in the source, whose order is fixed but not alphabetical.

    ## Why it costs
    Nothing yet: a fixed order is cached whatever it is. But tools stand first in the prefix, and the next refactoring that
    gathers, merges or registers them in another order empties the cache for everything. A sorted list has one right place for
    every tool.

    ## How to mend it
    Sort the definitions by name, or sort where the list is put together: `sorted(tools, key=lambda tool: tool["name"])`.

    ## When it stays quiet
    - One or two tools.
    - Sorted lists.
    - Lists that are not spelt out in the source.
    - Single calls.

    ## Fix safety
    Sorting a literal list changes only the order in which the model reads the definitions.

    ## Sources
    https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-use-with-prompt-caching
    """

    meta = RuleMeta(
        code="CA401",
        name="unsorted-tools",
        summary="a literal tool list is not sorted by name",
        category=Category.TOOLS,
        severity=Severity.LOW,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "Search before lookup",
            """from openai import OpenAI

client = OpenAI()
EMPTY = {"type": "object", "properties": {}}


def answer(question: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "user", "content": question}],
        tools=[
            {"type": "function", "function": {"name": "search", "description": "Searches.", "parameters": EMPTY}},
            {"type": "function", "function": {"name": "lookup", "description": "Looks up.", "parameters": EMPTY}},
            {"type": "function", "function": {"name": "archive", "description": "Archives.", "parameters": EMPTY}},
        ],
    )
    return response.choices[0].message.content
""",
        ),
        Example(
            "A module's tool list",
            """import anthropic

client = anthropic.Anthropic()
EMPTY = {"type": "object", "properties": {}}
TOOLS = [
    {"name": "write_file", "description": "Writes a file.", "input_schema": EMPTY},
    {"name": "read_file", "description": "Reads a file.", "input_schema": EMPTY},
    {"name": "list_files", "description": "Lists files.", "input_schema": EMPTY},
]


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=TOOLS,
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "Sorted by name",
            """import anthropic

client = anthropic.Anthropic()
EMPTY = {"type": "object", "properties": {}}
TOOLS = [
    {"name": "list_files", "description": "Lists files.", "input_schema": EMPTY},
    {"name": "read_file", "description": "Reads a file.", "input_schema": EMPTY},
    {"name": "write_file", "description": "Writes a file.", "input_schema": EMPTY},
]


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=TOOLS,
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Sorted where the list is put together",
            """import anthropic

client = anthropic.Anthropic()
EMPTY = {"type": "object", "properties": {}}
TOOLS = [
    {"name": "write_file", "description": "Writes a file.", "input_schema": EMPTY},
    {"name": "read_file", "description": "Reads a file.", "input_schema": EMPTY},
    {"name": "list_files", "description": "Lists files.", "input_schema": EMPTY},
]


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=sorted(TOOLS, key=lambda tool: tool["name"]),
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if view.replay.repetition is Repetition.ONCE:
            return
        tools = [block for block in view.blocks if block.section is Section.TOOLS and not (block.deferred or block.added)]
        if len(tools) < 3 or not all(self._spelt_out(block) for block in tools):
            return
        names = [block.name or "" for block in tools]
        if names == sorted(names):
            return
        late, early = next((a, b) for a, b in pairwise(names) if a > b)
        yield self.report(
            view,
            message=f"The {len(names)} tools are not sorted by name: `{early}` stands behind `{late}`.",
            recommendation="Sort the definitions by name: one fixed order survives refactoring.",
            # A list that settings make longer is one list: what it begins with names it.
            subject=f"tools from {names[0]}",
            confidence=Confidence.MEDIUM,
            place=view.request.listed or tools[0].place,
        )

    @staticmethod
    def _spelt_out(block: Block) -> bool:
        """Definitions by value: a tool of unknown content or of a volatile order is other rules' business."""
        named = block.kind is Kind.TOOL and bool(block.name) and block.order is None
        return named and block.text.lifetime is not Lifetime.UNKNOWN
