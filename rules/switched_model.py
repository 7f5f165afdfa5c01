"""CA604: requests of one conversation go to different models."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Cause,
    Condition,
    Effort,
    Example,
    Finding,
    Hole,
    Place,
    ProjectView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Turn,
    gravity,
    keeps_history,
    kind_of,
    tokens_in_words,
    turns,
)

# Values that choose a model anew each time without being told to.
_DICE = frozenset({Cause.RANDOM, Cause.SHUFFLE})


class SwitchedModel(Rule):
    """The requests of one conversation go to different models.

    ## What it finds
    A model that is chosen for each message by its length, by a classifier or at random; a cheap model for tool steps and a strong
    one for answers over the same history; a conversation that a second call carries on with another model.

    ## Why it costs
    Each model has a cache of its own. After a switch nothing of tools, system prompt and history is found: a cheap model that
    reads a long history at full price easily costs more than the strong one that would have read it from its cache.

    ## How to mend it
    Keep one model for a conversation. Give work that another model can do to a conversation of its own (a sub-agent) that
    starts with what it needs and hands back a result.

    ## When it stays quiet
    - Different conversations or tasks with different models.
    - A model that is chosen once for a session, user or process.
    - A fallback after an error.
    - Models that the caller of each request chooses, be it by a word in the input that the program knows (a command).
    - Single requests.

    ## Fix safety
    There is no automatic fix: which model answers is the author's decision.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics
    https://developers.openai.com/api/docs/guides/prompt-caching/diagnostics
    """

    meta = RuleMeta(
        code="CA604",
        name="switched-model",
        summary="requests of one conversation go to different models",
        category=Category.CONVERSATION,
        severity=Severity.HIGH,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "A cheap model for the steps behind tool calls",
            """import anthropic

STRONG = "claude-sonnet-4-5"
CHEAP = "claude-haiku-4-5"
GUIDE = "Work step by step, and check the result of every tool before you go on. " * 500
TOOLS = [{"name": "run", "description": "Runs a command.", "input_schema": {"type": "object", "properties": {}}}]


class Agent:
    def __init__(self, execute) -> None:
        self.client = anthropic.Anthropic()
        self.execute = execute

    def run(self, task: str) -> str:
        messages = [{"role": "user", "content": task}]
        model = STRONG
        while True:
            response = self.client.messages.create(
                model=model,
                max_tokens=2000,
                cache_control={"type": "ephemeral"},
                system=GUIDE,
                tools=TOOLS,
                messages=messages,
            )
            messages.append({"role": "assistant", "content": response.content})
            results = [self.execute(block) for block in response.content if block.type == "tool_use"]
            if response.stop_reason != "tool_use":
                return response.content[0].text
            model = CHEAP if len(results) == 1 else STRONG
            messages.append({"role": "user", "content": results})
""",
        ),
        Example(
            "The length of each message chooses the model",
            """from openai import AsyncOpenAI

from settings import LARGE, SMALL, SYSTEM

client = AsyncOpenAI()


def pick(text: str) -> str:
    return LARGE if len(text) > 500 else SMALL


class Conversation:
    def __init__(self) -> None:
        self.messages = [{"role": "system", "content": SYSTEM}]

    async def say(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        reply = await client.chat.completions.create(model=pick(text), messages=self.messages)
        answer = reply.choices[0].message.content
        self.messages.append({"role": "assistant", "content": answer})
        return answer
""",
            files={
                "settings.py": """LARGE = "gpt-5.2"
SMALL = "gpt-5-mini"
SYSTEM = "Answer from the handbook and cite the section that you rely on. " * 200
"""
            },
        ),
        Example(
            "A router reads each message of a chat",
            """import anthropic

SMALL, LARGE = "claude-haiku-4-5", "claude-sonnet-4-5"
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 500
DEMANDING = ("plan", "compare", "analyse")
client = anthropic.AsyncAnthropic()


def route(message: str, files: list | None = None) -> str:
    lowered = message.lower()
    if files or any(word in lowered for word in DEMANDING):
        return LARGE
    return SMALL


async def turn(text: str, files: list | None = None, history: list | None = None) -> str:
    messages = [entry for entry in history or [] if entry.get("content")] + [{"role": "user", "content": text}]
    response = await client.messages.create(
        model=route(text, files),
        max_tokens=1000,
        cache_control={"type": "ephemeral"},
        system=GUIDE,
        messages=messages,
    )
    return response.content[0].text
""",
        ),
        Example(
            "A draft, and its revision by another model",
            """import anthropic

client = anthropic.Anthropic()
STYLE = "Write plainly, keep sentences short and name the source of every number. " * 600


def write(brief: str) -> str:
    messages = [{"role": "user", "content": brief}]
    draft = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=4000,
        system=[{"type": "text", "text": STYLE, "cache_control": {"type": "ephemeral"}}],
        messages=messages,
    )
    messages.append({"role": "assistant", "content": draft.content})
    messages.append({"role": "user", "content": "Revise the draft: shorter, and without repetition."})
    final = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=4000,
        system=[{"type": "text", "text": STYLE, "cache_control": {"type": "ephemeral"}}],
        messages=messages,
    )
    return final.content[0].text
