"""Newer syntax of Python, understood by an older one: each piece gives way to older syntax of the same length.

Knows what Python 3.12 to 3.15 added: f-strings that hold their own quotes, backslashes, comments and line ends (PEP 701),
type parameters and `type` statements (695, 696), `except A, B` (758), template strings (750) and `lazy import` (810).
Lines and offsets stay what they are in the text, but for names in a `type`, `except` or `import` line that is rewritten.

An f-string gives way to a placeholder, and its tree, made of its parts, takes the placeholder's place. Type parameters are
left out: an annotation that names one is unknown, as any name without a definition.
"""

from __future__ import annotations

import ast
import bisect
import itertools
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from auditor.limits import DEFAULT
from auditor.parsing.tokens import Field, Kind, Literal, NotPythonError, Parts, Token, parts, tokens

TEMPLATE = "string.templatelib.Template"
"""Stands for a template string: a name that no module can define, so that the value is unknown."""


def parse(text: str, filename: str) -> ast.Module | SyntaxError | None:
    """The tree of a module that `ast.parse` refused; the error that is left; None where it holds no newer syntax."""
    tree = _Rewriting(text, 0).parse("exec", filename)
    assert tree is None or isinstance(tree, ast.Module | SyntaxError)
    return tree


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str  # as many bytes of UTF-8 as what it replaces, and as many lines


