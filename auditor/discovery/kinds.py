"""What kind of file a name stands for, and which folders nobody means to audit. Knows names; reads at most a first line."""

from __future__ import annotations

from pathlib import Path, PurePath

from auditor.discovery.model import FileKind

# Folders of tools, environments and installed packages. `build` and `dist` hold build results unless they are packages.
EXCLUDED_FOLDERS = frozenset(
    {
        *("__pycache__", "__pypackages__", "_build", "buck-out", "node_modules", "site-packages", "venv"),
        *(".bzr", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".nox"),
        *(".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode"),
    }
)
BUILD_FOLDERS = frozenset({"build", "dist"})

_PROMPT_SUFFIXES = frozenset({".prompt", ".prompty"})
_PROMPT_FOLDERS = frozenset({"prompt", "prompts", "system_prompts", "system-prompts"})
_TEXT_SUFFIXES = frozenset({".j2", ".jinja", ".jinja2", ".liquid", ".md", ".mustache", ".tmpl", ".txt", ".xml"})
_DATA_SUFFIXES = frozenset({".json", ".jsonl", ".yaml", ".yml"})
_REQUEST_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})


def source_kind(name: str) -> FileKind | None:
    """PYTHON or NOTEBOOK by the ending of the name. Stubs (`.pyi`) describe code that stands elsewhere and are neither."""
    if name.endswith((".py", ".pyw")):
        return FileKind.PYTHON
    return FileKind.NOTEBOOK if name.endswith(".ipynb") else None


def is_prompt(path: PurePath) -> bool:
    """Whether a path below the root reads like a prompt: by its ending, its own name, or the name of a folder above it."""
    suffix = path.suffix.lower()
    if suffix in _PROMPT_SUFFIXES:
        return True
    if suffix not in _TEXT_SUFFIXES | _DATA_SUFFIXES:
        return False
    return "prompt" in path.name.lower() or any(part.lower() in _PROMPT_FOLDERS for part in path.parts[:-1])


def explicit_kind(path: Path) -> FileKind | None:
    """The kind of a file that was named on the command line; None for a stub."""
    name = path.name.lower()
    if name.endswith(".pyi"):
        return None
    kind = source_kind(name)
    if kind is not None:
        return kind
    if path.suffix.lower() in _REQUEST_SUFFIXES:
        return FileKind.REQUEST
    return FileKind.PYTHON if not path.suffix and _runs_python(path) else FileKind.PROMPT


def _runs_python(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            first = file.readline(200)
    except OSError:
        return False  # whoever reads it will say so
    return first.startswith(b"#!") and b"python" in first
