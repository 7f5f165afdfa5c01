"""Markdown for a pull-request comment or a job summary: grade, counts, findings, action plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.reporting import wording
from auditor.reporting.characters import one_line
from auditor.reporting.options import Options
from auditor.reporting.schema import Document

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@&$]|^[-+=])")


def render(document: Document, options: Options) -> str:
    """GitHub-flavoured; nothing of the audited source is read as markup, as HTML or as a mention."""
    lines = [f"# Prompt-cache audit: {wording.grade_line(document)}", "", *_summary(document), ""]
    for severity in wording.SEVERITIES:
        findings = [finding for finding in document["findings"] if finding["severity"] == severity]
        if findings:
            lines += [f"## {severity.capitalize()} ({len(findings)})", ""]
            for finding in findings:
                lines += [*_finding(finding), ""]
    if document["action_plan"]:
        lines += ["## Action plan", "", *_plan(document), ""]
    if document.get("prefix_groups"):
        lines += ["## Prefixes that could be shared", "", *_groups(document), ""]
    if document["call_sites"]:
        lines += ["## Call sites", "", *_sites(document), ""]
    if document["checklist"]:
        lines += ["## Production checklist", "", *_checklist(document), ""]
    if document["errors"]:
        lines += ["## Problems", ""]
        lines += [f"- {code(wording.place_of_error(error))}: {text(error['message'])}" for error in document["errors"]]
        lines.append("")
    return "\n".join(lines)


def text(value: str) -> str:
    """Plain words: on one line, every character that Markdown or HTML reads as markup escaped."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(value))
    return escaped.replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;").replace("\\@", "&#64;")


def code(value: str) -> str:
    """A code span that its content cannot end, and that does not break a table."""
    value = one_line(value)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", value)), default=0))
    pad = " " if value[:1] == "`" or value[-1:] == "`" else ""
    return f"{fence}{pad}{value.replace('|', chr(0x2502))}{pad}{fence}"


def _summary(document: Document) -> Iterator[str]:
    summary = document["summary"]
    yield f"**{wording.counts_by_severity(document)}.** {wording.grade_caveat(document)}".rstrip()
    yield ""
    yield "| | |"
    yield "|---|---:|"
    rows = {
        "Files scanned": summary["files_scanned"],
        "Files analyzed": summary["files_analyzed"],
        "Files unreadable": summary["files_unreadable"],
        "Call sites": summary["call_sites"],
        "Call sites resolved": summary["call_sites_resolved"],
        "Suppressed": summary["suppressed"],
        "Baselined": summary["baselined"],
        "Hidden": summary["hidden"],
    }
    for name, count in rows.items():
        yield f"| {name} | {count:,} |"


def _finding(finding: Mapping[str, Any]) -> Iterator[str]:
    yield "### " + text(f"{finding['code']} {finding['name']}")
    yield ""
    yield f"{code(wording.place(finding))} · confidence {finding['confidence']} · effort {finding['effort']}"
    yield ""
    yield text(finding["message"])
    if finding["trace"]:
        yield ""
        for number, step in enumerate(finding["trace"], start=1):
            yield f"{number}. {code(wording.place(step))} {text(step['message'])}"
    yield ""
    yield f"**How to mend it:** {text(finding['recommendation'])}"
    if finding["saving"] is not None:
        yield ""
        yield f"**Saving:** {text(wording.saving(finding['saving']))} ({text(finding['saving']['assumptions'])})"


def _plan(document: Document) -> Iterator[str]:
    yield "| # | Severity | Action | Effort | Saving |"
    yield "|---:|---|---|---|---|"
    for action in document["action_plan"]:
        gain = wording.saving(action["saving"]) if action["saving"] is not None else ""
        what = f"{text(action['action'])}<br>{text(action['context'])}"
        yield f"| {action['priority']} | {action['severity']} | {what} | {action['effort']} | {text(gain)} |"


def _groups(document: Document) -> Iterator[str]:
    for group in document["prefix_groups"]:
        for entry in group["partings"]:
            yield f"- {code(entry['call_site'])} ({text(group['model'])}) {text(wording.parting(group, entry))}."


def _checklist(document: Document) -> Iterator[str]:
    yield "| Group | Question | Answer | Evidence |"
    yield "|---|---|---|---|"
    for item in document["checklist"]:
        where = f" {code(item['path'] + ':' + str(item['line']))}" if item["path"] is not None else ""
        yield f"| {text(item['group'])} | {text(item['question'])} | {text(item['answer'])} | {text(item['evidence'])}{where} |"


def _sites(document: Document) -> Iterator[str]:
    yield "| Call site | API | Resolved | Cacheable tokens | Lost tokens | Grade |"
    yield "|---|---|---|---:|---:|---|"
    for site in document["call_sites"]:
        cache = site["cache"]
        cacheable = text(wording.tokens(cache["cacheable_tokens"])) if cache is not None else ""
        lost = text(wording.tokens(cache["stable_tokens_lost"])) if cache is not None else ""
        grade = f"{site['grade']} ({site['score']})" if site["grade"] is not None else "not graded"
        resolved = site["resolution"] if site["resolution"] != "none" else f"none: {text(wording.reasons(site))}"
        yield f"| {code(site['id'])} | {code(site['api'])} | {resolved} | {cacheable} | {lost} | {grade} |"
