"""CA603: a conversation grows, and no breakpoint moves along with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.api import (
    Block,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    Kind,
    Place,
    ProjectView,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    little,
    short_loop,
)


class UncachedHistory(Rule):
    """Tools or system carry a breakpoint, the growing history of the conversation carries none.

    ## What it finds
    A conversation or an agent loop whose messages grow by appending, with a breakpoint on the tools or the system prompt, but
    none on a message in any of its requests and no automatic caching. The severity is low for a loop of very few rounds that
    begins with little, and where the code keeps so few messages that next to nothing is lost.

    ## Why it costs
    Each request repeats the whole conversation so far. What stands behind the last breakpoint is processed at full price every
    time, so that the cost of a conversation grows with the square of its length; after a few turns with tool results the history
    is most of the request.

    ## How to mend it
    Pass `cache_control={"type": "ephemeral"}` to the call: the automatic breakpoint sits on the last block and moves along. Or
    put a breakpoint on the last block of the last message, and take it off the message before the last two.

    ## When it stays quiet
    - Single requests.
    - Conversations with a breakpoint on some message or the automatic one.
    - Providers that cache without breakpoints.
    - Code that switches no caching on at all, which is CA203's.
    - A history of which only the name is known (low confidence).

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA603",
        name="uncached-history",
        summary="a conversation grows behind the last breakpoint, and none moves along with it",
        category=Category.CONVERSATION,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "An agent loop that marks its system prompt only",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Work step by step and check the result of every tool before you go on. " * 150
TOOLS = [{"name": "run", "description": "Runs a command.", "input_schema": {"type": "object", "properties": {}}}]


