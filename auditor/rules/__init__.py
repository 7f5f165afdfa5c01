"""The rules under one name in every installation: `auditor.rules.<name>`.

A wheel bundles the rule modules beside this file. In a checkout and in an editable install they stand in the repository's
top-level `rules/` folder, and this package only points there. Knows where rules are; the registry of the engine loads them.
"""

from __future__ import annotations

import os

_here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (os alone: importing a rule must stay cheap)

if not any(name.endswith(".py") and name != "__init__.py" for name in os.listdir(_here)):  # noqa: PTH208
    __path__ = [os.path.join(os.path.dirname(os.path.dirname(_here)), "rules")]  # noqa: PTH118, PTH120
