"""CA602: messages that were sent are sent again in another form, so that what stands behind them is not found."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from auditor.api import (
    GROWING_CAUSES,
    INCIDENTAL,
    Block,
    Category,
    Confidence,
    Divergence,
    Effort,
    Example,
    Finding,
    Hole,
    Kind,
    Lifetime,
    Literal,
    Place,
    ReplayView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Verdict,
    describe,
    keeps_history,
    measures,
    messages,
)

_SAID = (Lifetime.TURN, Lifetime.CALL, Lifetime.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Case:
    """A message that a later request sends in another form. `last`: it was the earlier request's last one."""

    view: ReplayView
    change: Divergence
    before: Block
    block: Block
    last: bool


class RewrittenHistory(Rule):
    """Messages that were sent are sent again in another form.

    ## What it finds
    Earlier messages that are edited in place, cleared, re-ordered or put anew at the front with every turn (a status, a summary,
    the steps that are left); and, where a breakpoint sits on the last message, a last message that the next request leaves out or
    stores in another form (a reminder at the end, retrieved documents that are not kept). Where no breakpoint holds the
    conversation it says so at low severity.

    ## Why it costs
    A cache serves a request as far as it repeats an earlier one. From the first message that reads differently on, the whole
    conversation is processed at full price, every time; a breakpoint behind it writes an entry that nobody reads.

    ## How to mend it
    Only append. What is new (a status, a reminder) belongs into the newest message and stays there. Clear or summarise rarely
    and much at once. Where the last message is not kept as it was sent, put the breakpoint on the last one that is.

    ## When it stays quiet
    - Appending.
    - Breakpoints that move.
    - A history that is summarised when it passes a limit.
    - Turns that are dropped from the front, which is CA601's.
    - One among many turns from which a conversation goes on otherwise.
    - Single requests.
    - One question that is asked again in another form, be it with the beginning of its answer.
    - Conversations that begin with the same words: none of the answers of one comes again in the next.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics
    """

    meta = RuleMeta(
        code="CA602",
        name="rewritten-history",
        summary="messages that were sent are sent again in another form",
        category=Category.CONVERSATION,
        severity=Severity.HIGH,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "Old answers are cleared with every turn",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Chat:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []

    def _shorten(self) -> None:
        for message in self.history[:-2]:
            message["content"] = "[left out]"

    def say(self, text: str) -> str:
        self._shorten()
        self.history.append({"role": "user", "content": text})
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1000,
            cache_control={"type": "ephemeral"},
            system=HANDBOOK,
            messages=self.history,
        )
        answer = response.content[0].text
        self.history.append({"role": "assistant", "content": answer})
        return answer
""",
        ),
        Example(
            "The task is written anew with the steps that are left",
            """from openai import AsyncOpenAI

client = AsyncOpenAI()
GUIDE = "Work step by step, and check the result of every tool before you go on. " * 200
STEPS = 12


async def work(task: str, tools: list, execute) -> str:
    messages = [{"role": "system", "content": GUIDE}, {"role": "user", "content": task}]
    for step in range(STEPS):
        messages[1] = {"role": "user", "content": f"{task}\\n\\nSteps left: {STEPS - step}"}
        response = await client.chat.completions.create(model="gpt-4.1", messages=messages, tools=tools)
        message = response.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            return message.content
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": await execute(call)})
    return ""
""",
        ),
        Example(
            "A reminder at the end that the next request leaves out",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
REMINDER = {"role": "user", "content": "Remember: answer in French, and never promise a date."}


def chat(questions) -> None:
    history = []
    for question in questions:
        history.append({"role": "user", "content": question})
        with client.messages.stream(
            model="claude-sonnet-4-5",
            max_tokens=1000,
            cache_control={"type": "ephemeral"},
            system=HANDBOOK,
            messages=history + [REMINDER],
        ) as stream:
            answer = stream.get_final_message()
        history.append({"role": "assistant", "content": answer.content})
""",
        ),
    )
    good = (
        Example(
            "The history only grows",
            """from openai import AsyncOpenAI

client = AsyncOpenAI()
GUIDE = "Work step by step, and check the result of every tool before you go on. " * 200
STEPS = 12


async def work(task: str, tools: list, execute) -> str:
    messages = [{"role": "system", "content": GUIDE}, {"role": "user", "content": task}]
    for step in range(STEPS):
        response = await client.chat.completions.create(model="gpt-4.1", messages=messages, tools=tools)
        message = response.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            return message.content
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": await execute(call)})
        messages.append({"role": "user", "content": f"Steps left: {STEPS - step}"})
    return ""
""",
        ),
        Example(
            "A long history is summarised once in a while",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 200


class Chat:
    def __init__(self) -> None:
        self.history: list[dict] = []

    def _compact(self) -> None:
        told = "\\n".join(str(message["content"]) for message in self.history)
        summary = client.responses.create(model="gpt-5-mini", input=f"Summarise this conversation.\\n\\n{told}").output_text
        self.history = [{"role": "user", "content": f"The conversation so far: {summary}"}]

    def say(self, text: str) -> str:
        if len(self.history) > 60:
            self._compact()
        self.history.append({"role": "user", "content": text})
        response = client.responses.create(model="gpt-5.2", instructions=GUIDE, input=self.history)
        self.history.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "The breakpoint moves",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def chat(questions) -> None:
    history = []
    for question in questions:
        for message in history:
            for block in message["content"]:
                if isinstance(block, dict):
                    block.pop("cache_control", None)
        history.append(
            {"role": "user", "content": [{"type": "text", "text": question, "cache_control": {"type": "ephemeral"}}]}
        )
        answer = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1000,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=history,
        )
        history.append({"role": "assistant", "content": [{"type": "text", "text": answer.content[0].text}]})
""",
        ),
        Example(
            "Each request stands alone behind fixed examples",
            """import anthropic

client = anthropic.Anthropic()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200
EXAMPLES = [{"role": "user", "content": "Parcel lost"}, {"role": "assistant", "content": "logistics"}]


def classify(tickets: list[str]) -> list[str]:
    queues = []
    for ticket in tickets:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=100,
            system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
            messages=[*EXAMPLES, {"role": "user", "content": ticket}],
        )
        queues.append(response.content[0].text)
    return queues