def work(task: str) -> str:
    messages = [{"role": "user", "content": task}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000,
            system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
            tools=TOOLS,
            messages=messages,
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return response.content[0].text
        messages.append({"role": "user", "content": run_tools(response)})
""",
        ),
        Example(
            "A chat that keeps its history in an attribute",
            """import anthropic


class Chat:
    def __init__(self, handbook: str) -> None:
        self.client = anthropic.Anthropic()
        self.system = [{"type": "text", "text": handbook, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        response = self.client.messages.create(
            model="claude-opus-4-5", max_tokens=1000, system=self.system, messages=self.history
        )
        answer = response.content[0].text
        self.history.append({"role": "assistant", "content": answer})
        return answer
""",
        ),
        Example(
            "A marker on the tools and an endless prompt",
            """import anthropic

client = anthropic.Anthropic()
TOOLS = [
    {"name": "find", "description": "Finds a file by its name.", "input_schema": {"type": "object", "properties": {}}},
    {
        "name": "read",
        "description": "Reads a file. " * 500,
        "input_schema": {"type": "object", "properties": {}},
        "cache_control": {"type": "ephemeral"},
    },
]


def main() -> None:
    turns = []
    while True:
        turns.append({"role": "user", "content": [{"type": "text", "text": input("> ")}]})
        answer = client.messages.create(model="claude-haiku-4-5", max_tokens=800, tools=TOOLS, messages=turns)
        print(answer.content)
        turns.append({"role": "assistant", "content": answer.content})


main()
""",
        ),
    )
    good = (
        Example(
            "Automatic caching moves along",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Work step by step and check the result of every tool before you go on. " * 150
TOOLS = [{"name": "run", "description": "Runs a command.", "input_schema": {"type": "object", "properties": {}}}]


def work(task: str) -> str:
    messages = [{"role": "user", "content": task}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000,
            system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
            cache_control={"type": "ephemeral"},
            tools=TOOLS,
            messages=messages,
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return response.content[0].text
        messages.append({"role": "user", "content": run_tools(response)})
""",
        ),
        Example(
            "A breakpoint on the last user message",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 200


def chat() -> None:
    history = []
    while True:
        history.append({"role": "user", "content": [{"type": "text", "text": input("> ")}]})
        history[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000,
            system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
            messages=history,
        )
        del history[-1]["content"][-1]["cache_control"]
        history.append({"role": "assistant", "content": response.content})


chat()
""",
        ),
        Example(
            "Each request stands alone",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Sort the ticket into one of the queues and say why it belongs there. " * 150


def classify(tickets: list[str]) -> list[str]:
    queues = []
    for ticket in tickets:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=100,
            system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": ticket}],
        )
        queues.append(response.content[0].text)
    return queues
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        yield from project.once((site, finding) for site in project.sites for finding in self.check_site(site))

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        # A marker that some way through the program puts on a message is there: other ways leave it out on purpose.
        if not any(self._moves(view, site.views) for view in site.views):
            yield from super().check_site(site)

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if not view.growing or not view.intended or view.simulation.implicit or view.site.context == "test":
            return
        if view.minimum is None and view.request.provider != "anthropic" and not _asked_of_whoever(view):
            return
        last = view.blocks[view.marked_behind] if 0 <= view.marked_behind < len(view.blocks) else None
        where = "tools" if last is not None and last.section is Section.TOOLS else "system prompt"
        yield self.report(
            view,
            message=(
                f"The conversation grows behind the breakpoint on the {where}, and no breakpoint moves along: every request pays"
                " the full price for all earlier turns."
            ),
            recommendation=(
                'Pass `cache_control={"type": "ephemeral"}` to the call, or put a breakpoint on the last message\'s last block.'
            ),
            subject="uncached history",
            severity=Severity.LOW if short_loop(view) or little(view) else Severity.MEDIUM,
            confidence=self._confidence(view),
            saving=view.saving_history(),
        )

    @staticmethod
    def _hidden(view: ReplayView, views: Sequence[ReplayView]) -> bool:
        """Whether code on the way marks something that is not to be seen where messages are not known one by one.

        `views` are all those of the call site: what one of its variants carries is to be seen.
        """
        carried = {place for one in views for place in _carried(one)}
        stretches = any(block.section is Section.MESSAGES and block.kind is Kind.STRETCH for block in view.blocks)
        return view.conceals(views) is not None or (stretches and bool(view.unreached_in_turns(carried)))

    def _moves(self, view: ReplayView, views: Sequence[ReplayView]) -> bool:
        return any(
            request.automatic is not None or any(block.marker is not None and _turn(block, view) for block in request.blocks)
            for request in view.replay.requests
        ) or self._hidden(view, views)

    @staticmethod
    def _confidence(view: ReplayView) -> Confidence:
        """A history of which nothing is known may carry markers of its own; one that only its name tells of may be short."""
        if not view.seen_growing:
            return Confidence.LOW
        if _asked_of_whoever(view):
            return Confidence.MEDIUM
        unknown = any(
            hole.reason is not None
            for request in view.replay.requests
            for block in request.blocks
            if block.section is Section.MESSAGES and block.kind is Kind.STRETCH
            for hole in block.text.holes()
        )
        return Confidence.MEDIUM if unknown else Confidence.HIGH


def _turn(block: Block, view: ReplayView) -> bool:
    """Whether a block of the messages is part of a turn, or may be."""
    instructing = block.role in {"system", "developer"} or (block.kind is Kind.STRETCH and view.of_instructions)
    return block.section is Section.MESSAGES and not instructing


def _carried(view: ReplayView) -> Iterator[Place]:
    """Where the markers are spelled that a view's requests carry, and where the way to them put such a one."""
    for request in view.replay.requests:
        markers = (request.automatic, *(block.marker for block in request.blocks))
        spelled = {marker.place for marker in markers if marker is not None and marker.place is not None}
        yield from spelled
        yield from (place for place, marker in request.marked if marker in spelled)


def _asked_of_whoever(view: ReplayView) -> bool:
    """Whether prompts are marked for a model that is chosen elsewhere: who reads markers caches what they say, nothing else."""
    return view.request.provider == "unknown" and bool(view.markers)
