"""Which files can hold a call site, by their bytes alone.

Names that say much (`messages.create`) make a file relevant. Names that say less count only in a project that mentions their
library:
loud ones (`invoke`) in any of its files, quiet ones (`run`) in files that mention it too or import such a file. What posts to a
URL counts where an endpoint's is spelled: in the file, in one that it imports, or in one that imports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from auditor.discovery.files import Discovery
from auditor.discovery.model import SourceFile
from auditor.discovery.scan import matters
from auditor.discovery.source import UnreadableError, read_bytes
from auditor.knowledge.objects import Mention
from auditor.knowledge.sdk import Sdk
from auditor.problems import Problem

IMPORTS = re.compile(rb"^[ \t]*(?:from\s+[\w.]+\s+import\s*(?:\([^)]*\)|[^\n]*)|import[^\n]*)", re.MULTILINE)
WORD = re.compile(rb"\w+")


@dataclass(frozen=True, slots=True)
class Scanned:
    """Relevant files, the libraries of the tables that the project mentions, and files that could not be read."""

    files: list[SourceFile]
    mentions: list[Mention]
    problems: list[Problem]


@dataclass(slots=True)
class _Library:
    """What is known of one library while files are read."""

    mention: Mention
    named: set[bytes]  # names by which files that mention it are imported
    loud: list[str]
    quiet: list[tuple[str, bool, set[bytes]]]  # file, whether it mentions the library itself, words of its imports


@dataclass(slots=True)
class _Posts:
    """What is known of files that post, and of those that spell an endpoint's URL, while files are read."""

    sdk: Sdk
    spelled: set[bytes] = field(default_factory=set)  # names by which files that spell a URL are imported
    read: set[bytes] = field(default_factory=set)  # words of such files' imports
    posting: list[tuple[str, set[bytes], bool]] = field(default_factory=list)  # files that post, words of imports, whether given
    own: dict[str, bool] = field(default_factory=dict)  # files that post and spell a URL, whether they are given
    spelling: list[tuple[str, set[bytes]]] = field(
        default_factory=list
    )  # given files that only spell one, words of their imports

    def note(self, path: str, data: bytes, *, given: bool) -> None:
        spelled = matters(data, self.sdk.post_needles)
        posts = matters(data, self.sdk.post_calls) and matters(data, self.sdk.post_libraries)
        words = _imported_words(data) if spelled or posts else set()
        if spelled:
            self.spelled.add(_module_name(path))
            self.read |= words
        if spelled and posts:
            self.own[path] = given
        elif posts:
            self.posting.append((path, words, given))
        elif spelled and given:
            self.spelling.append((path, words))

    @property
    def open(self) -> bool:
        """Whether files that were not given may matter to those that were."""
        return bool(self.spelling) or any(given for _, _, given in self.posting)

    def relevant(self) -> set[str]:
        """Files that post where a URL is known, and those that hand a URL on to one of them (`self._post(url=...)`)."""
        beside = {path: given for path, words, given in self.posting if words & self.spelled or _module_name(path) in self.read}
        near = {**self.own, **beside}
        helping = {_module_name(path) for path in near}
        handing = (path for path, words in self.spelling if words & helping)
        return {*(path for path, given in near.items() if given), *handing}


def relevant(found: Discovery, given: Iterable[SourceFile], sdk: Sdk) -> Scanned:
    """Reads the given files once; the project's others only where a library has to be looked for."""
    libraries = [_Library(mention, set(), [], []) for mention in sdk.objects.mentions]
    posts = _Posts(sdk)
    read, certain, problems = [], set(), []
    for file in given:
        try:
            data = read_bytes(file)
        except UnreadableError as error:
            problems.append(error.problem)
            continue
        read.append(file)
        if matters(data, sdk.needles):
            certain.add(file.in_root)
        for library in libraries:
            _note(library, file, data)
        posts.note(file.in_root, data, given=True)
    _look_around(libraries, posts, found, {file.in_root for file in read})
    certain |= posts.relevant()
    mentioned = [library for library in libraries if library.named]
    for library in mentioned:
        certain.update(library.loud)
        certain.update(path for path, own, words in library.quiet if own or words & library.named)
    return Scanned([file for file in read if file.in_root in certain], [library.mention for library in mentioned], problems)


def _note(library: _Library, file: SourceFile, data: bytes) -> None:
    own = library.mention.named_in(data)
    if own:
        library.named.add(_module_name(file.in_root))
    if matters(data, library.mention.loud_needles):
        library.loud.append(file.in_root)
    elif matters(data, library.mention.quiet_needles):
        words = set() if own else _imported_words(data)
        library.quiet.append((file.in_root, own, words))


def _imported_words(data: bytes) -> set[bytes]:
    return {word for line in IMPORTS.findall(data) for word in WORD.findall(line)}


def _look_around(libraries: Iterable[_Library], posts: _Posts, found: Discovery, known: set[str]) -> None:
    """Looks into the rest of the project for libraries and URLs that the given files leave open."""
    wanted = [library for library in libraries if library.quiet or (library.loud and not library.named)]
    for file in found.importable if wanted or posts.open else ():
        if file.in_root in known:
            continue
        try:
            data = read_bytes(file)
        except UnreadableError:
            continue  # told of when it is asked for
        for library in wanted:
            if library.mention.named_in(data):
                library.named.add(_module_name(file.in_root))
        if posts.open:
            posts.note(file.in_root, data, given=False)


def _module_name(path: str) -> bytes:
    """The word by which an import names the file."""
    where = PurePosixPath(path)
    return (where.parent.name if where.stem == "__init__" else where.stem).encode()
