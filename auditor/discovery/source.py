"""The text of one source file, and from a place in that text to the place that people see.

Knows encodings, line ends, size limits and notebooks. Does not know Python syntax.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from auditor.discovery.model import FileKind, SourceFile
from auditor.limits import DEFAULT, Limits
from auditor.places import Place
from auditor.problems import Problem


class UnreadableError(Exception):
    """A file that cannot be read as source; `problem` says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.path}:{problem.line}: {problem.message}")
        self.problem = problem


class Location(NamedTuple):
    """A position as people see it: line of the file and column, both from 1; the code cell in a notebook.

    In a notebook the line is that of the `.ipynb` file and the column that of the cell's own text.
    """

    line: int
    column: int
    cell: int | None


@dataclass(frozen=True)
class Source:
    """Python text with `\\n` line ends. `cells` is empty but for a notebook, where it says for each line of the text from which
    line of the `.ipynb` file and which code cell it comes. `problems` are cells that had to be left out.
    """

    relative: str
    text: str
    cells: tuple[tuple[int, int], ...] = ()
    problems: tuple[Problem, ...] = ()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends, as Python counts them."""
        return tuple(self.text.split("\n"))

    @cached_property
    def _encoded(self) -> dict[int, bytes]:
        """Lines of other than ASCII characters, of which columns were asked for: data may stand in one long line."""
        return {}

    def locate(self, line: int, column: int = 1) -> Location:
        """From line and column of the text (both from 1) to the file. A line behind the end stands on the last one."""
        if not self.cells:
            return Location(line, column, None)
        file_line, cell = self.cells[min(max(line, 1), len(self.cells)) - 1]
        return Location(file_line, column, cell)

    def column(self, line: int, offset: int) -> int:
        """From an offset in UTF-8 bytes, which syntax trees count in (from 0), to a column in characters (from 1)."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        encoded = self._encoded.get(line)
        if encoded is None:
            encoded = self._encoded[line] = text.encode("utf-8", "surrogatepass")
        return len(encoded[:offset].decode("utf-8", "replace")) + 1

    def place(self, line: int, offset: int, end_line: int, end_offset: int) -> Place:
        """The span of a syntax tree's node: lines of the text from 1, offsets in UTF-8 bytes from 0."""
        start = self.locate(line, self.column(line, offset))
        end = self.locate(end_line, self.column(end_line, end_offset))
        return Place(self.relative, start.line, start.column, end.line, end.column, start.cell)


def read_bytes(file: SourceFile) -> bytes:
    """The bytes of a file. Raises UnreadableError."""
    try:
        return file.path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableError(Problem(file.relative, 0, f"cannot be read: {reason}")) from error


def read_python(file: SourceFile, limits: Limits = DEFAULT) -> Source:
    """The source of a Python file or notebook. Raises UnreadableError."""
    return decode(file, read_bytes(file), limits)


def decode(file: SourceFile, data: bytes, limits: Limits = DEFAULT) -> Source:
    """The source that the bytes of a Python file or notebook spell, so that the bytes can be scanned before.

    Raises UnreadableError for an unknown or wrong encoding, a null byte, a broken notebook and a size over the limits.
    """
    if file.kind is FileKind.NOTEBOOK:
        return _decode_notebook(file, data, limits)
    _check_size(file, len(data), limits.file_bytes)
    text = _decode_text(file, data)
    return Source(file.relative, re.sub(r"\r\n?", "\n", text))


def _decode_text(file: SourceFile, data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError(Problem(file.relative, 1, "encoded as UTF-16, which Python does not read"))
    if b"\0" in data:
        raise UnreadableError(Problem(file.relative, _line(data, data.index(b"\0")), "contains a null byte"))
    encoding = _encoding(file, data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"byte 0x{data[error.start]:02x} is not {error.encoding}"
        raise UnreadableError(Problem(file.relative, _line(data, error.start), f"cannot be decoded: {found}")) from error
    except (LookupError, ValueError) as error:  # a codec for something else than text
        raise UnreadableError(Problem(file.relative, 1, f"cannot be decoded: {error}")) from error


def _encoding(file: SourceFile, data: bytes) -> str:
    """The encoding by PEP 263. The standard library decides, and is loaded only where the file declares one."""
    head = data[:4000]
    if not any(b"coding" in line for line in _first_lines(head, 2)):
        return "utf-8-sig"
    from tokenize import detect_encoding

    try:
        return detect_encoding(io.BytesIO(head).readline)[0]
    except SyntaxError as error:
        raise UnreadableError(Problem(file.relative, 1, f"cannot be decoded: {error.msg}")) from error


def _first_lines(data: bytes, count: int) -> Iterator[bytes]:
    stream = io.BytesIO(data)
    for _ in range(count):
        yield stream.readline()


def _decode_notebook(file: SourceFile, data: bytes, limits: Limits) -> Source:
    from auditor.discovery.notebook import NotebookError, read_notebook

    _check_size(file, len(data), limits.notebook_bytes)
    try:
        notebook = read_notebook(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableError(Problem(file.relative, _line(data, error.start), "cannot be decoded: not UTF-8")) from error
    except NotebookError as error:
        raise UnreadableError(Problem(file.relative, error.line, str(error))) from error
    _check_size(file, len(notebook.code), limits.file_bytes)
    if "\0" in notebook.code:
        raise UnreadableError(Problem(file.relative, 0, "contains a null byte"))
    return Source(
        file.relative,
        notebook.code,
        tuple((origin.line, origin.cell) for origin in notebook.origins),
        tuple(Problem(file.relative, cell.origin.line, cell.message) for cell in notebook.broken),
    )


def _check_size(file: SourceFile, size: int, limit: int) -> None:
    if size > limit:
        message = f"{size:,} bytes of code: more than the limit of {limit:,}, not analysed"
        raise UnreadableError(Problem(file.relative, 0, message))


def _line(data: bytes, offset: int) -> int:
    """The line, from 1, that a byte stands on."""
    return len(re.findall(rb"\r\n?|\n", data[:offset])) + 1
