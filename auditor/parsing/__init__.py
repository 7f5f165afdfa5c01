"""Python source to a syntax tree, also where the source is of a newer Python than the one that runs.

Knows the syntax of Python 3.12 to 3.15 that older parsers refuse. Does not know files or what a tree means.
"""

from __future__ import annotations

import ast


def parse(text: str, filename: str = "<unknown>") -> ast.Module:
    """The tree of a module. Raises SyntaxError, ValueError (null bytes), RecursionError and MemoryError as `ast.parse` does."""
    try:
        return ast.parse(text, filename=filename)
    except SyntaxError as error:
        from auditor.parsing import newer

        tree = newer.parse(text, filename)
        if tree is None:
            raise
        if isinstance(tree, SyntaxError):  # newer syntax was there, and then a mistake
            raise tree from error
        return tree
