"""CA302: the block that carries the marker differs with every request, or much that does not differ stands behind it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Block,
    Breakpoint,
    Category,
    Certainty,
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
    Severity,
    Spot,
    TokenCount,
    Verdict,
    confidence_of,
    describe,
    follows,
    marker_should_move,
    put_at,
    tokens_in_words,
)


class BreakpointOnChangingBlock(Rule):
    """The marked block differs with every request, while stable content before it has no marker of its own.

    ## What it finds
    A breakpoint on the user's question, on a timestamp or on retrieved data, where tools, system prompt or earlier blocks
    stand before it unmarked. And, outside of conversations, a last breakpoint that stands well ahead of where the requests begin
    to differ: what stays the same behind it would alone be long enough to be cached.

    ## Why it costs
    A cache entry is written at the breakpoint only, and its key covers the changing block: each request writes an entry, at a
    premium, that no later request can read. The stable part before it is never found. What stands behind the last breakpoint is
    in no entry.

    ## How to mend it
    Move the marker to the last block that stays the same. In a conversation a second marker on the last message is right. Text
    that is fixed up to a value in its middle becomes two blocks, the first with the marker.

    ## When it stays quiet
    - Markers that a later request reads (rolling markers of a conversation).
    - Stable content below the model's minimum.
    - Stable content that has a marker of its own.
    - Single calls.
    - Stable content behind the last breakpoint that alone is below the minimum.

    ## Fix safety
    There is no automatic fix yet.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA302",
        name="breakpoint-on-changing-block",
        summary="the marked block differs with every request, or is not the last that stays the same",
        category=Category.BREAKPOINTS,
        severity=Severity.HIGH,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "The marker sits on the question",
            """import anthropic
from flask import Flask, request

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=HANDBOOK,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": request.json["question"], "cache_control": {"type": "ephemeral"}},
                ],
            }
        ],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The marker sits on a timestamp block",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK},
            {"type": "text", "text": f"It is {datetime.now():%H:%M:%S}.", "cache_control": {"type": "ephemeral"}},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The last marker stands ahead of a long text that never changes",
            """import anthropic

