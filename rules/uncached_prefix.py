"""CA203: a stable prefix above the minimum is sent again and again without any caching."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    ProjectView,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    answered_by_tools,
    late,
    short_loop,
    soon_full,
    tokens_in_words,
)

_HISTORY = "the growing history"

_ELSEWHERE = "Call the Messages API with Anthropic's own SDK, and put a marker behind what stays the same."


class UncachedPrefix(Rule):
    """A stable prefix above the model's minimum is sent repeatedly without caching switched on.

    ## What it finds
    A call of an Anthropic model (directly or through Bedrock) in a loop, a conversation or a handler whose tools, system prompt
    and early messages repeat and are long enough to be cached, with no marker and no automatic caching. In a conversation the
    history counts as well; in notebooks and examples, in loops of few rounds, and where a short window is cut from it with every
    turn, a history alone is of low severity; so is a prefix of less than twice the minimum that a handler sends once per event.

    ## Why it costs
    Nothing is cached at this provider unless the request asks for it: every request pays the full input price for text that
    could be read from the cache at a tenth of it or less, and waits longer for its first token.

    ## How to mend it
    Put `"cache_control": {"type": "ephemeral"}` on the last block that stays the same; in a conversation pass
    `cache_control={"type": "ephemeral"}` at the top level of the request, which moves with the history. Bedrock's Converse takes
    `{"cachePoint": {"type": "default"}}` behind the blocks instead.

    ## When it stays quiet
    - Prefixes that may be below the minimum.
    - Single calls.
    - Tests.
    - Requests some of whose arguments could not be read (low confidence).
    - Histories behind a value of which nothing is known (low confidence).
    - Prefixes that break at their start (CA101 names the cause).
    - Code that waits longer between its requests than any lifetime on offer.
    - Functions that place markers although no replayed request carries one (CA306).

    ## Fix safety
    There is no automatic fix yet.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
    """

    meta = RuleMeta(
        code="CA203",
        name="uncached-prefix",
        summary="a stable prefix above the minimum is sent repeatedly without any caching",
        category=Category.SIZE,
        severity=Severity.HIGH,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "A long system prompt as a string",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer_all(questions: list[str]) -> list[str]:
    answers = []
    for question in questions:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=HANDBOOK,
            messages=[{"role": "user", "content": question}],
        )
        answers.append(response.content[0].text)
    return answers
""",
        ),
        Example(
            "An agent loop that resends tools and history",
            """import anthropic

client = anthropic.Anthropic()
GUIDE = "Use the tools to find the order and explain to the customer what happens next with it. " * 300
TOOLS = [
    {
        "name": "find_order",
        "description": "Finds an order by its number.",
        "input_schema": {"type": "object", "properties": {"number": {"type": "string"}}},
    }
]


def run(task: str, call_tool) -> str:
    messages = [{"role": "user", "content": task}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=GUIDE, tools=TOOLS, messages=messages
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return response.content[0].text
        messages.append({"role": "user", "content": call_tool(response)})
""",
        ),
    )
    good = (
        Example(
            "The system prompt carries a marker",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer_all(questions: list[str]) -> list[str]:
    answers = []
    for question in questions:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        answers.append(response.content[0].text)
    return answers
""",
        ),
        Example(
            "Code on the way that places a marker where it finds a list of blocks",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()

    def _marked(self, message: dict) -> dict:
        if isinstance(message["content"], list):
            message["content"][-1]["cache_control"] = {"type": "ephemeral"}
        return message

    def ask(self, question: str | list[dict]) -> str:
        message = self._marked({"role": "user", "content": question})
        response = self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=HANDBOOK, messages=[message]
        )
        return response.content[0].text
""",
        ),
        Example(
            "A count of tokens, which sends nothing to a model",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Budget:
    def __init__(self, most: int) -> None:
        self.client = anthropic.Anthropic()
        self.most = most

    def fits(self, history: list[dict]) -> bool:
        count = self.client.messages.count_tokens(model="claude-sonnet-4-5", system=HANDBOOK, messages=history)
        return count.input_tokens <= self.most


def collect() -> list[dict]:
    budget, history = Budget(90_000), []
    while budget.fits(history):
        history.append({"role": "user", "content": input()})
    return history
""",
        ),
        Example(
            "A single call",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300

response = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=500,
    system=HANDBOOK,
    messages=[{"role": "user", "content": "How do I return a parcel?"}],
)
print(response.content[0].text)
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        yield from project.once(self._lacking(project))

    def _lacking(self, project: ProjectView) -> Iterator[tuple[SiteView, Finding]]:
        carried = project.carried
        for site in project.sites:
            # A switch that some way through the program throws is the author's choice, not an oversight; so is code on the way
            # that would place a marker, had the replay brought what it asks for.
            switched = any(view.intended for view in site.views) or any(
                view.unreached(carried) or (view.formed and view.wasted(carried)) for view in site.views
            )
            if not switched:
                yield from ((site, finding) for finding in self.check_site(site))

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        """Whoever cuts a history once it is long sends it whole before that: both are one conversation."""
        cut = {view.replay.entry for view in site.views if soon_full(view) or late(view)}
        for view in site.views:
            if not view.request.opaque:
                yield from self._of_view(view, cut=view.replay.entry in cut)

    def _of_view(self, view: ReplayView, *, cut: bool) -> Iterator[Finding]:
        if not self._asked(view) or view.cached or not view.repeated or view.site.context == "test":
            return
        if view.outlived:
            return  # whatever were cached would have expired before each next request
        prefix = view.stable_prefix
        if view.certainty(prefix) is Certainty.ABOVE:
            yield self._finding(view, self._of_prefix(view), f"{tokens_in_words(prefix)} of stable prefix")
        elif view.growing and self._reaches_history(view):
            ahead = f"{tokens_in_words(prefix)} of prefix and {_HISTORY}" if prefix.estimate else _HISTORY
            yield self._finding(view, self._of_history(view, cut=cut), ahead)

    @staticmethod
    def _asked(view: ReplayView) -> bool:
        """Whether only what a request marks is cached: by Anthropic's models, on Converse by those that Bedrock caches."""
        facts = view.simulation.facts
        converse = view.request.provider == "bedrock" and facts is not None and facts.known and "claude" in facts.id
        return view.request.provider == "anthropic" or (converse and view.minimum is not None)

    @staticmethod
    def _reaches_history(view: ReplayView) -> bool:
        """Whether nothing ahead of the messages is known to change within the conversation, or within one turn of an agent's."""
        return not any(
            spot.block.section is not Section.MESSAGES
            and not (view.fixed_in_run(spot) or view.fixed_in_turn(spot))
            and spot.hole.lifetime > Lifetime.SESSION
            for spot in view.spots
        )

    @staticmethod
    def _of_prefix(view: ReplayView) -> Severity:
        """Events come when they come: of a prefix that is little above the minimum, few find it still there, and each saves
        little."""
        little = view.minimum is not None and view.stable_prefix.low < 2 * view.minimum[1]
        alone = view.replay.repetition is Repetition.HANDLER and not view.growing
        return Severity.LOW if little and alone else Severity.HIGH

    @staticmethod
    def _of_history(view: ReplayView, *, cut: bool) -> Severity:
        """A history alone passes the minimum sooner or later: surely where tools answer into it, soon where the minimum is
        small. What a notebook or an example shows once is seldom a long one, nor is one that is soon cut with every turn."""
        if view.site.context in {"notebook", "example"}:
            return Severity.LOW
        tools = any(block.section is Section.TOOLS for block in view.blocks) and answered_by_tools(view)
        if (cut and not tools) or short_loop(view):
            return Severity.LOW
        small = view.minimum is not None and view.minimum[1] <= 2048
        return Severity.MEDIUM if tools or small else Severity.LOW

    def _finding(self, view: ReplayView, severity: Severity, what: str) -> Finding:
        # A history that only its name tells of may be short, one behind an unknown value or of each of many things may never be
        # repeated, and one of which nothing is known may carry markers of its own.
        of_history = view.growing and severity is not Severity.HIGH
        named = of_history and (not view.seen_growing or self._unsure(view) or self._for_each(view))
        told = of_history and not self._shown_growing(view)
        unread = any(name.startswith("**") for name, _ in view.request.unknown)  # which may hold the marker
        opaque = any(block.kind is Kind.STRETCH and any(hole.reason for hole in block.text.holes()) for block in view.blocks)
        ttl = view.longer_ttl(view.waits)
        verb = "is" if what == _HISTORY else "are"
        return self.report(
            view,
            message=(
                f"{what[:1].upper()}{what[1:]} ({_against(view.minimum)}) {verb} sent with every request of this"
                f" {self._what(view)}, and nothing switches caching on."
            ),
            recommendation=f"{self._mend(view)} {view.break_even(ttl).capitalize()}." if view.minimum else _ELSEWHERE,
            subject="no caching",
            severity=severity,
            confidence=Confidence.LOW
            if named or unread
            else Confidence.MEDIUM
            if opaque or told or view.partial
            else Confidence.HIGH,
            saving=None if of_history else view.saving(view.stable_prefix),
        )

    def _mend(self, view: ReplayView) -> str:
        if view.request.provider == "bedrock":
            where = "the newest message's content, and one behind the system prompt" if view.growing else "what stays the same"
            return f'Put `{{"cachePoint": {{"type": "default"}}}}` behind {where}.'
        if view.growing and view.site.api.startswith(("openai.", "litellm.")):  # of the SDKs only Anthropic's knows the argument
            return f'Put `"cache_control": {self._marker(view)}` on the last content block of the newest message of each request.'
        if view.growing:
            return 'Pass `cache_control={"type": "ephemeral"}` to the call: it moves along with the history.'
        marker = f'`"cache_control": {self._marker(view)}`'
        end = view.first_changing
        if end is not None and end.block.per_request and view.head(end).estimate:
            return f"Give the text ahead of `{end.expression}` a block of its own, and put {marker} on it."
        return f"Put {marker} on the last block that stays the same."

    @staticmethod
    def _unsure(view: ReplayView) -> bool:
        """Whether the system prompt may change within the conversation: a value of which nothing is known stands in it."""
        return any(
            spot.block.section is Section.SYSTEM
            and not (view.stable(spot) or view.fixed_in_run(spot) or view.fixed_in_turn(spot))
            for spot in view.spots
        )

    @staticmethod
    def _marker(view: ReplayView) -> str:
        ttl, shortest = view.longer_ttl(view.waits), view.longer_ttl(0.0)
        return '{"type": "ephemeral"}' if ttl == shortest else f'{{"type": "ephemeral", "ttl": "{ttl}"}}'

    @staticmethod
    def _shown_growing(view: ReplayView) -> bool:
        """Whether the replay itself shows it: a later request has more messages than the first."""
        counts = [sum(block.section is Section.MESSAGES for block in request.blocks) for request in view.replay.requests]
        return max(counts) > counts[0]

    def _for_each(self, view: ReplayView) -> bool:
        """Whether each turn of a loop over things unknown (rows, jobs) reads a history: it may be another conversation's."""
        return not self._shown_growing(view) and all(
            request.loop is not None and request.loop.most == 0 for request in view.replay.requests
        )

    @staticmethod
    def _what(view: ReplayView) -> str:
        return "conversation" if view.growing else view.replay.repetition.value


def _against(minimum: tuple[int, int] | None) -> str:
    """The minimum, in brackets behind a number of tokens; there is none where an Anthropic model is asked by another's API."""
    if minimum is None:
        return "this endpoint does not cache"
    low, high = minimum
    return f"the minimum is {low:,}" if low == high else f"the minimum is {low:,} to {high:,}, depending on the model"
