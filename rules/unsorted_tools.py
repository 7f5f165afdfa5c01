"""CA401: a literal tool list that is not sorted by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
    Literal,
    Place,
    ProjectView,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    within,
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

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        """One list that each provider's client puts into another form is told of once: where it is written, if that is known."""
        views = [view for site in project.sites for view in site.views if not view.request.opaque]
        told = [(_names(view), _put_into_form(view), finding) for view in views for finding in self.check_replay(view)]
        first: dict[tuple[Place | None, ...], tuple[bool, Place]] = {}
        for names, formed, finding in told:
            first[names] = min(first.get(names, (formed, finding.place)), (formed, finding.place))
        for names, formed, finding in told:
            yield replace(finding, place=first[names][1]) if formed else finding

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


def _names(view: ReplayView) -> tuple[Place | None, ...]:
    """Where the tools' names are spelled."""
    tools = (block for block in view.blocks if block.section is Section.TOOLS)
    return tuple(_name(block) for block in tools)


def _name(block: Block) -> Place | None:
    """Where a tool's name is spelled: it stands there as JSON writes it."""
    named = (piece for piece in block.text.pieces if isinstance(piece, Literal) and f'"{block.name}"' in f'"{piece.text}"')
    return next((piece.place for piece in named), None)


def _put_into_form(view: ReplayView) -> bool:
    """Whether all definitions are made of names that are spelled elsewhere."""
    tools = [block for block in view.blocks if block.section is Section.TOOLS]
    spelled = [(_name(block), block.place) for block in tools]
    return all(name is not None and made is not None and not within(made, name) for name, made in spelled)