@dataclass(frozen=True)
class _Rewriting:
    """One text; `nesting` counts the f-strings that it stands inside of."""

    text: str
    nesting: int

    def parse(self, mode: str, filename: str) -> ast.AST | SyntaxError | None:
        if self.nesting > DEFAULT.nested_strings:
            return None
        try:
            edits, strings = self._edits()
            if not edits:
                return None
            tree = ast.parse(self._edited(edits), filename, mode)
            self._put_back(tree, strings)
        except NotPythonError:
            return None
        except SyntaxError as error:
            return error
        return tree

    @cached_property
    def _tokens(self) -> list[Token]:
        return list(tokens(self.text))

    @cached_property
    def _closing(self) -> dict[int, int]:
        return _closings(self._tokens)

    def _edits(self) -> tuple[list[_Edit], list[tuple[int, int, Sequence[Token]]]]:
        """What to replace, in order, and the strings that a placeholder stands for: start, end, tokens."""
        found = self._tokens
        edits: list[_Edit] = []
        strings: list[tuple[int, int, Sequence[Token]]] = []
        index = 0
        while index < len(found):
            token = found[index]
            taken = 1
            if token.kind is Kind.STRING:
                taken = _run(found, index)
                run = found[index : index + taken]
                if any(set(each.text) & {"f", "t"} for each in run) and not is_known(self.text[token.start : run[-1].end]):
                    edits.append(self._placeholder(token.start, run[-1].end))
                    strings.append((token.start, run[-1].end, run))
            elif token.kind is Kind.NAME:
                begins = index == 0 or found[index - 1].kind is Kind.NEWLINE or found[index - 1].text == ";"
                for rewrite in (self._type_parameters, *((self._alias, self._lazy, self._except) if begins else ())):
                    if edit := rewrite(index):
                        edits.append(edit)
            index += taken
        return edits, strings

    def _text(self, index: int) -> str:
        return self._tokens[index].text if index < len(self._tokens) else ""

    # Edits

    def _edited(self, edits: Sequence[_Edit]) -> str:
        pieces, at = [], 0
        for edit in edits:
            pieces += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join((*pieces, self.text[at:]))

    def _placeholder(self, start: int, end: int) -> _Edit:
        """`(0   )` over the lines of the string: a newline can stand in neither of its first two bytes, nor in its last."""
        return _Edit(start, end, "(0" + _blank(self.text[start:end])[2:-1] + ")")

    def _type_parameters(self, index: int) -> _Edit | None:
        """`def name[T](...)`, `class Name[T]: ...`: blanks."""
        found, closing = self._tokens, self._closing.get(index + 2)
        if found[index].text not in ("def", "class") or closing is None or found[index + 2].text != "[":
            return None
        start, end = found[index + 2].start, found[closing].end
        return _Edit(start, end, self._blank_outside(start, end))

    def _alias(self, index: int) -> _Edit | None:
        """`type Name[T] = ...`: `Name        = ...`."""
        found = self._tokens
        last = self._closing.get(index + 2, index + 1)
        if found[index].text != "type" or self._text(last + 1) != "=" or found[index + 1].kind is not Kind.NAME:
            return None
        start, name, end = found[index].start, found[index + 1], found[last].end
        return _Edit(start, end, name.text + self._blank_outside(start, name.start) + self._blank_outside(name.end, end))

    def _lazy(self, index: int) -> _Edit | None:
        """`lazy import name`: `import      name`."""
        if self._text(index) != "lazy" or self._text(index + 1) not in ("import", "from"):
            return None
        start, end = self._tokens[index].start, self._tokens[index + 1].end
        return _Edit(start, end, self._text(index + 1).ljust(end - start))

    def _except(self, index: int) -> _Edit | None:
        """`except A, B:`: `except(A,B):`."""
        found = self._tokens
        if found[index].text != "except":
            return None
        first = index + 1 + (self._text(index + 1) == "*")
        types = list(itertools.takewhile(lambda token: token.depth or token.text not in (":", ";", ""), found[first:]))
        if self._text(first + len(types)) != ":" or not types:
            return None
        start, end = types[0].start, found[first + len(types)].start
        commas = [token.end for token in types if token.text == "," and not token.depth]
        spaced = next((at for at in reversed(commas) if self.text[at : at + 1] == " "), None)
        if spaced is None or self.text[start - 1] != " ":
            return None
        return _Edit(start - 1, end, f"({self.text[start:spaced]}{self.text[spaced + 1 : end]})")

    def _blank_outside(self, start: int, end: int) -> str:
        """Blanks where no bracket is open any more: line ends are escaped."""
        return re.sub(r" \n", "\\\\\n", _blank(self.text[start:end]))

    # Strings

    @cached_property
    def _lines(self) -> list[int]:
        """Offsets at which lines begin."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def _position(self, offset: int) -> tuple[int, int]:
        """Line from 1 and offset in bytes from 0, as syntax trees count."""
        line = bisect.bisect_right(self._lines, offset)
        return line, len(self.text[self._lines[line - 1] : offset].encode("utf-8", "surrogatepass"))

    def _put_back(self, tree: ast.AST, strings: Sequence[tuple[int, int, Sequence[Token]]]) -> None:
        """Replaces the placeholders by the trees of their strings."""
        waiting = {}
        for start, end, run in strings:
            line, offset = self._position(start)
            waiting[line, offset + 1] = (start, end, run)
        for node in ast.walk(tree) if waiting else ():
            for name, value in ast.iter_fields(node):
                if isinstance(value, list):
                    for index, each in enumerate(value):
                        if new := self._new(each, waiting):
                            value[index] = new
                elif new := self._new(value, waiting):
                    setattr(node, name, new)

    def _new(self, node: object, waiting: dict[tuple[int, int], tuple[int, int, Sequence[Token]]]) -> ast.expr | None:
        if not isinstance(node, ast.Constant) or (node.lineno, node.col_offset) not in waiting:
            return None
        return self._string(*waiting.pop((node.lineno, node.col_offset)))

    def _string(self, start: int, end: int, run: Sequence[Token]) -> ast.expr:
        """The tree of adjacent strings."""
        new: ast.expr
        if any("t" in token.text for token in run):
            new = ast.Name(TEMPLATE, ast.Load())
        else:
            values: list[ast.expr] = []
            for token in run:
                if "f" in token.text:
                    quote, found = parts(self.text, token.start)
                    values += self._values(found, token.text, quote)
                else:
                    values.append(ast.Constant(ast.literal_eval(self.text[token.start : token.end])))
            new = ast.JoinedStr(_merged(values))
        line, offset = self._position(start)
        end_line, end_offset = self._position(end)
        for node in ast.walk(new):
            if "lineno" in node._attributes and not hasattr(node, "lineno"):
                node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = line, offset, end_line, end_offset  # type: ignore[attr-defined]
        return new

    def _values(self, of: Parts, prefix: str, quote: str) -> list[ast.expr]:
        values: list[ast.expr] = []
        for part in of:
            match part:
                case Literal(start, end):
                    values.append(ast.Constant(_decoded(self.text[start:end], prefix, quote)))
                case Field(start, end, echo, conversion, specification):
                    if echo:
                        values.append(ast.Constant(echo))
                    number = ord(conversion) if conversion else ord("r") if echo and specification is None else -1
                    inner = None if specification is None else ast.JoinedStr(_merged(self._values(specification, prefix, quote)))
                    values.append(ast.FormattedValue(self._expression(start, end), number, inner))
        return values

    def _expression(self, start: int, end: int) -> ast.expr:
        """The tree of a field's expression, at its own place."""
        text = f"({self.text[start:end]}\n)"
        try:
            tree: ast.AST | SyntaxError | None = ast.parse(text, mode="eval")
        except SyntaxError as error:
            tree = _Rewriting(text, self.nesting + 1).parse("eval", "<field>")
            if tree is None:
                raise NotPythonError(str(error)) from error
        if isinstance(tree, SyntaxError):
            raise NotPythonError(str(tree)) from tree
        assert isinstance(tree, ast.Expression)
        line, offset = self._position(start)
        for node in ast.walk(tree):
            if "lineno" in node._attributes:
                _move(node, line - 1, offset - 1)
        return tree.body


