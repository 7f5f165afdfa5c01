"""Build hook: puts the top-level rules and report templates inside `auditor` in a wheel.

The repository keeps `rules/` and `reports/templates/` at its top level, but only `auditor` may reach site-packages, where a
top-level `rules` would collide with another distribution. Editable installs get nothing: they read the repository itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]  # the interface's parameter is hatchling's own
    """Fails the build when there is nothing to bundle: a wheel without rules would pass every audit."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build; `version` is "standard" or "editable"."""
        if self.target_name != "wheel" or version != "standard":
            return
        root = Path(self.root)
        rules = {path: f"auditor/rules/{path.name}" for path in (root / "rules").glob("*.py")}
        if root / "rules" / "__init__.py" in rules:
            raise ValueError("rules/__init__.py must not exist: it would replace the one of auditor/rules in the wheel")
        templates = {
            path: f"auditor/{path.relative_to(root).as_posix()}"
            for path in (root / "reports" / "templates").rglob("*")
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(root).parts)
        }
        for name, files in (("rules/*.py", rules), ("reports/templates/*", templates)):
            if not files:
                raise FileNotFoundError(f"nothing to bundle: {name} is empty in {root}")
        build_data["force_include"].update({str(path): target for path, target in sorted((rules | templates).items())})
