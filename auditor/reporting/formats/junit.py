"""JUnit XML, for CI systems that show nothing else: a suite per file, a failing case per finding."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from typing import Any

from auditor.reporting import wording
from auditor.reporting.characters import keep_layout, one_line
from auditor.reporting.options import Options
from auditor.reporting.schema import Document


def render(document: Document, options: Options) -> str:
    """Where nothing was found there is one passing case, since some systems take an empty report for a broken one."""
    root = ET.Element("testsuites", name="cache-audit")
    by_path: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in document["findings"]:
        by_path[finding["path"]].append(finding)
    for path, findings in by_path.items():
        suite = _suite(root, path, len(findings), failures=len(findings))
        for finding in findings:
            name = f"{finding['code']} {finding['name']} at line {finding['line']}"
            case = ET.SubElement(suite, "testcase", name=one_line(name), classname=one_line(path), file=one_line(path))
            case.set("line", str(finding["line"]))
            failure = ET.SubElement(case, "failure", type=finding["severity"], message=one_line(finding["message"]))
            failure.text = _detail(finding)
    if document["errors"]:
        suite = _suite(root, "errors", len(document["errors"]), errors=len(document["errors"]))
        for error in document["errors"]:
            where = one_line(wording.place_of_error(error))
            case = ET.SubElement(suite, "testcase", name=where, classname="cache-audit")
            ET.SubElement(
                case, "error", type="internal" if error["internal"] else "unreadable", message=one_line(error["message"])
            )
    if len(root) == 0:
        ET.SubElement(_suite(root, "cache-audit", 1), "testcase", name="no findings", classname="cache-audit")
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, tests: int, failures: int = 0, errors: int = 0) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return ET.SubElement(root, "testsuite", {"name": one_line(name), **counts})


def _detail(finding: dict[str, Any]) -> str:
    lines = [wording.place(finding), finding["message"], ""]
    lines += [f"{number}. {wording.place(step)} {step['message']}" for number, step in enumerate(finding["trace"], start=1)]
    lines += ["", f"How to mend it: {finding['recommendation']}"]
    return keep_layout("\n".join(lines))
