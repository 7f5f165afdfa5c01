"""Jupyter notebooks as one Python text, each of its lines knowing where it stands in the `.ipynb` file.

Knows the notebook format (versions 3 and 4) and what IPython adds to Python; does not know what the code means. Lines that are
not Python (magics, shell commands, help) become statements without effect, so that no line moves.
"""

from __future__ import annotations

import json
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # neither is in the stubs
from json.scanner import py_make_scanner  # type: ignore[attr-defined]  # the C scanner's twin, which asks for our strings
from typing import Any

from auditor import parsing

# Cell magics whose body is Python that runs in the notebook itself.
_PYTHON_CELL_MAGICS = frozenset(
    {"cache", "capture", "memit", "mprun", "prun", "px", "scalene", "snakeviz", "time", "timeit", "wandb"}
)
_CELL_MAGIC = re.compile(r"%%(\w*)")
# Line magics whose argument is Python: the magic goes, the code stays in its columns.
_CODE_MAGIC = re.compile(r"(?P<indent>\s*)(?P<magic>%(?:time|timeit|prun|memit|mprun)\s+(?:-\w+(?:\s+\d+)?\s+)*)(?P<code>\S.*)")
_ASSIGNED_MAGIC = re.compile(r"(?P<target>\s*[\w.\[\]'\", ]+=\s*)[!%](?![%=]).*")
_NOT_PYTHON = re.compile(r"\s*[%!?]|.*\?\s*$")


class NotebookError(ValueError):
    """The file is no notebook. `line` counts from 1, 0 where it makes no sense."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line of the generated text comes from: line of the `.ipynb` file, code cell (both count from 1)."""

    line: int
    cell: int


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A code cell that is not Python even without IPython's additions; it is left out."""

    origin: Origin
    message: str


@dataclass(frozen=True, slots=True)
class Notebook:
    """The code cells one after the other; `origins[i]` belongs to line i + 1 of `code`."""

    code: str
    origins: tuple[Origin, ...]
    broken: tuple[BrokenCell, ...]


class _Placed(str):
    """A JSON string that remembers at which character of the file it begins."""

    __slots__ = ("start",)
    start: int


def read_notebook(text: str) -> Notebook:
    """The Python of a notebook; empty when its language is another one. Raises NotebookError when it is no notebook."""
    document = _load(text)
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document):
        raise NotebookError("not a notebook: it has no cells")
    newlines = [match.start() for match in re.finditer("\n", text)]
    lines: list[str] = []
    origins: list[Origin] = []
    broken: list[BrokenCell] = []
    language = _language(document)
    for number, cell in enumerate(_code_cells(document), start=1):
        if not _is_python(_cell_language(cell) or language):
            continue
        cell_lines, starts = _split(cell.get("source", cell.get("input", "")))
        cell_origins = [Origin(bisect_left(newlines, start) + 1, number) for start in starts]
        code, error = python_of(cell_lines)
        if error is not None:
            line = min(max(error.lineno or 1, 1), len(cell_origins))
            broken.append(BrokenCell(cell_origins[line - 1], f"syntax error in cell {number}: {error.msg}"))
        lines += code
        origins += cell_origins
    return Notebook("\n".join(lines) + "\n" if lines else "", tuple(origins), tuple(broken))


def code_of(data: bytes) -> bytes:
    """What the code cells say, quickly and without places: to look for names in. All of the file where it is no notebook."""
    try:
        document = json.loads(data)
        sheets = _code_cells(document)
        sources = [cell.get("source", cell.get("input", "")) for cell in sheets]
    except (ValueError, AttributeError, RecursionError):
        return data
    parts = (source if isinstance(source, list) else [source] for source in sources)
    cells = ("".join(part for part in cell if isinstance(part, str)) for cell in parts)
    return "\n".join(cells).encode("utf-8", "replace")


