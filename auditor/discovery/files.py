"""From the paths of the command line to the files to read, and from a root to all of its importable files.

Knows folders, ignore files and settings. Reads no file's contents and knows no Python syntax.

The root of a project is the nearest folder above all given paths that holds `pyproject.toml` or `.git`; without one it is the
working directory when that contains the paths (and is not the home or top folder, nor a folder of ever so many files), else the
paths' common parent.
Symbolic links to folders are never entered on the way down; a linked file is read unless its target is read anyway.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from auditor.discovery.ignore import Patterns, compile_patterns, ignored, read_patterns
from auditor.discovery.kinds import BUILD_FOLDERS, EXCLUDED_FOLDERS, explicit_kind, is_prompt, source_kind
from auditor.discovery.model import DiscoveryError, DiscoverySettings, FileKind, SourceFile
from auditor.limits import DEFAULT, Limits
from auditor.problems import Problem

_ROOT_MARKERS = ("pyproject.toml", ".git")


@dataclass(frozen=True)
class Discovery:
    """The files to audit, sorted by name, whatever the order of the paths or of the folders' listings.

    `base` is the folder that `relative` names start from (the working directory). `root` is the project that imports of the
    files are looked up in: `importable` holds its Python files, given or not, and is computed when first asked for.
    """

    root: Path
    base: Path
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    settings: DiscoverySettings
    limits: Limits

    @cached_property
    def importable(self) -> tuple[SourceFile, ...]:
        return project_files(self.root, self.settings, self.limits, self.base)


def discover(
    paths: Sequence[Path], settings: DiscoverySettings | None = None, limits: Limits = DEFAULT, base: Path | None = None
) -> Discovery:
    """All files that the paths name or contain. `base` is the working directory unless given.

    Raises DiscoveryError when a path does not exist or is neither a file nor a folder, naming all such paths.
    """
    settings = settings or DiscoverySettings()
    base = _absolute(base or Path.cwd())
    given = [_absolute(base / path) for path in paths]
    _check(paths, given)
    root = project_root(given, base)
    if not is_project(root) and _crowded(root, settings, limits):
        root = _common(given, base)
    walk = _Walk(root, base, settings)
    found = [file for path in given for file in (walk.below(path) if path.is_dir() else walk.named(path))]
    problems = tuple(sorted(set(walk.problems), key=lambda problem: (problem.path, problem.message)))
    return Discovery(root, base, _unique(found), problems, settings, limits)


def project_files(
    root: Path, settings: DiscoverySettings | None = None, limits: Limits = DEFAULT, base: Path | None = None
) -> tuple[SourceFile, ...]:
    """All Python files under the root that are not ignored, sorted; at most `limits.project_files`, the shallowest first."""
    root = _absolute(root)
    walk = _Walk(root, _absolute(base or Path.cwd()), settings or DiscoverySettings(), python_only=True)
    return _unique(islice(walk.below(root), limits.project_files))


def project_root(paths: Iterable[Path], base: Path) -> Path:
    """The project that absolute paths belong to; see the module's docstring for how it is chosen."""
    common = _common(paths, base)
    for folder in (common, *common.parents):
        if is_project(folder):
            return folder
    usable = base.parent != base and base != Path.home()
    return base if usable and common.is_relative_to(base) else common


def _common(paths: Iterable[Path], base: Path) -> Path:
    """The folder that holds all of the paths."""
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in paths] or [base]))


def _crowded(folder: Path, settings: DiscoverySettings, limits: Limits) -> bool:
    """Whether so many files lie below a folder which nothing says is a project that it will not be one."""
    files = _Walk(folder, folder, settings, python_only=True).below(folder)
    return next(islice(files, limits.unmarked_files, None), None) is not None


def is_project(folder: Path) -> bool:
    """Whether a folder says that it is a project's topmost one."""
    return any((folder / marker).exists() for marker in _ROOT_MARKERS)


def relative_name(path: Path, base: Path) -> str:
    """How reports call a file: POSIX, relative to `base`, printable whatever bytes the name is made of."""
    try:
        name = os.path.relpath(path, base)
    except ValueError:  # another drive
        name = str(path)
    return os.fsencode(Path(name).as_posix()).decode("utf-8", "backslashreplace")