""",
        ),
    )
    good = (
        Example(
            "A fallback when the model is overloaded",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 500


class Chat:
    def __init__(self) -> None:
        self.history: list[dict] = []

    def _ask(self, model: str):
        return client.messages.create(
            model=model,
            max_tokens=1000,
            cache_control={"type": "ephemeral"},
            system=GUIDE,
            messages=self.history,
        )

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        try:
            response = self._ask("claude-sonnet-4-5")
        except anthropic.InternalServerError:
            response = self._ask("claude-haiku-4-5")
        self.history.append({"role": "assistant", "content": response.content})
        return response.content[0].text
""",
        ),
        Example(
            "The model is chosen once for a session",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 200


class Session:
    def __init__(self, subscriber: bool) -> None:
        self.model = "gpt-5.2" if subscriber else "gpt-5-mini"
        self.items: list[dict] = []

    def send(self, text: str) -> str:
        self.items.append({"role": "user", "content": text})
        response = client.responses.create(model=self.model, instructions=GUIDE, input=self.items)
        self.items.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "Another model for another task",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 500
SHORT = "Give the conversation a title of five words."


class Chat:
    def __init__(self) -> None:
        self.history: list[dict] = []
        self.title = ""

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1000,
            cache_control={"type": "ephemeral"},
            system=GUIDE,
            messages=self.history,
        )
        answer = response.content[0].text
        self.history.append({"role": "assistant", "content": answer})
        if not self.title:
            named = client.messages.create(
                model="claude-haiku-4-5",
                max_tokens=20,
                system=SHORT,
                messages=[{"role": "user", "content": f"{text}\\n\\n{answer}"}],
            )
            self.title = named.content[0].text
        return answer
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for turn in turns(project):
            yield from self._finding(turn)

    def _finding(self, turn: Turn) -> Iterator[Finding]:
        view, confidence = turn.view, turn.confidence
        change = next((change for change in turn.changes if change.parameter == "model" and change.certain), None)
        severity = gravity(turn, change) if change is not None else None
        before, after = _model(turn.before), _model(turn.after)
        if change is None or severity is None or confidence is None or before is None or after is None or before == after:
            return
        if turn.passes and any(kind_of(turn, other) == Section.SYSTEM for other in turn.changes):
            return  # another task with a prompt of its own
        if turn.switch is not None and _asked_for(turn.switch.condition):
            return
        lost = f"{tokens_in_words(change.lost_static)} of fixed text"
        if keeps_history(view) and (turn.anytime or not change.lost_static.estimate):
            lost += " and the whole history"
        yield self.report(
            view,
            message=f"{_when(turn, before, after)}: each model has a cache of its own, and {lost} are processed at full price.",
            recommendation="Keep one model for a conversation; give what another one can do to a conversation of its own.",
            subject="model: " + " or ".join(sorted({before.split(" #")[0], after.split(" #")[0]})),
            severity=severity,
            confidence=confidence,
            place=_where(turn),
            saving=view.saving_turned(change.lost_static, earlier=keeps_history(view))
            if turn.passes
            else view.saving(change.lost_static),
        )


def _asked_for(condition: Condition) -> bool:
    """Whether a word of the source in the input decides: a command (`/pro ...`), by which whoever writes asks for the model."""
    return condition.named and condition.hole is not None and condition.hole.cause is Cause.INPUT


def _model(request: Request) -> str | None:
    """The model as far as the source decides about it; None for one that somebody else chooses."""
    if request.model is None:
        return None
    known = request.model.known
    if known is not None:
        return known
    pieces = request.model.pieces
    only = pieces[0] if len(pieces) == 1 else None
    if not isinstance(only, Hole):
        return None
    if only.cause is Cause.ENVIRONMENT and only.content is not None:
        return only.content.known
    return f"{only.expression} #{only.identity}" if only.cause in _DICE and only.reason is None else None


def _when(turn: Turn, before: str, after: str) -> str:
    one, two = before.split(" #")[0], after.split(" #")[0]
    if turn.switch is not None:
        one, two = sorted((one, two))
        return f"`{turn.switch.condition.told}` decides for each request whether `{one}` or `{two}` answers"
    if turn.elsewhere:
        place = turn.before.site.place
        return f"The conversation that `{one}` answered at {place.path}:{place.line} goes on here with `{two}`"
    if one == two:
        return f"`{one}` chooses another model from request to request of a conversation"
    return f"The model changes from `{one}` to `{two}` within a conversation"


def _where(turn: Turn) -> Place | None:
    return turn.switch.condition.place if turn.switch is not None else turn.after.site.place
