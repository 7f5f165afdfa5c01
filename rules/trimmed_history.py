"""CA601: the oldest turns of a conversation are dropped, so that every later request begins differently."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from auditor.api import (
    Category,
    Cause,
    Confidence,
    Effort,
    Example,
    Finding,
    Kind,
    Place,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    little,
    much,
)

KEPT_BY_THE_PROVIDER = ("previous_response_id", "conversation")
"""Parameters that name the conversation so far."""


class TrimmedHistory(Rule):
    """Old turns are dropped from the front of the history that is sent.

    ## What it finds
    `history[-20:]`, `history.pop(0)`, `del history[:2]`, a deque with `maxlen` and the like, where what remains is sent as the
    messages of a conversation, or retold in the text of one (of medium severity in an agent's loop, else low). The severity is
    low where the window is known and holds so little (twenty messages without tools, or less than would mostly reach the model's
    minimum), and medium where it holds less than some seventy.

    ## Why it costs
    A cache serves a request as far as it begins like an earlier one. Once the history is as long as it may get, each turn drops
    one at the front: the messages begin differently every time, and from then on no request finds any of them in the cache.

    ## How to mend it
    Let the history grow, and cut it rarely and by much: when it passes a limit, drop or summarise half of it at once, so that
    the requests in between repeat each other. Or let the provider do it (context editing, compaction).

    ## When it stays quiet
    - Lists that are cut for other purposes than to be sent.
    - Slices at the end.
    - Lists that do not grow from request to request.
    - Single requests.

    ## Fix safety
    There is no automatic fix: what a model should remember is the author's decision.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA601",
        name="trimmed-history",
        summary="old turns are dropped from the front of the history that is sent",
        category=Category.CONVERSATION,
        severity=Severity.HIGH,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "A window over the last messages",
            """import anthropic


class Chat:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        if len(self.history) > 20:
            self.history = self.history[-20:]
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1000,
            cache_control={"type": "ephemeral"},
            messages=self.history,
        )
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "The oldest pair is popped off",
            """from openai import OpenAI

client = OpenAI()
turns: list[dict] = []


def answer(question: str) -> str:
    turns.append({"role": "user", "content": question})
    while len(turns) > 12:
        turns.pop(0)
    system = [{"role": "system", "content": "Answer in one paragraph."}]
    response = client.chat.completions.create(model="gpt-4.1", messages=system + turns)
    text = response.choices[0].message.content
    turns.append({"role": "assistant", "content": text})
    return text
""",
        ),
        Example(
            "A deque of bounded length",
            """from collections import deque

from openai import OpenAI

client = OpenAI()


class Assistant:
    def __init__(self) -> None:
        self.memory = deque(maxlen=30)

    def ask(self, text: str) -> str:
        self.memory.append({"role": "user", "content": text})
        response = client.chat.completions.create(model="gpt-4o", messages=list(self.memory))
        self.memory.append({"role": "assistant", "content": response.choices[0].message.content})
        return response.choices[0].message.content
""",
        ),
        Example(
            "The last turns, retold in the prompt of an agent",
            """from pydantic_ai import Agent
from sqlalchemy import select

from db import Message, Session

agent = Agent("openai:gpt-4.1", instructions="Help customers of the shop with their orders.")


@agent.tool_plain
async def find_order(number: str) -> str:
    return f"Order {number} is on its way."


def earlier(conversation_id: str) -> list[dict]:
    with Session() as session:
        rows = session.execute(select(Message).where(Message.conversation_id == conversation_id)).scalars().all()
        return [{"role": row.role, "content": row.content} for row in rows]


def reply(conversation_id: str, text: str) -> str:
    parts = ["The conversation so far:"]
    for turn in earlier(conversation_id)[-30:]:
        parts.append(f"{turn['role'].upper()}: {turn['content']}")
    parts.append(f"Now answer: {text}")
    return agent.run_sync("\\n".join(parts)).output
""",
        ),
    )
    good = (
        Example(
            "What was said last, behind what is new anyway",
            """from openai import OpenAI
from sqlalchemy import select

from db import Message, Session

client = OpenAI()


def route(conversation_id: str, text: str) -> str:
    with Session() as session:
        rows = session.execute(select(Message).where(Message.conversation_id == conversation_id)).scalars().all()
    recent = "\\n".join(f"{row.role}: {row.content}" for row in rows[-4:])
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": "Name the department that answers the message."},
            {"role": "user", "content": f"The message: {text}\\nWhat was said before it:\\n{recent}"},
        ],
    )
    return response.choices[0].message.content
""",
        ),
        Example(
            "The history grows",
            """from openai import OpenAI

client = OpenAI()
turns: list[dict] = []


def answer(question: str) -> str:
    turns.append({"role": "user", "content": question})
    response = client.chat.completions.create(model="gpt-4.1", messages=turns)
    turns.append({"role": "assistant", "content": response.choices[0].message.content})
    return response.choices[0].message.content