def _absolute(path: Path) -> Path:
    """Absolute and free of `..`, links kept: the name that the user knows the file by."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps `..`, Path.resolve follows links)


def _check(paths: Sequence[Path], given: Sequence[Path]) -> None:
    wrong = []
    for path, absolute in zip(paths, given, strict=True):
        try:
            absolute.stat()
        except FileNotFoundError:
            wrong.append(f"{path}: no such file or directory")
        except (OSError, ValueError) as error:
            wrong.append(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
        else:
            if not absolute.is_dir() and not absolute.is_file():
                wrong.append(f"{path}: neither a file nor a directory")
    if wrong:
        raise DiscoveryError("\n".join(wrong))


def _unique(files: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
    """Sorted by name, each file once; a link is dropped where its target, or an earlier link to it, is there."""
    by_path = {file.path: file for file in files}
    links = {path: Path(os.path.realpath(path)) for path in by_path if path.is_symlink()}
    read = set(by_path) - set(links)
    kept = []
    for file in sorted(by_path.values()):
        target = links.get(file.path)
        if target is not None:
            if target in read:
                continue
            read.add(target)
        kept.append(file)
    return tuple(kept)


@dataclass
class _Walk:
    """One walk over the file system with one set of rules; collects what it could not read."""

    root: Path
    base: Path
    settings: DiscoverySettings
    python_only: bool = False
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        changes = (*self.settings.exclude, *("!" + pattern for pattern in self.settings.include))
        self.configured = compile_patterns(changes, self.root)
        self.prompts = compile_patterns(self.settings.prompts, self.root)
        self.requests = compile_patterns(self.settings.requests, self.root)

    def named(self, path: Path) -> Iterator[SourceFile]:
        """A file that the user named: read whatever the rules say."""
        kind = source_kind(path.name) or self._configured_kind(path) or explicit_kind(path)
        if kind is not None:
            yield self._source(path, kind)

    def below(self, top: Path) -> Iterator[SourceFile]:
        """The files below a folder, level by level, so that a bounded walk keeps the shallowest."""
        level = [(top, self._above(top))]
        while level:
            deeper = []
            for folder, outer in level:
                entries = self._entries(folder)
                layers = self._with_own(folder, outer, {entry.name for entry in entries})
                for entry in entries:
                    path = folder / entry.name
                    if self._is_folder(entry):
                        if not self._skips_folder(path, layers):
                            deeper.append((path, layers))
                    else:
                        yield from self._file(entry, path, layers)
            level = deeper

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                return sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self._problem(folder, f"directory cannot be read: {error.strerror}")
            return []

    @staticmethod
    def _is_folder(entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir(follow_symlinks=False)
        except OSError:
            return False

    def _skips_folder(self, path: Path, layers: tuple[Patterns, ...]) -> bool:
        decision = self.configured.decide(path.as_posix(), directory=True) if self.configured else None
        if decision is not None:
            return decision
        if path.name in EXCLUDED_FOLDERS or (path.name in BUILD_FOLDERS and not (path / "__init__.py").is_file()):
            return True
        return ignored(layers, path.as_posix(), directory=True) or (path / "pyvenv.cfg").is_file()

    def _file(self, entry: os.DirEntry[str], path: Path, layers: tuple[Patterns, ...]) -> Iterator[SourceFile]:
        kind = self._kind(path)
        if kind is None or (self.python_only and kind is not FileKind.PYTHON):
            return
        try:
            regular = entry.is_file()
        except OSError:
            regular = False  # a loop of links
        if not regular:
            return
        decision = self.configured.decide(path.as_posix(), directory=False) if self.configured else None
        if ignored(layers, path.as_posix(), directory=False) if decision is None else decision:
            return
        yield self._source(path, kind)

    def _source(self, path: Path, kind: FileKind) -> SourceFile:
        return SourceFile(relative_name(path, self.base), path, kind, path.relative_to(self.root).as_posix())

    def _kind(self, path: Path) -> FileKind | None:
        kind = source_kind(path.name) or self._configured_kind(path)
        if kind is None and is_prompt(path.relative_to(self.root)):
            kind = FileKind.PROMPT
        return kind

    def _configured_kind(self, path: Path) -> FileKind | None:
        for patterns, kind in ((self.prompts, FileKind.PROMPT), (self.requests, FileKind.REQUEST)):
            if patterns is not None and patterns.decide(path.as_posix(), directory=False):
                return kind
        return None

    def _above(self, top: Path) -> tuple[Patterns, ...]:
        """The patterns of the folders above one that the user named (a pattern for that folder itself does not matter)."""
        if not self.settings.gitignore:
            return ()
        first = self._ignore_root(top)
        outer = [folder for folder in top.parents if folder.is_relative_to(first)][::-1]
        layers = self._repository_excludes(first) if outer else ()
        for folder in outer:
            layers = self._with_own(folder, layers, None)
        return layers

    def _ignore_root(self, top: Path) -> Path:
        """Where ignore files begin to count: the repository's top, else the project's root."""
        for folder in (top, *top.parents):
            if (folder / ".git").exists():
                return folder
        return self.root if top.is_relative_to(self.root) else top

    def _with_own(self, folder: Path, outer: tuple[Patterns, ...], names: set[str] | None) -> tuple[Patterns, ...]:
        """The layers that hold inside a folder: those around it and its own. `names` is its listing where that is known."""
        if not self.settings.gitignore:
            return outer
        if names is not None and ".git" in names:
            outer = (*self._repository_excludes(folder), *outer)
        if names is not None and ".gitignore" not in names:
            return outer
        return (*outer, *self._layer(folder / ".gitignore", folder))

    def _repository_excludes(self, repository: Path) -> tuple[Patterns, ...]:
        """`.git/info/exclude`, also where `.git` is a file that points to the folder of a linked work tree."""
        git = repository / ".git"
        try:
            if git.is_file():
                git = repository / git.read_text("utf-8").removeprefix("gitdir:").strip()
                if (git / "commondir").is_file():
                    git /= (git / "commondir").read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ()
        return self._layer(git / "info" / "exclude", repository)

    def _layer(self, file: Path, folder: Path) -> tuple[Patterns, ...]:
        try:
            patterns = read_patterns(file, folder) if file.is_file() else None
        except OSError as error:
            self._problem(file, f"ignore file cannot be read: {error.strerror}")
            return ()
        return () if patterns is None else (patterns,)

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(relative_name(path, self.base), 0, message))