client = anthropic.Anthropic()
STYLE = "Write plainly, and thank the reader in the last sentence. " * 200
RECORDS = "What the records of the house say of its rooms and of the people who lived in it. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": STYLE, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"{RECORDS}\\n\\nQuestion: {question}"}],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "The marker sits on the last stable block",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": f"It is {datetime.now():%H:%M:%S}."},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A marker that moves with a conversation",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def chat() -> None:
    messages = []
    while True:
        messages.append({"role": "user", "content": input("> ")})
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            system=HANDBOOK,
            messages=messages,
        )
        messages.append({"role": "assistant", "content": response.content[0].text})
        print(response.content[0].text)
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if view.replay.repetition is Repetition.ONCE:
            return
        yield from self._on_changing(view)
        yield from self._too_early(view)

    def _too_early(self, view: ReplayView) -> Iterator[Finding]:
        """A last breakpoint well ahead of where the requests begin to differ; in a conversation CA603 tells of it."""
        marks = [marker for _, marker in view.markers]
        sure = bool(marks) and not any(marker.unknown or marker.each or marker.misplaced for marker in marks)
        if not sure or view.growing or not view.repeated or view.outlived or view.site.context == "test":
            return
        behind = view.stable_from(view.marked_behind + 1)
        if view.certainty(behind) is Certainty.ABOVE:
            yield self._of_rest(view, behind)

    def _of_rest(self, view: ReplayView, behind: TokenCount) -> Finding:
        end = view.first_changing
        own = end is not None and end.block.per_request and view.head(end).estimate
        little = view.minimum is not None and behind.low < 2 * view.minimum[1] and view.replay.repetition is Repetition.HANDLER
        tokens = tokens_in_words(behind)
        return self.report(
            view,
            message=(
                f"{tokens[:1].upper()}{tokens[1:]} behind the last breakpoint, on"
                f" {describe(view.blocks[view.marked_behind])}, are the same in every request of this"
                f" {view.replay.repetition.value}, and are in no cache entry."
            ),
            recommendation=f"Give the text ahead of `{end.expression}` a block of its own, and end it with a breakpoint."
            if end is not None and own
            else "Put a breakpoint on the last block that stays the same.",
            subject="behind the last breakpoint",
            severity=Severity.LOW if little else Severity.HIGH,
            confidence=Confidence.MEDIUM if view.partial else Confidence.HIGH,
            saving=view.saving(behind),
        )

    def _on_changing(self, view: ReplayView) -> Iterator[Finding]:
        for bp in view.breakpoints():
            if bp.verdict is not Verdict.NEVER_READ or not bp.marker.written or bp.marker.unknown:
                continue
            spot = self._changing(view, bp)
            if self._goes_on(view, bp.block):
                continue  # a conversation carries the block along: what loses its entry stands elsewhere
            if spot is None or not (spot.block.per_request or marker_should_move(view, spot)):
                continue
            start = view.last_marker_before(bp.block) + 1
            before = view.literal_between(start, bp.block)
            certainty = view.certainty(view.literal_between(0, bp.block))
            if before.estimate > 0 and certainty is not Certainty.BELOW and not self._broken(view, bp.block):
                yield self._finding(view, bp, spot, certainty, before)

    @staticmethod
    def _changing(view: ReplayView, bp: Breakpoint) -> Spot | None:
        """The first value in the marked block that certainly differs with every request; a file of a loop does, too."""
        for spot in view.spots:
            own = spot.hole.lifetime is Lifetime.CALL or view.renewed(spot)
            if spot.index == bp.block and spot.hole.reason is None and own and not view.fixed(spot):
                return spot
        return None

    @staticmethod
    def _goes_on(view: ReplayView, block: int) -> bool:
        """Whether the next request of the conversation repeats the block and adds to it."""
        if len(view.replay.requests) < 2:
            return False
        first, second = view.replay.requests[:2]
        return follows(first, second) and any(one.text == first.blocks[block].text for one in second.blocks)

    @staticmethod
    def _broken(view: ReplayView, block: int) -> bool:
        """Whether the prefix breaks ahead of the marked block anyway, which other rules tell of."""
        return any(spot.index < block and not view.stable(spot) for spot in view.spots)

    def _finding(self, view: ReplayView, bp: Breakpoint, spot: Spot, certainty: Certainty, before: TokenCount) -> Finding:
        stable = self._last_stable(view, bp.block)
        return self.report(
            view,
            message=(
                f"The marker sits on {describe(spot.block)}, which differs with every request (`{spot.expression}`):"
                f" its entry is never read, and {tokens_in_words(before)} of stable content before it are not cached."
            ),
            recommendation=f"Move the marker to {describe(stable)}, the last block that stays the same.",
            subject=f"marker on {spot.block.label or spot.block.section.value}",
            severity=Severity.HIGH if certainty is Certainty.ABOVE else Severity.MEDIUM,
            confidence=self._confidence(view, bp, spot),
            place=put_at(view, bp.marker, view.blocks[bp.block]) or spot.block.place,
            trace=spot.trace,
            saving=view.saving(before, written=True) if certainty is Certainty.ABOVE else None,
        )

    @staticmethod
    def _confidence(view: ReplayView, bp: Breakpoint, spot: Spot) -> Confidence:
        """A name that says `question` is borne out by its place: a marked block at the very end of a single question."""
        last = bp.block == len(view.blocks) - 1 and spot.block.marker is not None
        single = last and not any(block.kind is Kind.STRETCH for block in view.blocks)
        return max(confidence_of(spot.hole.evidence), Confidence.MEDIUM if single else Confidence.LOW)

    @staticmethod
    def _last_stable(view: ReplayView, block: int) -> Block:
        return next(candidate for candidate in reversed(view.blocks[:block]) if not candidate.deferred)
