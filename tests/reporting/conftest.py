"""`pytest tests/reporting --update-golden` rewrites the golden reports; the change is then reviewed like code."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden reports of tests/reporting")