""",
        ),
        Example(
            "Only what is shown is cut",
            """from openai import OpenAI

client = OpenAI()


class Assistant:
    def __init__(self) -> None:
        self.memory: list[dict] = []

    def ask(self, text: str) -> str:
        self.memory.append({"role": "user", "content": text})
        for turn in self.memory[-5:]:
            print(turn["content"])
        response = client.chat.completions.create(model="gpt-4o", messages=self.memory)
        self.memory.append({"role": "assistant", "content": response.choices[0].message.content})
        return response.choices[0].message.content
""",
        ),
        Example(
            "The last of a fixed list of examples",
            """from openai import OpenAI

client = OpenAI()
EXAMPLES = [
    {"role": "user", "content": "Parcel lost"},
    {"role": "assistant", "content": "logistics"},
    {"role": "user", "content": "Card declined"},
    {"role": "assistant", "content": "payments"},
]


def classify(ticket: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4o", messages=EXAMPLES[-2:] + [{"role": "user", "content": ticket}]
    )
    return response.choices[0].message.content
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        """Pairs of messages are dropped by two statements: one cause, told of where it begins."""
        if any(_continued(view) for view in site.views):
            return
        began: Place | None = None
        last: Place | None = None
        for finding in sorted(super().check_site(site), key=lambda finding: finding.place):
            here = finding.place
            if last is None or here.path != last.path or here.line > last.line + 1:
                began = here
            if here == began:
                yield finding
            last = here

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        cuts = dict.fromkeys(request.trimmed for request in view.replay.requests if request.trimmed is not None)
        place = next((cut for cut in cuts if not _told_once(view, cut) and not _cut_once(view, cut)), None)
        told = any(block.kind is Kind.TEXT and any(hole.place == place for hole in block.text.holes()) for block in view.blocks)
        if place is None or not (view.growing or _stored(view) or told) or view.site.context == "test":
            return
        cached = view.simulation.implicit or any(
            request.automatic is not None
            or any(block.marker is not None and block.section is Section.MESSAGES for block in request.blocks)
            for request in view.replay.requests
        )
        short = cached and little(view)
        yield self.report(
            view,
            message=(
                "The oldest messages are dropped here: once the history is that long, every request begins differently, and none"
                " of its messages is found in the cache again."
                f"{_little(cached=cached, short=short)}"
            ),
            recommendation="Cut the history rarely and by much (half of it at once), or summarise it; not with every turn.",
            subject="trimmed history",
            severity=_severity(view, cached=cached and not short, told=told),
            confidence=Confidence.MEDIUM if view.partial else Confidence.HIGH,
            place=place,
            saving=view.saving_history(written=not view.simulation.implicit) if cached else None,
        )


def _severity(view: ReplayView, *, cached: bool, told: bool) -> Severity:
    """Nothing is lost yet where nothing of the history would be cached, and little where a prompt retells a few turns."""
    if not cached or (told and not view.growing):
        return Severity.LOW
    return Severity.HIGH if much(view) and not told else Severity.MEDIUM


def _little(*, cached: bool, short: bool) -> str:
    """Why little is lost, where that is so."""
    if short:
        return " With so few messages little is lost."
    return "" if cached else " None is cached yet: nothing is lost before caching is switched on."


def _told_once(view: ReplayView, place: Place) -> bool:
    """Whether a message that retells the window stays in the history as it is, whatever follows it: nothing of that is cut."""
    requests = view.replay.requests
    told = [
        (block, later.blocks[index], len(later.blocks) > len(request.blocks))
        for number, request in enumerate(requests)
        for index, block in enumerate(request.blocks)
        if block.kind is Kind.TEXT and any(hole.place == place for hole in block.text.holes())
        for later in requests[number + 1 :]
        if index < len(later.blocks)
    ]
    return any(more for _, _, more in told) and all(block.text == later.text for block, later, _ in told)


def _cut_once(view: ReplayView, place: Place) -> bool:
    """Whether a conversation began with what was cut there, and goes on behind it: later calls send the very same messages."""
    runs: dict[Hashable, set[int]] = {}
    for request in view.replay.requests:
        for block in request.blocks:
            if block.kind is Kind.STRETCH:
                for hole in block.text.holes():
                    if hole.place == place:
                        runs.setdefault((hole.identity, hole.roots), set()).add(request.run)
    return len(runs) == 1 and any(len(sent) > 1 for sent in runs.values())


def _stored(view: ReplayView) -> bool:
    """Whether earlier messages are read from a store: their number is what the store holds."""
    return any(
        block.kind is Kind.STRETCH
        and block.section is Section.MESSAGES
        and any(hole.cause is Cause.RETRIEVAL for hole in block.text.holes())
        for block in view.blocks
    )


def _continued(view: ReplayView) -> bool:
    """Whether the provider keeps the conversation, so that only what is new is sent."""
    return any(name in request.params for request in view.replay.requests for name in KEPT_BY_THE_PROVIDER)
