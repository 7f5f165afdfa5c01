"""Settings for a command: the configuration file's, with the command line's on top. Turns errors into usage errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from auditor.config.settings import Settings
    from auditor.engine.registry import Registry

COMMAND_LINE = "command line"


def split(values: Sequence[str]) -> tuple[str, ...]:
    """`--select CA1,CA2 --select CA3` as single references."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def settings_for(start: Path, config: Path | None, given: Mapping[str, Any]) -> Settings:
    """The effective settings. `given` holds the command line's values by key; None and empty ones were not given."""
    from auditor.config.reader import ConfigError, load

    try:
        settings = load(start, config)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    return settings.changed({key: value for key, value in given.items() if value is not None and value != ()}, COMMAND_LINE)


def rules_for(settings: Settings) -> Registry:
    """The built-in rules and the settings' own; a usage error where a rule file is not in order."""
    from auditor.engine.local_rules import rules_of
    from auditor.engine.registry import RegistryError

    try:
        return rules_of(settings)
    except RegistryError as error:
        raise click.ClickException(str(error)) from error


def check_references(settings: Settings) -> None:
    """A usage error where the settings name a rule that does not exist, or rule files that are not in order."""
    from auditor.engine.audit import active
    from auditor.engine.selection import UnknownReferenceError

    try:
        active(rules_for(settings), settings)
    except UnknownReferenceError as error:
        origins = {settings.origin(key) for key in ("select", "ignore", "extend-select")} - {"default"}
        raise click.ClickException(f"{error} ({', '.join(sorted(origins))})" if origins else str(error)) from error
