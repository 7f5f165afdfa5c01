"""CA107: long fixed instructions stand behind this request's data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.api import (
    GROWING_CAUSES,
    Category,
    Certainty,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    Literal,
    Place,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Spot,
    TokenCount,
    after,
    before,
    confidence_of,
    describe,
    minimum_in_words,
    scaled,
    tokens_in_words,
)

PICTURE = 1_500
"""Tokens of a picture of full size, roughly, with any provider."""


class InstructionsAfterData(Rule):
    """Long fixed instructions stand behind per-request data in the same prompt.

    ## What it finds
    A user message that opens with this request's document, question or rows and goes on with fixed instructions that are long
    enough to be cached by themselves.

    ## Why it costs
    Only what stands before the first changing byte can be served from the cache. Behind the data, the instructions are
    processed at full price with every request.

    ## How to mend it
    Put the instructions first: into the system prompt, or into a block ahead of the data with a breakpoint on it.

    ## When it stays quiet
    - Instructions below the model's minimum.
    - Single calls.
    - Data that is the same in every request.
    - Pictures or documents ahead of instructions that weigh less than they do, outside of loops: low severity.
    - A growing conversation, in which the message becomes part of the cached history.

    ## Fix safety
    There is no automatic fix: moving text changes the prompt.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA107",
        name="instructions-after-data",
        summary="long fixed instructions stand behind this request's data",
        category=Category.PROMPT,
        severity=Severity.MEDIUM,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "The document first, then long instructions",
            """import anthropic
from flask import Flask, request

app = Flask(__name__)
client = anthropic.Anthropic()
INSTRUCTIONS = "Summarise the document and list every obligation together with its deadline and owner. " * 300


@app.post("/summarise")
def summarise() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        messages=[{"role": "user", "content": f"{request.json['document']}\\n\\n{INSTRUCTIONS}"}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Instructions behind the items of a loop",
            """from openai import OpenAI

client = OpenAI()
INSTRUCTIONS = "Sort the review into one of the classes and say in one sentence why it belongs there. " * 300


def classify(reviews: list[str]) -> list[str]:
    results = []
    for review in reviews:
        response = client.chat.completions.create(
            model="gpt-4.1",
            messages=[{"role": "user", "content": "Review: " + review + "\\n\\n" + INSTRUCTIONS}],
        )
        results.append(response.choices[0].message.content)
    return results
""",
        ),
    )
    good = (
        Example(
            "The instructions come first",
            """from openai import OpenAI

client = OpenAI()
INSTRUCTIONS = "Sort the review into one of the classes and say in one sentence why it belongs there. " * 300


def classify(reviews: list[str]) -> list[str]:
    results = []
    for review in reviews:
        response = client.chat.completions.create(
            model="gpt-4.1",
            messages=[{"role": "user", "content": INSTRUCTIONS + "\\n\\nReview: " + review}],
        )
        results.append(response.choices[0].message.content)
    return results
""",
        ),
        Example(
            "A short instruction behind the data",
            """import anthropic
from flask import Flask, request

app = Flask(__name__)
client = anthropic.Anthropic()


