"""The modules of the audited project: found by import, parsed on demand, searched by bytes.

Knows files, import resolution and references by name. Does not know what a value is.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from auditor.discovery.kinds import EXCLUDED_FOLDERS
from auditor.discovery.model import SourceFile
from auditor.discovery.notebook import code_of
from auditor.discovery.source import UnreadableError, decode, read_bytes
from auditor.limits import SCANNED_NAMES, Limits
from auditor.problems import Problem
from auditor.project.syntax import Module, Reference, parse

PYTHON = (".py", ".ipynb")
SCRIPTS = frozenset({"main", "app", "server", "run", "bot", "wsgi", "asgi", "manage", "__main__"})  # names of files that are run
REQUIREMENTS = ("requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile")
"""Files that say which libraries a project requires."""
WORD = re.compile(rb"\w+")
ATTRIBUTE = re.compile(rb"\.\s*(\w+)")


class Project:
    """All importable files below the root.

    `files` maps paths relative to the root (POSIX) to files on disk. Nothing is read before it is asked for; what was asked for
    is kept. The order of questions does not change answers.
    """

    def __init__(self, files: Mapping[str, SourceFile], root: Path, limits: Limits, libraries: Iterable[str] = ()) -> None:
        self.root = root
        self.files = dict(sorted(files.items()))
        self._limits = limits
        self._libraries = frozenset(libraries)
        self._prefix = next(
            (file.relative.removesuffix(path) for path, file in self.files.items() if file.relative.endswith(path)), ""
        )
        self._directories = {str(parent) for path in self.files for parent in PurePosixPath(path).parents}
        self._data: dict[str, bytes] = {}
        self._code: dict[str, bytes] = {}
        self._modules: dict[str, Module | None] = {}
        self._mentions: dict[str, tuple[str, ...]] = {}
        self._naming: dict[tuple[str, bool], tuple[str, ...]] = {}
        self._words: dict[bool, Mapping[bytes, tuple[str, ...]]] = {}  # word -> files that it stands in, by whether behind a dot
        self._below: dict[tuple[str, bool], list[str] | None] = {}
        self._resolved: dict[tuple[str, str], str | None] = {}
        self._scripts: dict[PurePosixPath, bool] = {}
        self.problems: dict[str, Problem] = {}
        self.partial: list[Problem] = []  # parts of files that could not be read

    def data(self, path: str) -> bytes:
        if path not in self._data:
            try:
                self._data[path] = read_bytes(self.files[path])
            except UnreadableError as error:
                self.problems[path] = error.problem
                self._data[path] = b""
        return self._data[path]

    def code(self, path: str) -> bytes:
        """The bytes that names are looked for in: of a notebook its code cells'; its output is often ten times more."""
        if not path.endswith(".ipynb"):
            return self.data(path)
        if path not in self._code:
            self._code[path] = code_of(self.data(path))
        return self._code[path]

    def module(self, path: str) -> Module | None:
        """The parsed module, or None where it is no readable Python (then `problems` says why)."""
        if path not in self._modules:
            self._modules[path] = self._parse(path)
        return self._modules[path]

    def adopt(self, module: Module) -> None:
        """Keeps a module that was not read from a Python file: a template's functions belong to it."""
        self._modules[module.path] = module

    def _parse(self, path: str) -> Module | None:
        file = self.files.get(path)
        if file is None:
            return None
        data = self.data(path)
        if path in self.problems:
            return None
        name = file.relative
        try:
            source = decode(file, data, self._limits)
            self.partial.extend(source.problems)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes of the audited code are its author's matter
                return parse(path, source)
        except UnreadableError as error:
            self.problems[path] = error.problem
        except SyntaxError as error:
            line, column, _ = source.locate(error.lineno or 1, error.offset or 1)
            self.problems[path] = Problem(name, line, f"syntax error: {error.msg}", column)
        except ValueError as error:
            self.problems[path] = Problem(name, 0, f"cannot be parsed: {error}")
        return None

    def parsed(self, paths: Iterable[str]) -> int:
        """How many of the files were parsed so far."""
        return sum(self._modules.get(path) is not None for path in paths)

    def mentioning(self, name: str) -> tuple[str, ...]:
        """Paths of Python files whose bytes contain the name, sorted."""
        if name not in self._mentions:
            needle = name.encode()
            self._mentions[name] = tuple(path for path in self.files if path.endswith(PYTHON) and needle in self.code(path))
        return self._mentions[name]

    def naming(self, name: str, *, attribute: bool = False) -> tuple[str, ...]:
        """Paths of Python files in which the name stands as a word; `attribute`: behind a dot.

        Once many names were asked for, all words are indexed: searching 10,500 files takes about 80 ms for each name.
        """
        key = (name, attribute)
        if key not in self._naming:
            if len(self._naming) >= SCANNED_NAMES and WORD.fullmatch(name.encode()):
                self._naming[key] = self._indexed(attribute).get(name.encode(), ())
            else:
                pattern = re.compile((rb"\.\s*" if attribute else rb"(?<!\w)") + name.encode() + rb"(?!\w)")
                self._naming[key] = tuple(path for path in self.mentioning(name) if pattern.search(self.code(path)))
        return self._naming[key]

    def _indexed(self, attribute: bool) -> Mapping[bytes, tuple[str, ...]]:
        """The Python files by the words that stand in them, or behind a dot."""
        if attribute not in self._words:
            found: dict[bytes, list[str]] = {}
            for path in self.files:
                if path.endswith(PYTHON):
                    for word in set((ATTRIBUTE if attribute else WORD).findall(self.code(path))):
                        found.setdefault(word, []).append(path)
            self._words[attribute] = {word: tuple(paths) for word, paths in found.items()}
        return self._words[attribute]

    def references(self, name: str, wanted: Callable[[str], bool] = lambda path: True) -> Iterator[Reference]:
        """Every call of the name, and every handing over of it, in the wanted files of the project, by path and position."""
        for path in self.naming(name):
            if wanted(path):
                yield from self.references_in(path, name)

    def references_in(self, path: str, name: str) -> Iterator[Reference]:
        module = self.module(path)
        if module is not None:
            for spelled in (name, *module.aliases.get(name, ())):
                yield from module.references.get(spelled, ())

    # Imports

    def resolve(self, importer: str, name: str, level: int = 0) -> str | None:
        """Path of the module or package (a directory ends in "/") that an import in `importer` means; None for libraries."""
        if level:
            base = PurePosixPath(importer).parent
            for _ in range(level - 1):
                base = base.parent
            return self._at(base, name)
        if name.split(".", 1)[0] in self._libraries:
            return None
        key = (str(PurePosixPath(importer).parent), name)
        if key not in self._resolved:
            self._resolved[key] = self._absolute(importer, name)
        return self._resolved[key]

    def _absolute(self, importer: str, name: str) -> str | None:
        folder = PurePosixPath(importer).parent
        for base in (folder, *folder.parents):
            # Inside of a package an absolute import does not see its siblings.
            if str(base / "__init__.py") in self.files and base != PurePosixPath("."):
                continue
            for source_root in (base, base / "src", base / "lib"):
                found = self._at(source_root, name)
                if found is not None and found != importer:
                    return found
        first = name.split(".", 1)[0]
        for top in sorted(self._directories):
            # A source root further down (backend/, services/api/): only where the name leads to exactly one place.
            if top.endswith(("/" + first,)) or top == first:
                found = self._at(PurePosixPath(top).parent, name)
                if found is not None and found != importer:
                    return found
        return None if first in sys.stdlib_module_names else self._run_from_inside(importer, name)

    def _run_from_inside(self, importer: str, name: str) -> str | None:
        """The sibling that an absolute import in a package means where the program is started in the package's folder.

        `bot/__init__.py` makes no difference to `python bot/main.py`: `bot` is then where imports are looked for. A library that
        the project requires under the name is meant rather than the sibling.
        """
        folder = PurePosixPath(importer).parent
        for base in (folder, *folder.parents):
            if str(base / "__init__.py") in self.files and base != PurePosixPath("."):
                found = self._at(base, name)
                if found is not None and found != importer and self._has_script(base):
                    first = name.split(".", 1)[0]
                    return None if any(self._requires(above, first) for above in (base, *base.parents)) else found
        return None

    def _requires(self, folder: PurePosixPath, name: str) -> bool:
        """Whether a file of the folder that says what the project requires names a library so."""
        texts = (self.read_text(str(folder / file)) for file in REQUIREMENTS)
        words = re.compile(rf"(?<!\w){re.escape(name).replace('_', '[-_]')}(?!\w)", re.IGNORECASE)
        return any(text is not None and words.search(text) for text in texts)

    def _has_script(self, folder: PurePosixPath) -> bool:
        """Whether a file of the folder is there to be run."""
        if folder not in self._scripts:
            inside = (path for path in self.files if path.endswith(".py") and PurePosixPath(path).parent == folder)
            self._scripts[folder] = any(PurePosixPath(path).stem in SCRIPTS or b"__main__" in self.data(path) for path in inside)
        return self._scripts[folder]

    def _at(self, base: PurePosixPath, name: str) -> str | None:
        target = base.joinpath(*name.split(".")) if name else base
        text = str(target)
        if name and f"{text}.py" in self.files:
            return f"{text}.py"
        init = "__init__.py" if text == "." else f"{text}/__init__.py"
        if init in self.files:
            return init
        if text in self._directories and (text != "." or not name):
            return f"{text}/"
        return None

    def submodule(self, package: str, name: str) -> str | None:
        """The module `name` of a package given by its `__init__.py` or directory path."""
        base = PurePosixPath(package.removesuffix("/")) if package.endswith("/") else PurePosixPath(package).parent
        if not package.endswith(("/", "__init__.py")):
            return None
        return self._at(base, name)

    def imported(self, importer: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """Files of the project that an import statement reads."""
        if isinstance(node, ast.Import):
            found = [self.resolve(importer, alias.name) for alias in node.names]
        else:
            base = self.resolve(importer, node.module or "", node.level)
            found = [base, *(self.submodule(base, alias.name) for alias in node.names)] if base is not None else []
        yield from (path for path in found if path is not None and not path.endswith("/"))

    # Files that are no modules. What a program takes for a path may be any text, too long for the system or with a null in it:
    # pathlib fails there, and `os.path` says that there is no such file.

    def has_file(self, path: str) -> bool:
        return path in self.files or (not path.startswith("..") and os.path.isfile(self.root / path))  # noqa: PTH113

    def has_folder(self, path: str) -> bool:
        return path in self._directories or (not path.startswith("..") and os.path.isdir(self.root / path))  # noqa: PTH112

    def below(self, folder: str, most: int, *, deep: bool) -> list[str] | None:
        """Files below a folder, relative to it and sorted; None where there are too many to tell apart."""
        key = (folder, deep)
        if key not in self._below:
            self._below[key] = self._walk(folder, most, deep=deep)
        return self._below[key]

    def _walk(self, folder: str, most: int, *, deep: bool) -> list[str] | None:
        found: list[str] = []
        pending, seen = [""], 0
        while pending:
            inner = pending.pop(0)
            try:
                entries = sorted((self.root / folder / inner).iterdir())
            except OSError:
                continue
            seen += len(entries)
            if seen > most:
                return None
            for entry in entries:
                name = f"{inner}/{entry.name}".removeprefix("/")
                if not entry.is_dir():
                    found.append(name)
                elif deep and entry.name not in EXCLUDED_FOLDERS and not entry.is_symlink():
                    pending.append(name)
        return sorted(found)

    def display(self, path: str) -> str:
        """How reports name a file given by its path below the root."""
        file = self.files.get(path)
        return file.relative if file is not None else self._prefix + path

    def read_text(self, path: str) -> str | None:
        """A project file's text, line ends as Python reads them; None where it is too large or no UTF-8."""
        file = self.files[path].path if path in self.files else self.root / path
        try:
            if file.stat().st_size > self._limits.prompt_file_bytes:
                return None
            return file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None
