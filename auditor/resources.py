"""Where the files that ship with the tool stand, in a checkout, an editable install and a wheel. Does not read them."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def template_directory() -> Path:
    """The folder of the report templates: bundled in a wheel, the repository's `reports/templates` otherwise.

    Raises FileNotFoundError when neither exists: a broken installation.
    """
    for base in (_PACKAGE, _PACKAGE.parent):
        directory = base / "reports" / "templates"
        if directory.is_dir():
            return directory
    raise FileNotFoundError(f"no report templates beside {_PACKAGE}: the installation is incomplete")
