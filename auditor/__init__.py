"""Static prompt-caching linter and audit tool.

Knows its own version and nothing else: importing `auditor` must stay free, so that the command line starts at once.
"""

from __future__ import annotations

__version__ = "0.1.0"