""",
        ),
        Example(
            "A tool's result goes back with the question, and is forgotten with it",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Look the order up with the tool and say in one sentence where the parcel is. " * 200


class Assistant:
    def __init__(self, settings, tools: list, run) -> None:
        self.settings = settings
        self.tools = tools
        self.run = run

    def answer(self, query: str) -> str:
        asked = {"role": "user", "content": f"{self.settings.greeting}\\n\\nUser: {query}"}
        messages = [{"role": "system", "content": GUIDE}, asked]
        reply = client.chat.completions.create(model="gpt-4.1", messages=messages, tools=self.tools).choices[0].message
        if not reply.tool_calls:
            return reply.content
        result = {"role": "tool", "tool_call_id": reply.tool_calls[0].id, "content": self.run(reply.tool_calls[0])}
        again = client.chat.completions.create(model="gpt-4.1", messages=[*messages, reply, result], tools=self.tools)
        return again.choices[0].message.content


def serve(assistant: Assistant, questions) -> None:
    for question in questions:
        print(assistant.answer(question))
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        """What every way from one entry does: a change that hangs on a condition (a limit that is passed) is rare.

        A test of the message's own length is another matter: among many messages some are long.
        """
        entries: dict[Place | None, list[ReplayView]] = {}
        for view in site.views:
            if len(view.replay.requests) > 1 and not view.request.opaque:
                entries.setdefault(view.replay.entry, []).append(view)
        for views in entries.values():
            cases = [_case(view) for view in views]
            case = next((one for one in cases if one is not None), None)
            if case is None or case.view.site.context == "test":
                continue
            missing = (view for view, one in zip(views, cases, strict=True) if one is None)
            if _asked_of_it(case) or all(_differs(view, case.change.block) for view in missing):
                yield self._finding(case)

    def _finding(self, case: _Case) -> Finding:
        view = case.view
        held = keeps_history(view)
        sure = case.change.certain and not _guessed(case) and not _asked_of_it(case)
        if case.last:
            message = (
                f"The last message ({_shown(case)}) is not sent again as it was: the next request has something else there."
                " What the breakpoint there wrote is never read, and with it no turn of the history."
            )
            advice = "Put the breakpoint on the last message that is kept as it was sent, or keep this one too."
        else:
            message = (
                f"An earlier message is sent in another form with every turn ({_shown(case)}): the whole history behind it is"
                " processed at full price each time."
            )
            advice = "Leave what was sent as it is and append; clear or summarise rarely, and much at once."
        return self.report(
            view,
            message=message,
            recommendation=advice,
            subject="rewritten history: " + _shown(case),
            severity=Severity.HIGH if held else Severity.LOW,
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
            place=_place(case),
        )


MANY_TURNS = 8
"""Requests in which what happens with every turn happens more than once."""


def _differs(view: ReplayView, at: int) -> bool:
    """Whether that message is another one here too, where nothing of a history is seen behind it (answers that are left out)."""
    return any(change.block == at and change.parameter is None for change in view.simulation.divergences)


def _case(view: ReplayView) -> _Case | None:
    """The first message that is rewritten; one in the middle of the history rather than the last one.

    Among many turns one that begins otherwise is where another conversation begins, or another branch of it.
    """
    requests = view.replay.requests
    if any(request.trimmed is not None for request in requests):
        return None
    found = [case for change in view.simulation.divergences if (case := _rewrites(view, change)) is not None]
    middle = [case for case in found if not case.last]
    if middle and (len(requests) < MANY_TURNS or len({case.change.request for case in middle}) > 1):
        return middle[0]
    ends = [point for point in view.breakpoints() if _of_messages(view, point.block)]
    unread = bool(ends) and all(point.verdict is Verdict.NEVER_READ for point in ends)
    return found[0] if found and unread and not view.simulation.implicit else None


def _rewrites(view: ReplayView, change: Divergence) -> _Case | None:
    """Whether a difference is an earlier message in another form, of a conversation that goes on."""
    before, after = view.replay.requests[change.request - 1], view.replay.requests[change.request]
    at = change.block
    if change.parameter is not None or not change.certain or at >= min(len(before.blocks), len(after.blocks)):
        return None
    old, new = before.blocks[at], after.blocks[at]
    if old.section is not Section.MESSAGES or new.section is not Section.MESSAGES:
        return None
    said = at >= len(view.blocks) or view.blocks[at].per_request
    if change.hole is not None and change.hole.cause in INCIDENTAL and not said:
        return None  # CA101 tells of it
    longer = len(messages(after)) > len(messages(before))
    runs = any(block.kind is Kind.STRETCH for block in messages(after))
    if not longer and (old.per_request or not runs):
        return None  # one question, asked again in another form, be it with the beginning of its answer
    own = _spoken(messages(before))
    rest = {block.text for block in after.blocks[at + 1 :] if block.section is Section.MESSAGES}
    behind = [block for block in before.blocks[at + 1 :] if block in own and block.text in rest]
    if behind or (not old.per_request and _same_words(old, new) and _goes_on(before.blocks[at + 1 :], after)):
        return _Case(view, change, old, new, last=False)
    goes_on = len(messages(after)) > len(messages(before)) and bool(_answers(after.blocks[at:]))
    if old.per_request and goes_on and _repeats(before.blocks[: at + 1], after):
        return _Case(view, change, old, new, last=True)
    return None


def _spoken(blocks: Sequence[Block]) -> list[Block]:
    """What a user or the model said in this conversation, as against fixed examples and what all conversations share."""
    return [block for block in blocks if any(hole.lifetime in _SAID for hole in block.text.holes())]


def _goes_on(behind: Sequence[Block], after: Request) -> bool:
    """Whether anything of the answers behind a message comes again, in whatever form: else another conversation begins alike."""
    gone = {hole.identity for block in _answers(behind) for hole in block.text.holes() if hole.cause in GROWING_CAUSES}
    sent = (hole for block in messages(after) for hole in block.text.holes())
    return not gone or any(not gone.isdisjoint((hole.identity, *hole.roots)) for hole in sent)


def _same_words(old: Block, new: Block) -> bool:
    """Whether something that was said stands in both: it is one message in two forms.

    Messages that each say something of their own are two, whatever settings of unknown lifetime both are written with.
    """
    asked, asked_again = _asked(old), _asked(new)
    if asked and asked_again and asked.isdisjoint(asked_again):
        return False
    said = {hole.identity for hole in old.text.holes() if hole.lifetime in _SAID}
    return any(not said.isdisjoint((hole.identity, *hole.roots)) for hole in new.text.holes())


def _asked(block: Block) -> set[Hashable]:
    """What only this message says (but for clocks and ids, which stand there by habit), and what that was made of."""
    holes = (hole for hole in block.text.holes() if hole.lifetime is Lifetime.CALL and hole.cause not in INCIDENTAL)
    return {identity for hole in holes for identity in (hole.identity, *hole.roots)}


def _answers(blocks: Sequence[Block]) -> list[Block]:
    return [block for block in blocks if any(hole.cause in GROWING_CAUSES for hole in block.text.holes())]


def _repeats(blocks: Sequence[Block], after: Request) -> bool:
    """Whether something that was said up to there comes again."""
    said = {hole.identity for block in blocks if block.section is Section.MESSAGES for hole in block.text.holes()}
    return any(hole.identity in said for block in after.blocks if not block.per_request for hole in block.text.holes())


def _asked_of_it(case: _Case) -> bool:
    """Whether the message is rewritten where it is longer than something."""
    said = {hole.identity for hole in case.before.text.holes() if hole.lifetime in _SAID}
    return not case.last and any(measures(condition, said) for condition, _ in case.view.replay.conditions)


def _of_messages(view: ReplayView, index: int) -> bool:
    return index >= len(view.blocks) or view.blocks[index].section is Section.MESSAGES


def _shown(case: _Case) -> str:
    """The last message as it was, or the new form of an earlier one."""
    pieces = case.before.text.pieces if case.last else [case.change.after]
    for piece in pieces:
        if isinstance(piece, Literal) and piece.text.strip():
            return f"`{' '.join(piece.text.split())[:40]}`"
        if isinstance(piece, Hole):
            return f"`{piece.expression}`"
    return describe(case.block)


def _place(case: _Case) -> Place | None:
    """Where the other form is written; the call where the last message gives way to what was said next."""
    if case.last:
        return None
    piece = case.change.after
    if isinstance(piece, Literal):
        return piece.place or case.block.place
    if isinstance(piece, Hole) and piece.entered is not None:
        return piece.entered.place
    return case.block.place


def _guessed(case: _Case) -> bool:
    return case.block.kind is Kind.STRETCH
