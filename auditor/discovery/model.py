"""What discovery is asked and what it answers. Does not touch the file system."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class FileKind(StrEnum):
    PYTHON = "python"
    NOTEBOOK = "notebook"
    PROMPT = "prompt"  # a text that is sent to a model: a template, a system prompt
    REQUEST = "request"  # a recorded or hand-written request body, JSON or one JSON value a line


class DiscoveryError(ValueError):
    """The paths themselves cannot be audited (missing, not a file or folder): a usage error."""


@dataclass(frozen=True, slots=True)
class DiscoverySettings:
    """Which files of a folder are read. All patterns are those of .gitignore, relative to the project's root.

    A file that is named on the command line is read whatever the settings say.
    """

    exclude: tuple[str, ...] = ()  # not read; added to the built-in excludes and to the ignore files
    include: tuple[str, ...] = ()  # read although it is excluded or ignored (a folder: name the folder itself)
    prompts: tuple[str, ...] = ()  # prompt files, added to those that are recognised by their names
    requests: tuple[str, ...] = ()  # request bodies: they are never recognised by their names
    gitignore: bool = True


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A file to read. `path` opens it; `relative` names it in reports: POSIX, relative to the working directory.

    A file outside of the working directory is named with leading `..`, as other linters do. Bytes of a name that are no UTF-8
    are escaped in `relative`. `in_root` is its POSIX path below the project's root, which its module name follows from.
    """

    relative: str
    path: Path
    kind: FileKind
    in_root: str = ""