def python_of(lines: list[str]) -> tuple[list[str], SyntaxError | None]:
    """The lines of a cell with everything that is not Python made harmless, as many as before.

    A line is touched only where Python itself rejects the cell at a line that looks like IPython's: a line that begins with
    `%` inside brackets is a modulus and stays. A cell that cannot be mended becomes empty, with the error.
    """
    lines = list(lines)
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return lines, None
    magic = _CELL_MAGIC.match(lines[first])
    if magic:
        if magic[1] not in _PYTHON_CELL_MAGICS:
            return [""] * len(lines), None
        lines[first] = ""
    suspects = {index for index, line in enumerate(lines) if _NOT_PYTHON.match(line) or _ASSIGNED_MAGIC.fullmatch(line)}
    error = _syntax_error(lines)
    while error is not None and suspects:
        at = (error.lineno or 0) - 1
        for index in (at,) if at in suspects else sorted(suspects):
            if index in suspects:
                suspects -= _neutralise(lines, index)
        error = _syntax_error(lines)
    return ([""] * len(lines) if error is not None else lines), error


def _neutralise(lines: list[str], index: int) -> set[int]:
    """Makes one line harmless, and those that continue it; returns their indices."""
    line = lines[index]
    done = {index}
    code = _CODE_MAGIC.fullmatch(line)
    assigned = _ASSIGNED_MAGIC.fullmatch(line)
    if code:
        lines[index] = code["indent"] + "pass".ljust(len(code["magic"]) - 1) + ";" + code["code"]
        return done
    indent = line[: len(line) - len(line.lstrip())]
    lines[index] = assigned["target"] + "get_ipython()" if assigned else indent + "pass"
    while line.endswith("\\") and index + 1 < len(lines):
        index += 1
        line, lines[index] = lines[index], ""
        done.add(index)
    return done


def _syntax_error(lines: list[str]) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsing.parse("\n".join(lines) + "\n")
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or type(error).__name__)
    return None


class _PlacingDecoder(json.JSONDecoder):
    """Decodes strings to `_Placed`."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string = self._placed
        self.scan_once = py_make_scanner(self)

    @staticmethod
    def _placed(string: str, end: int, strict: bool = True) -> tuple[str, int]:
        value, after = scanstring(string, end, strict)
        result = _Placed(value)
        result.start = end - 1
        return result, after


def _load(text: str) -> Any:
    try:
        return _PlacingDecoder().decode(text)
    except json.JSONDecodeError as error:
        raise NotebookError(f"not valid JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise NotebookError("not readable: nested too deeply") from error


def _code_cells(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = [document, *_dicts(document.get("worksheets"))]
    for sheet in sheets:
        for cell in _dicts(sheet.get("cells")):
            if cell.get("cell_type") == "code":
                yield cell


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _language(document: dict[str, Any]) -> str | None:
    metadata = document.get("metadata")
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        value = metadata.get(section) if isinstance(metadata, dict) else None
        name = value.get(key) if isinstance(value, dict) else None
        if isinstance(name, str):
            return name
    return None


def _cell_language(cell: dict[str, Any]) -> str | None:
    metadata = cell.get("metadata")
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    name = editor.get("languageId") if isinstance(editor, dict) else cell.get("language")
    return name if isinstance(name, str) else None


def _is_python(language: str | None) -> bool:
    return language is None or language.lower().startswith(("python", "ipython"))


def _split(source: object) -> tuple[list[str], list[int]]:
    """The lines of a cell and where in the file the string begins that each line begins in."""
    parts = source if isinstance(source, list) else [source]
    lines: list[str] = []
    starts: list[int] = []
    open_line = False
    for part in parts:
        if not isinstance(part, _Placed) or not part:
            continue
        head, *rest = re.split(r"\r\n|\r|\n", part)
        if open_line:
            lines[-1] += head
        else:
            lines.append(head)
            starts.append(part.start)
        lines += rest
        starts += [part.start] * len(rest)
        open_line = bool(rest[-1]) if rest else True
        if not open_line:  # the part ended with a newline: the next part begins the line
            lines.pop()
            starts.pop()
    return lines, starts