@app.post("/summarise")
def summarise() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        messages=[{"role": "user", "content": f"{request.json['document']}\\n\\nSummarise this in three sentences."}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        """Behind an image that some requests carry stand the same instructions as behind what all of them carry."""
        told: list[tuple[frozenset[str], Finding]] = []
        minor: set[int] = set()
        for view in site.views:
            spot = self._first(view)
            if spot is None or view.request.opaque:
                continue
            fixed = self._fixed(view, spot)
            for finding in self.check_replay(view):
                same = (
                    index
                    for index, (known, other) in enumerate(told)
                    if other.place.path == finding.place.path and (_within(known, fixed) or _within(fixed, known))
                )
                at = next(same, None)
                if at is None:
                    at = len(told)
                    told.append((fixed, finding))
                elif told[at][1].severity < finding.severity:
                    told[at] = (fixed, finding)
                if _outweighed(view, self._behind(view, spot)):
                    minor.add(at)
        for at, (_, finding) in enumerate(told):
            yield replace(finding, severity=Severity.LOW) if at in minor else finding

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        spot = self._first(view)
        if spot is None or not view.repeated or view.growing:
            return
        fixed = self._behind(view, spot)
        certainty = view.certainty(fixed)
        if certainty is Certainty.ABOVE or (
            certainty is Certainty.NEAR and view.minimum is not None and fixed.estimate >= view.minimum[0]
        ):
            yield self._finding(view, spot, fixed, certainty)

    def _first(self, view: ReplayView) -> Spot | None:
        """The first piece of data decides; what stands behind the others stands behind it too."""
        return next((spot for spot in view.spots if self._data(view, spot)), None)

    @staticmethod
    def _fixed(view: ReplayView, spot: Spot) -> frozenset[str]:
        """The fixed texts behind the data."""
        later = (block.text.pieces for block in view.blocks[spot.index + 1 :])
        pieces = (piece for run in (after(spot.block.text, spot.piece), *later) for piece in run)
        return frozenset(piece.text for piece in pieces if isinstance(piece, Literal))

    @staticmethod
    def _data(view: ReplayView, spot: Spot) -> bool:
        """This request's own content in the message that is meant to carry it; a file of a loop is, too."""
        hole = spot.hole
        return (
            spot.block.section is Section.MESSAGES
            and spot.block.per_request
            and hole.reason is None
            and (hole.lifetime is Lifetime.CALL or view.renewed(spot))
            and hole.cause not in GROWING_CAUSES
        )

    @staticmethod
    def _behind(view: ReplayView, spot: Spot) -> TokenCount:
        """Fixed text behind the data, in its own block and in later blocks of the message."""
        count = scaled(view.tokens(spot.index), spot.block.text, after(spot.block.text, spot.piece))
        for index in range(spot.index + 1, len(view.blocks)):
            text = view.blocks[index].text
            count = count + scaled(view.tokens(index), text, text.pieces)
        return count

    def _finding(self, view: ReplayView, spot: Spot, fixed: TokenCount, certainty: Certainty) -> Finding:
        would = "would" if certainty is Certainty.ABOVE else "may"
        return self.report(
            view,
            message=(
                f"{tokens_in_words(fixed).capitalize()} of fixed instructions stand behind `{spot.expression}` in"
                f" {describe(spot.block)}: first in the prompt they {would} reach {minimum_in_words(view.minimum)}"
                " and could be cached."
            ),
            recommendation=f"Put the instructions ahead of `{spot.expression}`, best into the system prompt.",
            subject=spot.expression,
            severity=Severity.MEDIUM if certainty is Certainty.ABOVE else Severity.LOW,
            confidence=confidence_of(spot.hole.evidence),
            place=_place(spot),
            trace=spot.trace,
            saving=view.saving(fixed) if certainty is Certainty.ABOVE else None,
        )


def _outweighed(view: ReplayView, fixed: TokenCount) -> bool:
    """Whether the pictures that such a request brings along, which no cache serves, weigh more than its instructions.

    A run of pictures is taken for two. In a loop the instructions are sent many times within minutes all the same.
    """
    if view.replay.repetition is not Repetition.HANDLER:
        return False
    own = [block for block in view.blocks if block.section is Section.MESSAGES and block.per_request]
    pictures = sum(2 if block.pictures else block.kind in (Kind.IMAGE, Kind.DOCUMENT) for block in own)
    return pictures * PICTURE > fixed.estimate


def _within(texts: frozenset[str], others: frozenset[str]) -> bool:
    """Whether the longest of the texts stands in the others, be it with some characters more around it."""
    longest = _longest(texts)
    return bool(longest) and any(longest in other for other in others)


def _longest(texts: frozenset[str]) -> str:
    return max(texts, key=lambda text: (len(text), text), default="")


def _place(spot: Spot) -> Place | None:
    """The line on which the data stand: of the statement that spells the prompt out, or of the file that it is read from."""
    block, entered = spot.block.place, spot.hole.entered
    if block is None:
        return None
    there = entered.place if entered is not None and entered.place.path == block.path else None
    if there is not None and block.line <= there.line <= block.end_line:
        return there
    ahead = before(spot.block.text, spot.piece)
    if block.end_line >= block.line or any(isinstance(piece, Literal) and piece.place != block for piece in ahead):
        return block
    line = block.line + sum(piece.text.count("\n") for piece in ahead if isinstance(piece, Literal))
    return replace(block, line=line)
