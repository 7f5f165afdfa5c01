"""CA405: a parameter that takes part in the cache's key changes between requests of one conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.api import (
    Category,
    Divergence,
    Effort,
    Example,
    Finding,
    Place,
    ProjectView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Turn,
    gravity,
    keeps_history,
    tokens_in_words,
    turns,
)

# CA604 and CA701 tell of these.
_OTHERS = frozenset({"model", "prompt_cache_key"})
_WORDS = {
    "output_config.effort": "effort",
    "output_config.format": "the output format",
    "output_config.task_budget": "the task budget",
}
_INSTEAD: Mapping[str, str] = {
    "tool_choice": "Leave `tool_choice` as it is and say in the last message which tool to use.",
    "thinking": "Keep one thinking configuration for the whole conversation.",
    "output_config.effort": "Keep one effort for the whole conversation, or change it by a message where the model accepts that.",
    "reasoning": "Keep one reasoning effort for the whole conversation.",
    "reasoning_effort": "Keep one reasoning effort for the whole conversation.",
    "parallel_tool_calls": "Send the same `parallel_tool_calls` with every request of the conversation.",
}
_GENERAL = "Send the same value with every request of the conversation, or start a new one for what needs another."


class ToolChoiceSwitched(Rule):
    """A parameter that takes part in the cache's key changes between requests of one conversation.

    ## What it finds
    `tool_choice`, thinking, effort, output format, parallel tool calls, reasoning, speed and the like that differ from one
    request of a conversation to the next: forced tools in the first step, thinking that is switched off for tool steps, a last
    request for structured output.

    ## Why it costs
    These parameters are rendered into the prompt or belong to the cache's key. Which sections are lost depends on the parameter
    and the model: with Claude, `tool_choice` costs the messages, an output format the system prompt too; with GPT reasoning
    effort, parallel tool calls and output format cost everything.

    ## How to mend it
    Choose the values once for a conversation. Where one request needs others, send it with a short conversation of its own.

    ## When it stays quiet
    - Values that one conversation keeps.
    - Different conversations with different values.
    - Parameters that take no part (max_tokens, temperature, `tool_choice` of GPT).
    - Changes behind which the cache holds nothing.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://platform.claude.com/docs/en/build-with-claude/extended-thinking
    https://developers.openai.com/api/docs/guides/prompt-caching/diagnostics
    """

    meta = RuleMeta(
        code="CA405",
        name="tool-choice-switched",
        summary="a parameter of the cache's key changes between requests of one conversation",
        category=Category.TOOLS,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "The question decides about `tool_choice`",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
TOOLS = [{"name": "search", "description": "Searches the web.", "input_schema": {"type": "object", "properties": {}}}]


class Assistant:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []

    def ask(self, question: str) -> str:
        self.history.append({"role": "user", "content": question})
        choice = {"type": "tool", "name": "search"} if "today" in question.lower() else {"type": "auto"}
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1000,
            cache_control={"type": "ephemeral"},
            system=HANDBOOK,
            tools=TOOLS,
            tool_choice=choice,
            messages=self.history,
        )
        self.history.append({"role": "assistant", "content": response.content})
        return response.content[-1].text
""",
        ),
        Example(
            "Reasoning is turned up for what looks hard",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Work step by step, and check the result of every tool before you go on. " * 200


class Session:
    def __init__(self) -> None:
        self.items: list[dict] = []

    def send(self, text: str) -> str:
        self.items.append({"role": "user", "content": text})
        effort = "high" if len(text) > 400 else "low"
        response = client.responses.create(
            model="gpt-5.2", instructions=GUIDE, input=self.items, reasoning={"effort": effort}
        )
        self.items.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "The conversation ends with a request for structured output",
            """from openai import AsyncOpenAI

client = AsyncOpenAI()
GUIDE = "Interview the customer about the claim, one question at a time, and stay polite. " * 200
SCHEMA = {"type": "json_schema", "json_schema": {"name": "claim", "schema": {"type": "object"}}}


async def interview(first: str, answers) -> str:
    messages = [{"role": "system", "content": GUIDE}, {"role": "user", "content": first}]
    async for answer in answers:
        reply = await client.chat.completions.create(model="gpt-4.1", messages=messages)
        messages.append({"role": "assistant", "content": reply.choices[0].message.content})
        messages.append({"role": "user", "content": answer})
    claim = await client.chat.completions.create(model="gpt-4.1", messages=messages, response_format=SCHEMA)
    return claim.choices[0].message.content
""",
        ),
    )
    good = (
        Example(
            "One choice for all requests",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
TOOLS = [{"name": "search", "description": "Searches the web.", "input_schema": {"type": "object", "properties": {}}}]


class Assistant:
    def __init__(self, thorough: bool) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []
        self.choice = {"type": "any"} if thorough else {"type": "auto"}

    def ask(self, question: str) -> str:
        self.history.append({"role": "user", "content": question})
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000 if "in detail" in question else 500,
            cache_control={"type": "ephemeral"},
            system=HANDBOOK,
            tools=TOOLS,
            tool_choice=self.choice,
            messages=self.history,
        )
        self.history.append({"role": "assistant", "content": response.content})
        return response.content[-1].text
""",
        ),
        Example(
            "GPT keeps its cache whatever the tool choice",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Work step by step, and check the result of every tool before you go on. " * 200
TOOLS = [{"type": "function", "name": "search", "description": "Searches the web.", "parameters": {"type": "object"}}]


class Session:
    def __init__(self) -> None:
        self.items: list[dict] = []

    def send(self, text: str) -> str:
        self.items.append({"role": "user", "content": text})
        response = client.responses.create(
            model="gpt-5.2",
            instructions=GUIDE,
            tools=TOOLS,
            tool_choice="required" if "today" in text else "auto",
            input=self.items,
        )
        self.items.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "Two tasks, each with an effort of its own",
            """from openai import OpenAI

client = OpenAI()
PLAN = "Break the task into steps that one person can finish in a day. " * 150
CHECK = "Say whether the plan is complete, and what is missing if it is not. " * 150


def plan(task: str) -> str:
    response = client.responses.create(model="gpt-5.2", instructions=PLAN, input=task, reasoning={"effort": "high"})
    return response.output_text


def check(task: str) -> str:
    response = client.responses.create(model="gpt-5.2", instructions=CHECK, input=plan(task), reasoning={"effort": "low"})
    return response.output_text
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for turn in turns(project):
            for name in sorted({change.parameter for change in turn.changes if change.parameter is not None} - _OTHERS):
                yield from self._finding(turn, name)

    def _finding(self, turn: Turn, name: str) -> Iterator[Finding]:
        view, confidence = turn.view, turn.confidence
        changes = [change for change in turn.changes if change.parameter == name]
        certain = next((change for change in changes if change.certain), None)
        severity = gravity(turn, certain) if certain is not None else None
        if confidence is None or certain is None or severity is None or _from(turn, certain) is None:
            return
        first, maybe = _from(turn, certain), next((_from(turn, change) for change in changes if not change.certain), None)
        sections = list(Section)
        lost = _listed([section.value for section in sections if first is not None and section.value in _behind(turn, first)])
        perhaps = ""
        if maybe is not None and first is not None and sections.index(maybe) < sections.index(first):
            rest = [section.value for section in sections[sections.index(maybe) : sections.index(first)]]
            perhaps = f" (on some models {_listed(rest)} too)"
        parts = [f"{tokens_in_words(certain.lost_static)} of fixed text"] if certain.lost_static.estimate else []
        parts += ["the history so far"] if keeps_history(view) and turn.anytime else []
        yield self.report(
            view,
            message=(
                f"{_called(name)} {_when(turn)}: with this model the cache loses {lost}{perhaps} each time it"
                f" changes{': ' if parts else ''}{' and '.join(parts)}."
            ),
            recommendation=_INSTEAD.get(name, _GENERAL),
            subject=f"{name} changes",
            severity=min(severity, Severity.MEDIUM),
            confidence=confidence,
            place=_where(turn),
            saving=view.saving_turned(certain.lost_static, earlier=keeps_history(view) and turn.anytime),
        )


def _from(turn: Turn, change: Divergence) -> Section | None:
    """The first section that is lost."""
    return turn.after.blocks[change.block].section if change.block < len(turn.after.blocks) else None


def _behind(turn: Turn, first: Section) -> frozenset[str]:
    """The sections from this one on that the request has."""
    order = list(Section)
    return frozenset(block.section.value for block in turn.after.blocks if order.index(block.section) >= order.index(first))


def _called(name: str) -> str:
    return f"`{name}`" if name not in _WORDS else _WORDS[name][0].upper() + _WORDS[name][1:]


def _when(turn: Turn) -> str:
    if turn.switch is not None:
        return f"changes within a conversation, by `{turn.switch.condition.told}`"
    if turn.elsewhere:
        place = turn.before.site.place
        return f"is another one here than in the same conversation at {place.path}:{place.line}"
    return "changes from one request of the conversation to the next"


def _where(turn: Turn) -> Place | None:
    return turn.switch.condition.place if turn.switch is not None else turn.after.site.place


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
