"""Bridge to the rule modules: one name for a rule everywhere.

In a wheel the modules lie beside this file; in a checkout or an editable install they lie in the repository's `rules/`. Knows
only where they are; does not import them.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_REPOSITORY = _HERE.parent.parent / "rules"

if not any(path.name != "__init__.py" for path in _HERE.glob("*.py")):
    __path__ = [str(_REPOSITORY)]
