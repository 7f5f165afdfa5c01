"""SARIF 2.1.0: results with code flows, rules and fingerprints, for code scanning and editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from auditor.reporting.characters import keep_layout, one_line
from auditor.reporting.options import Options
from auditor.reporting.schema import Document

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_CONFIDENCE_RANK = {"high": 90.0, "medium": 60.0, "low": 20.0}
Json = dict[str, Any]


def render(document: Document, options: Options) -> str:
    """One run. Suppressed and baselined findings are results too, marked as such: viewers hide them and count them."""
    every = [
        *((finding, None) for finding in document["findings"]),
        *((finding, "inSource") for finding in document["suppressed"]),
        *((finding, "external") for finding in document["baselined"]),
    ]
    rules = _rules([finding for finding, _ in every], options)
    index = {rule["id"]: position for position, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "cache-audit", "version": document["tool"]["version"], "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The root of the audit."}}},
        "invocations": [_invocation(document)],
        "results": [_result(finding, suppression, index[finding["code"]]) for finding, suppression in every],
        "properties": {"grade": document["grade"], "score": document["summary"]["score"]},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(findings: list[Json], options: Options) -> list[Json]:
    """Metadata of the rules that are known or have results, by code."""
    names = {finding["code"]: (finding["name"], finding["category"]) for finding in findings}
    names |= {code: (rule.name, rule.category) for code, rule in options.rules.items()}
    rules: list[Json] = []
    for code, (name, category) in sorted(names.items()):
        rule: Json = {"id": code, "name": name, "properties": {"tags": ["prompt-caching", category]}}
        known = options.rules.get(code)
        if known is not None:
            rule["shortDescription"] = {"text": known.summary}
            if known.url:
                rule["helpUri"] = known.url
        rules.append(rule)
    return rules


def _result(finding: Json, suppression: str | None, rule: int) -> Json:
    result: Json = {
        "ruleId": finding["code"],
        "ruleIndex": rule,
        "level": _LEVELS[finding["severity"]],
        "rank": _CONFIDENCE_RANK[finding["confidence"]],
        "message": {"text": f"{_text(finding['message'])}\n{_text(finding['recommendation'])}"},
        "locations": [_location(finding["path"], _region(finding))],
        "partialFingerprints": {"cacheAudit/v1": finding["fingerprint"]},
        "properties": {
            "severity": finding["severity"],
            "confidence": finding["confidence"],
            "effort": finding["effort"],
            "callSites": finding["call_sites"],
        },
    }
    if finding["saving"] is not None:
        result["properties"]["savingUsdPer1000Requests"] = finding["saving"]["usd_per_1000"]
    if finding["trace"]:
        result["codeFlows"] = [{"threadFlows": [{"locations": [_step(step) for step in finding["trace"]]}]}]
    if suppression is not None:
        result["suppressions"] = [{"kind": suppression}]
    return result


def _step(step: Json) -> Json:
    region = {"startLine": max(1, step["line"]), "startColumn": max(1, step["column"])}
    return {"location": {**_location(step["path"], region), "message": {"text": one_line(step["message"])}}}


def _region(finding: Json) -> Json:
    line, column = max(1, finding["line"]), max(1, finding["column"])
    region: Json = {"startLine": line, "startColumn": column}
    if (finding["end_line"], finding["end_column"]) > (line, column):
        region |= {"endLine": finding["end_line"], "endColumn": max(1, finding["end_column"])}
    return region


def _location(path: str, region: Mapping[str, int]) -> Json:
    artifact = {"uri": quote(path.encode("utf-8", "surrogatepass")), "uriBaseId": "ROOT"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": dict(region)}}


def _invocation(document: Document) -> Json:
    """Errors of input are warnings of a run that went on; an error of the tool is what makes a run unsuccessful."""
    notifications = []
    for error in document["errors"]:
        notification: Json = {
            "level": "error" if error["internal"] else "warning",
            "message": {"text": _text(error["message"])},
        }
        if error["path"]:
            notification["locations"] = [_location(error["path"], {"startLine": max(1, error["line"])})]
        notifications.append(notification)
    return {
        "executionSuccessful": not any(error["internal"] for error in document["errors"]),
        "endTimeUtc": document["generated_at"],
        "toolExecutionNotifications": notifications,
    }


def _text(text: str) -> str:
    return keep_layout(text)
