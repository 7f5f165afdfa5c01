"""Source code is not trusted: no string of a report may become markup, a terminal's command or a workflow's."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest

from auditor.reporting.document import to_document
from auditor.reporting.formats import FORMATS, render
from auditor.reporting.options import Options
from auditor.reporting.rules_info import RuleInfo
from auditor.reporting.schema import Document
from tests.reporting.sample import sample

EVIL = (
    "</script></style></title>--><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>{{7*7}}{% raw %}"
    "\x1b[31m\x9b2J\x07\u2028\u2029\u202e\x00\ud800\n::error::owned\r\n##[command]]]>&amp;`|*[x](javascript:1)@everyone %0A \U000e0041"  # noqa: E501
)
# What is no free text: vocabularies of the schema, and what is matched with other parts of the document.
KEPT = {"severity", "confidence", "effort", "lifetime", "section", "kind", "verdict", "resolution", "repetition", "grade"}
KEPT |= {"schema_version", "generated_at", "applicability", "context"}


def poison(value: Any, key: str = "") -> Any:
    if isinstance(value, str) and key not in KEPT:
        return EVIL
    if isinstance(value, list):
        return [poison(item, key) for item in value]
    if isinstance(value, dict):
        return {name if key != "unknown" else EVIL: poison(item, name) for name, item in value.items()}
    return value


@pytest.fixture
def hostile() -> Document:
    poisoned: Document = poison(to_document(sample()))
    poisoned["action_plan"][0]["context"] = EVIL
    return poisoned


OPTIONS = Options(read_line=lambda path, line: EVIL, rules={EVIL: RuleInfo(EVIL, EVIL, EVIL, "javascript:alert(1)")})
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff\U000e0041]")


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_invisible_reaches_the_output(name: str, hostile: Document) -> None:
    assert not INVISIBLE.search(render(name, hostile, OPTIONS))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.found


def test_html_has_the_tags_of_the_template_alone(hostile: Document) -> None:
    page = render("html", hostile, OPTIONS)
    found = tags(page)
    assert [tag for tag, _ in found].count("script") == 1
    assert not [tag for tag, _ in found if tag in {"img", "iframe", "link", "object", "embed", "base", "form"}]
    for _tag, attributes in found:
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "#").startswith(("javascript:", "data:"))
    assert "{{7*7}}" in page


def test_html_reaches_no_network() -> None:
    page = render("html", to_document(sample()), Options(rules={"CA101": RuleInfo("n", "c", "s", "https://example.com/CA101")}))
    assert re.findall(r"https?://[^\"'\s<]+", page) == ["https://example.com/CA101"]  # a link that a reader may follow
    for tag, attributes in tags(page):
        assert "src" not in attributes
        assert tag != "link"
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_html_ids_are_unique_and_links_lead_somewhere() -> None:
    found = tags(render("html", to_document(sample())))
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(attributes["href"])[1:] for tag, attributes in found if tag == "a"}
    assert targets <= set(ids)
    assert {str(attributes["aria-labelledby"]) for _, attributes in found if "aria-labelledby" in attributes} <= set(ids)


def test_html_script_is_the_one_that_the_policy_allows() -> None:
    import base64
    import hashlib

    page = render("html", to_document(sample()))
    match = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert match
    digest = base64.b64encode(hashlib.sha256(match[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.replace("&#43;", "+").replace("&#39;", "'")


def test_line_formats_keep_one_finding_on_one_line(hostile: Document) -> None:
    findings, errors = len(hostile["findings"]), len(hostile["errors"])
    for name in ("concise", "github"):
        assert len(render(name, hostile, OPTIONS).splitlines()) == findings + errors


def test_github_commands_cannot_be_forged(hostile: Document) -> None:
    for line in render("github", hostile, OPTIONS).splitlines():
        assert re.match(r"::(error|warning|notice) [^:]*::", line)
        assert "%0A" in line
        assert "%250A" in line


def test_machine_formats_stay_well_formed(hostile: Document) -> None:
    json.loads(render("json", hostile, OPTIONS))
    json.loads(render("sarif", hostile, OPTIONS))
    json.loads(render("gitlab", hostile, OPTIONS))
    root = ET.fromstring(render("junit", hostile, OPTIONS).partition("\n")[2])
    assert len(root.findall(".//testcase")) == len(hostile["findings"]) + len(hostile["errors"])


def test_json_gives_back_what_went_in(hostile: Document) -> None:
    assert json.loads(render("json", hostile, OPTIONS)) == hostile


def test_markdown_reads_nothing_as_markup(hostile: Document) -> None:
    report = render("markdown", hostile, OPTIONS)
    outside = re.sub(r"(`+).*?\1(?!`)", "", report)
    assert "<img" not in outside
    assert "@everyone" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)
