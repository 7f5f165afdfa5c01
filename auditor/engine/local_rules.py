"""Rules of one's own: files that the configuration names under `rules-paths`, loaded beside the built-in ones.

The files are Python and are run. So they are taken only from a configuration that whoever runs the tool stands in (the working
directory's, or one above it) or has named; never from whatever tree happens to be audited. Their modules belong to a reserved
package, so that no name of theirs collides with anything and `sys.path` stays as it is; what begins with an underscore is no rule
but may be imported by its neighbours (`from ._shared import ...`).
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from auditor.config.settings import Settings
from auditor.engine import registry
from auditor.engine.registry import LOCAL, Registry, RegistryError

KEY = "rules-paths"


def rules_of(settings: Settings) -> Registry:
    """The built-in rules and those that the settings name.

    Raises RegistryError, with file and line where a file is to blame.
    """
    if not settings.rules_paths:
        return registry.load()
    origin = settings.origin(KEY)
    if not settings.named and not _inside(Path(settings.directory)):
        raise RegistryError(
            f"{origin}: {KEY!r} names code that would be run, and this configuration is not the working directory's own: run the"
            " tool from its directory, or name it with --config"
        )
    return _load(tuple(Path(settings.directory, path).resolve() for path in settings.rules_paths), origin)


def _inside(directory: Path) -> bool:
    """Whether the working directory is this one or below it."""
    here = Path.cwd().resolve()
    return directory.resolve() in (here, *here.parents)


@cache
def _load(paths: tuple[Path, ...], origin: str) -> Registry:
    files = [file for path in paths for file in _files(path, origin)]
    for name in [name for name in sys.modules if name.partition(".")[0] == LOCAL]:
        del sys.modules[name]
    package = ModuleType(LOCAL, "Rules of one's own.")
    package.__path__ = [str(folder) for folder in dict.fromkeys(file.parent for file in files)]
    sys.modules[LOCAL] = package
    return registry.build([*registry.modules(), *(_module(file) for file in files)])


def _files(path: Path, origin: str) -> Sequence[Path]:
    """The rule files that a path stands for: itself, or those of a folder by name."""
    if path.is_dir():
        found = sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
        if not found:
            raise RegistryError(f"{origin}: {KEY}: {path} has no rule files (*.py)")
        return found
    if not path.is_file():
        raise RegistryError(f"{origin}: {KEY}: {path}: no such file or directory")
    return [path]


def _module(file: Path) -> ModuleType:
    name = f"{LOCAL}.{file.stem}"
    if name in sys.modules:
        raise RegistryError(f"{file}:1: another rule file of {KEY!r} has this name: {sys.modules[name].__file__}")
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RegistryError(f"{file}:1: is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise RegistryError(f"{error.filename or file}:{error.lineno or 1}: not valid Python: {error.msg}") from error
    except Exception as error:
        raise RegistryError(f"{_raised_in(file, error)}: {type(error).__name__}: {error}") from error
    return module


def _raised_in(file: Path, error: Exception) -> str:
    """The last line of the rule file that an error came through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return f"{file}:{(lines or [1])[-1] or 1}"
