"""What the HTML report draws: the bar of a prefix, and colours that can be read."""

from __future__ import annotations

import re
from typing import Any

from auditor.cache.outcome import TokenCount
from auditor.llm.request import Block, CallSite, Kind, Marker, Section
from auditor.places import Place
from auditor.reporting.document import to_document
from auditor.reporting.formats.html_bar import LIFETIMES, bar
from auditor.reporting.score import SiteScore
from auditor.reporting.sites import call_site
from auditor.resources import template_directory
from auditor.values.lifetime import Lifetime
from auditor.values.text import Literal, Text
from tests.reporting.sample import request, sample, simulate, site_result


def entry(path: str) -> dict[str, Any]:
    sites: list[dict[str, Any]] = to_document(sample())["call_sites"]
    return next(site for site in sites if site["path"] == path)


def segments(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [segment for section in drawn["sections"] for segment in section["segments"]]


def test_break_stands_at_the_first_difference_and_what_repeats_behind_it_is_lost() -> None:
    drawn = bar(entry("app/answer.py"))
    assert [(segment["breaks"], segment["lost"]) for segment in segments(drawn)] == [(True, False), (False, True), (False, False)]
    assert [(marker["number"], marker["tone"]) for marker in drawn["markers"]] == [(1, "bad")]


def test_no_break_where_requests_are_meant_to_differ_or_only_may_differ() -> None:
    for path in ("app/support.py", "app/agent.py"):
        assert not any(segment["breaks"] or segment["lost"] for segment in segments(bar(entry(path))))


def test_unresolved_site_has_no_bar() -> None:
    assert bar(entry("app/router.py"))["sections"] == []


def test_many_blocks_that_look_alike_are_drawn_as_one_up_to_the_next_marker() -> None:
    marker = Marker("ephemeral", None)
    tools = tuple(
        Block(
            Section.TOOLS, "tool", Kind.TOOL, Text((Literal("{}"),)), label=f"tool {index}", marker=marker if index == 9 else None
        )
        for index in range(30)
    )
    site = CallSite("anthropic.messages.create", Place("a.py", 1), "f")
    simulation = simulate((request(site, tools),), tuple(TokenCount(5, 5, 5) for _ in tools), 150)
    drawn = call_site(site_result(simulation), SiteScore(100, "A", 256), None)
    assert [(segment["title"], segment["blocks"], segment["weight"]) for segment in segments(bar(drawn))] == [
        ("tool 0 … tool 29", 30, 150)
    ]
    drawn["cache"]["breakpoints"] = [{"block": 9, "verdict": "effective"}]
    assert [(segment["title"], segment["blocks"]) for segment in segments(bar(drawn))] == [
        ("tool 0 … tool 9", 10),
        ("tool 10 … tool 29", 20),
    ]


def test_every_lifetime_has_a_look_and_a_place_in_the_legend() -> None:
    styles = (template_directory() / "report.css").read_text(encoding="utf-8")
    names = {lifetime.label for lifetime in Lifetime}
    assert {name for name, _ in LIFETIMES} == names
    for name in names:
        assert f".lt-{name} {{" in styles
        assert styles.count(f"--{name}: #") == 2  # in light and in dark


def luminance(color: str) -> float:
    channels = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_can_be_read_in_light_and_dark() -> None:
    """WCAG AA: 4.5 to 1 for text."""
    styles = (template_directory() / "report.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", styles, re.DOTALL)[:2]
    )
    pairs = [(text, ground) for text in ("ink", "soft", "accent") for ground in ("page", "card", "well")]
    pairs += [(name, f"{name}-bg") for name in ("critical", "high", "medium", "low", "good")]
    pairs += [(name, "card") for name in ("critical", "medium", "good")]
    for theme in (light, dark):
        poor = [(text, ground) for text, ground in pairs if contrast(theme[text], theme[ground]) < 4.5]
        assert not poor
