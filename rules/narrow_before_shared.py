"""CA102: text of one user or session stands ahead of text that all of them share."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    INCIDENTAL,
    UNTOLD_MINIMUM,
    Block,
    Category,
    Cause,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    Literal,
    Place,
    Repetition,
    ReplayView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Shared,
    SiteView,
    Spot,
    Text,
    TokenCount,
    confidence_of,
    counts,
    describe,
    follows,
    shared_behind,
    tokens_in_words,
)

# Session-lived values that are new with every session; an attribute that is set once may just as well be the same for all.
_NEW_EACH_SESSION = INCIDENTAL | {Cause.INPUT, Cause.RETRIEVAL}
_LITTLE = 100
"""Fewer shared tokens than this are not worth a reviewer's time."""


class NarrowBeforeShared(Rule):
    """Text that belongs to one user or session stands ahead of text that more of them share.

    ## What it finds
    A user's name, preferences, tenant or conversation id in the system prompt or an early message, with fixed text behind it that
    is long enough to be cached for everybody. So does an instruction of each caller's own that a helper puts ahead of a marked
    block which all callers of one program send.

    ## Why it costs
    Each user gets a cache entry of their own for text that is the same for all: it is written once per user instead of once, and
    users who send one request within the cache's lifetime never read it.

    ## How to mend it
    Order the prompt from shared to narrow: fixed instructions first, a breakpoint there, the user's part behind it.

    ## When it stays quiet
    - Little shared text behind the value.
    - Single calls.
    - Instance attributes that are set once.
    - Values of which only the name is known (low confidence).
    - Values in the system prompt behind long tools: tools come first, whatever the order of the code.
    - Callers of a helper whose models or tools differ, that are programs of their own, or of which only one is chosen: they could
      not share. Where each caller's own requests read its copy again and again, little is lost (low severity).

    ## Fix safety
    There is no automatic fix: moving text changes the prompt.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA102",
        name="narrow-before-shared",
        summary="text of one user or session stands ahead of text that more of them share",
        category=Category.PROMPT,
        severity=Severity.HIGH,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "A loop over customers with the name in front",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300

for name, question in [("Amira", "Where do I begin?"), ("Tomasz", "How do I cancel?"), ("Ruth", "Who pays the postage?")]:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": f"You are helping {name}.\\n{HANDBOOK}", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    print(response.content[0].text)
""",
        ),
        Example(
            "The signed-in user's name opens the system prompt",
            """import anthropic
from flask import Flask, request
from flask_login import current_user

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": f"You are helping {current_user.name}.\\n{HANDBOOK}",
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": request.json["question"]}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A user's profile block ahead of the handbook",
            """from flask import Flask, request
from flask_login import current_user
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"The user is {current_user.id}."},
            {"role": "system", "content": HANDBOOK},
            {"role": "user", "content": request.json["question"]},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )
    good = (
        Example(
            "Shared text first, the user's part behind the breakpoint",
            """import anthropic
from flask import Flask, request
from flask_login import current_user

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": f"You are helping {current_user.name}."},
        ],
        messages=[{"role": "user", "content": request.json["question"]}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The user's id at the end of the system prompt",
            """from flask import Flask, request
from flask_login import current_user
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"{HANDBOOK}\\nThe user is {current_user.id}."},
            {"role": "user", "content": request.json["question"]},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        found = tuple(super().check_site(site))
        yield from _once_for_a_block(site, found) if found else self._of_callers(site)

    def _of_callers(self, site: SiteView) -> Iterator[Finding]:
        """Each caller's own instruction ahead of documents that all of them send, with the breakpoint behind the documents."""
        by_marker: dict[Place | None, list[Shared]] = {}
        for shared in shared_behind(site.views):
            if shared.view.certainty(shared.tokens) is not Certainty.BELOW:
                by_marker.setdefault(shared.marker.place, []).append(shared)
        for pairs in by_marker.values():
            first = pairs[0]
            view, own = first.view, first.own
            certainty = view.certainty(first.tokens)
            texts = {block.text.known for pair in pairs for block in (pair.own, pair.other)}
            # A copy that its own caller reads again and again costs little more than one that all of them share.
            read = all(
                each.growing or each.replay.repetition is Repetition.LOOP for pair in pairs for each in (pair.view, pair.against)
            )
            yield self.report(
                view,
                message=(
                    f"Requests of one run have one of {len(texts)} texts in {describe(own)} (`{_words(own)}`,"
                    f" `{_words(first.other)}`), ahead of {tokens_in_words(first.tokens)} that all of them send: they are cached"
                    " once for each."
                ),
                recommendation="Put the shared text first, with the breakpoint at its end, and each caller's own text behind it.",
                subject=f"callers' own text in {own.label or own.section.value}",
                severity=Severity.LOW if read else Severity.MEDIUM,
                confidence=Confidence.HIGH if certainty is Certainty.ABOVE else Confidence.MEDIUM,
                place=own.place if own.place == first.other.place else first.marker.place or own.place,
                saving=view.saving_shared(first.tokens) if certainty is Certainty.ABOVE else None,
            )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if view.replay.repetition is Repetition.ONCE:
            return
        told: set[int] = set()
        for spot in view.spots:
            if not self._concerns(spot) or spot.index in told:
                continue
            told.add(spot.index)  # the first of a block; what is said of it moves the others too
            shared = view.behind(spot)
            certainty = view.certainty(shared)
            if certainty is Certainty.BELOW or _little(view, shared):
                continue
            yield self.report(
                view,
                message=(
                    f"`{spot.expression}` (one {spot.hole.lifetime.label}'s) stands in {describe(spot.block)} ahead of"
                    f" {tokens_in_words(shared)} that every {spot.hole.lifetime.label} shares: they are cached once for each."
                ),
                recommendation=f"Move `{spot.expression}` behind the shared text, and end that text with a breakpoint.",
                subject=spot.expression,
                severity=_severity(certainty, shared),
                confidence=min(confidence_of(spot.hole.evidence), Confidence.HIGH if view.repeated else Confidence.MEDIUM),
                place=spot.place,
                trace=spot.trace,
                saving=view.saving_shared(shared) if certainty is Certainty.ABOVE else None,
            )

        yield from self._literal(view)

    def _literal(self, view: ReplayView) -> Iterator[Finding]:
        """Fixed text that is another one for the next user, ahead of text that is the same: nothing but the requests shows it."""
        for divergence in view.simulation.divergences:
            after = divergence.after
            if not divergence.certain or divergence.parameter is not None or not isinstance(after, Literal):
                continue
            if not isinstance(divergence.before, Literal) or divergence.block >= len(view.blocks):
                continue
            earlier, later = view.replay.requests[divergence.request - 1 : divergence.request + 1]
            if divergence.block >= min(len(earlier.blocks), len(later.blocks)):
                continue
            if follows(earlier, later) or counts(later, divergence):
                continue  # the same conversation: no other user's text, but one that turns
            block = later.blocks[divergence.block]
            if any(block.text in (other.text for other in request.blocks) for request in _of_one(view, divergence.request - 1)):
                continue  # the earlier conversation had this text as well
            if earlier.blocks[divergence.block].section is not block.section:
                continue  # a tool came or went
            certainty = view.certainty(divergence.lost_static)
            if block.section is not Section.SYSTEM or block.per_request or certainty is Certainty.BELOW:
                continue
            if _little(view, divergence.lost_static):
                continue
            text = earlier.blocks[divergence.block].text
            piece = _differing(text, block.text) or after
            one, other = (_shown(each) for each in (_differing(block.text, text) or divergence.before, piece))
            yield self.report(
                view,
                message=(
                    f"The text of {describe(block)} differs from request to request (`{one}` in one, `{other}` in the next),"
                    f" ahead of {tokens_in_words(divergence.lost_static)} that are the same: they are cached once for each."
                ),
                recommendation="Put the shared text first and what differs behind it, and end the shared text with a breakpoint.",
                subject=f"text that differs in {block.label or block.section.value}",
                severity=_severity(certainty, divergence.lost_static),
                place=piece.place or after.place or block.place,
                saving=view.saving_shared(divergence.lost_static) if certainty is Certainty.ABOVE else None,
            )
            return

    @staticmethod
    def _concerns(spot: Spot) -> bool:
        hole, block = spot.hole, spot.block
        if hole.reason is not None or spot.piece < 0 or block.per_request or block.kind is Kind.STRETCH:
            return False
        if block.section is Section.TOOLS:
            return False
        if hole.lifetime is Lifetime.SESSION:
            return hole.cause in _NEW_EACH_SESSION
        return hole.lifetime is Lifetime.USER


def _once_for_a_block(site: SiteView, found: tuple[Finding, ...]) -> Iterator[Finding]:
    """Of values that stand in one block, the first speaks for all: moving the block's text moves them all.

    Each variant of a prompt may begin with another field of one record (`if row["age"]: ...`). Values that no variant puts
    into one block are parts of prompts of their own, and are mended apart.
    """
    gravest: dict[Place, Severity] = {}
    for finding in found:
        gravest[finding.place] = max(finding.severity, gravest.get(finding.place, finding.severity))
    groups = {place: {place} for place in gravest}
    ahead: dict[Place, set[Place]] = {place: set() for place in gravest}
    for view in site.views:
        earlier: dict[int, list[Place]] = {}
        for spot in view.spots:
            if spot.place is None or spot.place not in gravest:
                continue
            beside = earlier.setdefault(spot.index, [])
            for place in beside:
                joined = groups[place] | groups[spot.place]
                groups.update(dict.fromkeys(joined, joined))
            ahead[spot.place].update(beside)
            beside.append(spot.place)
    for finding in found:
        first = min(groups[finding.place], key=lambda place: (-gravest[place], len(ahead[place]), place.path, place.line))
        if finding.place == first:
            yield finding


def _little(view: ReplayView, shared: TokenCount) -> bool:
    """Whether the shared text is too short to be cached for its own sake, or for anybody to care: some cache 64 tokens."""
    if view.minimum is None:
        return not view.simulation.implicit or shared.estimate < UNTOLD_MINIMUM
    return shared.estimate < max(view.minimum[0], _LITTLE)


def _severity(certainty: Certainty, shared: TokenCount) -> Severity:
    """A cache that begins at 64 tokens may serve a paragraph, which saves next to nothing."""
    if certainty is Certainty.ABOVE:
        return Severity.HIGH
    return Severity.LOW if shared.estimate < UNTOLD_MINIMUM else Severity.MEDIUM


def _shown(piece: Literal) -> str:
    return " ".join(piece.text.split())[:40]


def _words(block: Block) -> str:
    return " ".join((block.text.known or "").split())[:40]


def _of_one(view: ReplayView, number: int) -> Iterator[Request]:
    """The requests of the conversation that a request goes on with, ahead of it."""
    requests = view.replay.requests
    while number and follows(requests[number - 1], requests[number]):
        number -= 1
        yield requests[number]


def _differing(before: Text, after: Text) -> Literal | None:
    """The piece of the later text in which the two first differ."""
    one, other = before.literal, after.literal
    same = next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    position = 0
    for piece in after.pieces:
        if isinstance(piece, Literal):
            position += len(piece.text)
            if position > same:
                return piece
    return None
