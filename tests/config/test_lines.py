"""The line of a key, whatever form its table has."""

from __future__ import annotations

import pytest

from auditor.config.lines import line_of

FILE = """# cache-audit: nothing here
exclude = ["a"]

[tool.other]
select = ["x"]
deployment = { monitoring = true }

[tool.cache-audit]
select = ["CA101"]
traffic = { users = 3,
  "turns-per-conversation" = 5 }
deployment.warming = false

[tool."cache-audit".deployment]
'monitoring' = false

[[tool.cache-audit.runs]]
name = "nightly"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("exclude", 2),
        ("tool.other.select", 5),
        ("tool.other.deployment.monitoring", 6),
        ("tool.cache-audit", 8),
        ("tool.cache-audit.select", 9),
        ("tool.cache-audit.traffic.users", 10),
        ("tool.cache-audit.deployment.warming", 12),
        ("tool.cache-audit.deployment.monitoring", 15),
        ("tool.cache-audit.runs.name", 18),
        ("tool.cache-audit.missing", 8),
        ("missing", 1),
    ],
)
def test_line_of_a_key(path: str, line: int) -> None:
    assert line_of(FILE, path.split(".")) == line