def _move(node: ast.AST, lines: int, offset: int) -> None:
    """From a text of its own to the place in the file where its first line begins `offset` bytes further."""
    for line, column in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
        if getattr(node, line) == 1:
            setattr(node, column, getattr(node, column) + offset)
        setattr(node, line, getattr(node, line) + lines)


def is_known(string: str) -> bool:
    """Whether the Python that runs can read adjacent strings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(f"({string}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _blank(text: str) -> str:
    """As many bytes of UTF-8, and the same line ends."""
    return re.sub(r"[^\n]", lambda match: " " * len(match[0].encode("utf-8", "surrogatepass")), text)


def _run(found: Sequence[Token], index: int) -> int:
    """How many strings stand side by side from there."""
    end = index
    while end < len(found) and found[end].kind is Kind.STRING:
        end += 1
    return end - index


def _closings(found: Sequence[Token]) -> dict[int, int]:
    """Index of the bracket that closes for each that opens."""
    opened: list[int] = []
    closing = {}
    for index, token in enumerate(found):
        if token.kind is Kind.OPERATOR and token.text in "([{":
            opened.append(index)
        elif token.kind is Kind.OPERATOR and token.text in ")]}" and opened:
            closing[opened.pop()] = index
    return closing


def _merged(values: Sequence[ast.expr]) -> list[ast.expr]:
    """Adjacent texts as one, and none that is empty."""
    merged: list[ast.expr] = []
    for value in values:
        match value, merged[-1] if merged else None:
            case ast.Constant(value=""), _:
                pass
            case ast.Constant(value=str() as more), ast.Constant(value=str() as text):
                merged[-1] = ast.Constant(text + more)
            case _:
                merged.append(value)
    return merged


def _decoded(written: str, prefix: str, quote: str) -> str:
    """What a literal stretch of an f-string says."""
    single = written.replace("{{", "{").replace("}}", "}")
    if "r" in prefix:
        return single
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unknown escapes
        decoded: str = ast.literal_eval(f"{quote}{single}_{quote}")  # the last character may be a quote or a backslash
    return decoded[:-1]
