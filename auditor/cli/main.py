"""The entry point: the command group with `check` as its default command, and what ends a run.

Knows exit codes and how errors are shown. Every command imports what it needs when it runs: `--version` and `--help` stay
instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from auditor import __version__
from auditor.cli.check import check
from auditor.cli.commands import config, explain, inspect, rules
from auditor.cli.ending import EXIT_INTERNAL, EXIT_USAGE

_GROUP_OPTIONS = {"--help", "-h", "--version"}


class DefaultGroup(click.Group):
    """A group that takes anything but a command's name for arguments of `check`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in _GROUP_OPTIONS:
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(cls=DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cache-audit", message="%(prog)s %(version)s")
def cli() -> None:
    """Finds where prompt caching breaks in code that calls LLMs.

    `cache-audit PATH...` is short for `cache-audit check PATH...`; a path that is named like a command is written `./rules`.
    """


for command in (check, explain, rules, inspect, config):
    cli.add_command(command)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command line and exits: 0 nothing found, 1 findings, 2 bad usage or configuration, 3 internal error."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns the exit code."""
    try:
        # Not standalone, click returns the code that a command exits with.
        code = cli.main(args=None if args is None else list(args), prog_name="cache-audit", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except BrokenPipeError:
        # Whoever read our output has gone: nothing more can be said, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 — the last resort: a bug of the tool is told of in one line
        return _crashed(error)
    return code if isinstance(code, int) else 0


def _crashed(error: Exception) -> int:
    import traceback

    if os.environ.get("CACHE_AUDIT_TRACEBACK"):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    click.echo(
        f"cache-audit: internal error: {type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno});"
        " set CACHE_AUDIT_TRACEBACK=1 for the traceback",
        err=True,
    )
    return EXIT_INTERNAL


if __name__ == "__main__":
    main()
