"""What a file is for, by its path alone: the application, a test, an example, a notebook."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath


@lru_cache(maxsize=1 << 16)
def is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name == "conftest.py"
        or "tests" in parts[:-1]
        or "test" in parts[:-1]
    )


EXAMPLES = frozenset(
    {"examples", "example", "samples", "sample", "docs", "doc", "tutorials", "tutorial", "demos", "cookbook", "cookbooks"}
)


def context(path: str) -> str:
    """What a file is for: "app", "test", "example" or "notebook"."""
    if path.endswith(".ipynb"):
        return "notebook"
    if is_test(path):
        return "test"
    return "example" if EXAMPLES & {part.lower() for part in PurePosixPath(path).parts[:-1]} else "app"
