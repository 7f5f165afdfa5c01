"""The symbolic requests of a snippet of code, for tests of the readers."""

from __future__ import annotations

import textwrap
from pathlib import Path

from auditor.llm.request import Request, SiteReplays
from auditor.llm.resolve import sites_of


def sites(folder: Path, **files: str) -> tuple[SiteReplays, ...]:
    """Call sites of a project with these modules."""
    for name, source in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")
    return tuple(sites_of(folder))


def requests(folder: Path, source: str) -> list[Request]:
    """The first request of each call site, in the order of the source."""
    return [site.replays[0].first for site in sites(folder, app=source) if site.replays]


def shape(request: Request) -> list[tuple[str, str, str]]:
    """Section, role and text of each block."""
    return [(block.section.value, block.role, block.text.render()) for block in request.blocks]
