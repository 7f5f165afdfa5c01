"""Where a marker is put on a block. Knows places only; does not know what the marker says or whether it works."""

from __future__ import annotations

from auditor.llm.request import Block, Marker
from auditor.places import Place
from auditor.rulekit.views import ReplayView, within


def put_at(view: ReplayView, marker: Marker | None, block: Block) -> Place | None:
    """Where the block is marked, which is where a marker that should not be there is taken away.

    A marker that is a constant, or that a helper makes, is written once and put on many blocks: what must be mended is where it
    is put on this one, or where the block is made.
    """
    if marker is None or marker.place is None or block.marker != marker:
        return None if marker is None else marker.place
    written, made = marker.place, block.place
    if made is not None and within(made, written):
        return written
    steps = {place: None for request in view.replay.requests for place, value in request.marked if value == written}
    if not steps:
        return made or written
    if any(within(step, written) for step in steps):
        return written
    return next((step for step in steps if made is None or not within(made, step)), made)
