"""Where files that are shipped beside the code stand. Knows the checkout's and the wheel's layout; reads no file."""

from __future__ import annotations

from pathlib import Path


def template_directory() -> Path:
    """The folder of the report templates: `auditor/reports/templates` in a wheel, `reports/templates` in a checkout.

    Raises `FileNotFoundError` where neither exists (a broken installation).
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "reports" / "templates", package.parent / "reports" / "templates"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"no report templates beside {package}: the installation is incomplete")
