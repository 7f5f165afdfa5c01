"""A finding's identity over time: code, file, enclosing function, subject, and its number among equals.

Line numbers take no part, so that it survives edits elsewhere in the file. Reads function boundaries; files that
are not Python have none.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from auditor import parsing
from auditor.findings import Finding

Lines = Callable[[str], Sequence[str]]


def with_fingerprints(findings: Iterable[Finding], source_lines: Lines) -> list[Finding]:
    """The findings, in their order, each with its fingerprint: 20 hexadecimal digits."""
    scopes: dict[str, list[tuple[int, int, str]]] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    result = []
    for finding in findings:
        path = finding.place.path
        if path not in scopes:
            scopes[path] = _functions(source_lines(path)) if path.endswith(".py") else []
        key = (finding.code, path, _innermost(scopes[path], finding.place.line), finding.subject)
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        result.append(replace(finding, fingerprint=hashlib.sha256(text.encode()).hexdigest()[:20]))
    return result


def _functions(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """First line, last line and qualified name of every function and class; nothing for a file that does not parse."""
    try:
        tree = parsing.parse("\n".join(line.rstrip("\r\n") for line in lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[tuple[int, int, str]] = []
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, prefix = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                found.append((child.lineno, child.end_lineno or child.lineno, name))
                stack.append((child, f"{name}."))
            else:
                stack.append((child, prefix))
    return found


def _innermost(functions: list[tuple[int, int, str]], line: int) -> str:
    around = [(last - first, name) for first, last, name in functions if first <= line <= last]
    return min(around)[1] if around else "<module>"
