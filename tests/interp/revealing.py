"""Evaluating a program of a test, and collecting what its calls of the unknown function `reveal` are given."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from auditor.discovery.files import discover
from auditor.interp import modules
from auditor.interp.frame import Frame
from auditor.interp.machine import Machine
from auditor.knowledge import library
from auditor.limits import DEFAULT
from auditor.project.project import Project
from auditor.values.domain import Arguments, External, ExternalObject, FunctionValue, Hole, Value
from auditor.values.text import Text

EXPECTED = re.compile(r"reveal\(.*# revealed: ?(.*)$")


class Reveals:
    """A listener that answers nothing and keeps what the unknown function `reveal` is called with."""

    heard = 0

    def __init__(self) -> None:
        self.seen: list[tuple[int, Text]] = []

    restless = False

    def forget(self, heard: int) -> None:
        return None

    def pipe(self, machine: Machine, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value | None:
        return None

    def is_data(self, cls: str) -> bool:
        return False

    def sends(self, cls: str) -> bool:
        return False

    def call(self, machine: Machine, target: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        return None

    def decorated(
        self, machine: Machine, decorator: External | ExternalObject, function: FunctionValue, node: ast.expr, frame: Frame
    ) -> Value | None:
        return None

    def unknown_call(self, machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        if callee.expression == "reveal":
            (value,) = arguments.positional
            self.seen.append((node.lineno, machine.to_text(value, None, frame)))  # type: ignore[arg-type, attr-defined]
        return None


def texts(folder: Path, program: str = "program.py") -> list[tuple[int, Text]]:
    """The lines of a program that reveal something, and the texts that they reveal."""
    found = discover([folder], base=folder)
    listener = Reveals()
    project = Project({file.in_root: file for file in found.files}, folder, DEFAULT)
    machine = Machine(project, library.load(), DEFAULT, listener)
    module = project.module(program)
    assert module is not None
    with machine.entry():
        modules.run(machine, Frame(module, (machine.store.allocate(),)))
    return listener.seen


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def reveal(source: str, folder: Path) -> list[tuple[int, str]]:
    write(folder, {"program.py": source})
    return [(line, text.render().replace("\n", "\\n")) for line, text in texts(folder)]


def stated(snippet: str, folder: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What each `reveal(x)` of an indented program gives, and what the comment behind it says that it gives.

    A line `--- name` begins another file of the program's project.
    """
    files, name = {"program.py": ""}, "program.py"
    for line in snippet.splitlines():
        line = line.removeprefix("        ")
        if line.startswith("--- "):
            name = line.removeprefix("--- ")
            files[name] = ""
        else:
            files[name] += f"{line}\n"
    write(folder, files)
    lines = files["program.py"].splitlines()
    expected = [(number, match[1]) for number, line in enumerate(lines, 1) if (match := EXPECTED.search(line))]
    return [(line, text.render().replace("\n", "\\n")) for line, text in texts(folder)], expected
