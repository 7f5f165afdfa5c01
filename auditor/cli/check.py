"""`cache-audit check`: audits paths, writes the reports, ends with the right code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.loading import check_references, settings_for, split
from auditor.config.settings import CONFIDENCES, GRADES, SEVERITIES

if TYPE_CHECKING:
    from auditor.config.settings import Settings

FORMATS = ("text", "concise", "json", "html", "sarif", "markdown", "github", "gitlab", "junit")
DEFAULT_BASELINE = "cache-audit-baseline.json"


def _outputs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """`FORMAT=FILE` as pairs."""
    pairs = []
    for value in values:
        name, separator, file = value.partition("=")
        if not separator or not file:
            raise click.BadParameter(f"{value!r} is not of the form FORMAT=FILE, as in html=report.html", ctx, param)
        if name not in FORMATS:
            raise click.BadParameter(f"unknown format {name!r}; known formats: {', '.join(FORMATS)}", ctx, param)
        pairs.append((name, Path(file)))
    return tuple(pairs)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "format", type=click.Choice(FORMATS), default="text", show_default=True, help="Format of the report on stdout."
)
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=_outputs,
    help="Write a report to a file as well; repeatable.",
)
@click.option("--select", multiple=True, metavar="RULES", help="Run these rules only: codes, prefixes, names, categories.")
@click.option("--extend-select", multiple=True, metavar="RULES", help="Run these rules besides the selected ones.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave out these rules.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out these paths (gitignore patterns); repeatable.")
@click.option("--min-severity", type=click.Choice(SEVERITIES), help="Show findings of this severity and above. [default: low]")
@click.option("--min-confidence", type=click.Choice(CONFIDENCES), help="Show findings this sure and surer. [default: medium]")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), help="Exit with 1 from this severity on. [default: high]")
@click.option("--min-grade", type=click.Choice(GRADES), help="Exit with 1 if the project's grade is worse.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Leave out the findings of this file.")
@click.option("--write-baseline", is_flag=True, help=f"Write the findings to the baseline file (default {DEFAULT_BASELINE}).")
@click.option(
    "--config", "config_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Use this configuration file."
)
@click.option("--statistics", is_flag=True, help="Add counts by rule.")
@click.option("--strict/--no-strict", default=None, help="Exit with 3 if a file cannot be read.")
@click.option("--no-cache", is_flag=True, help="Do not use results of earlier runs (none are kept yet).")
@click.option("--jobs", type=click.IntRange(min=1), help="Use at most so many processes (one is used yet).")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour on stdout."
)
@click.option("-q", "--quiet", is_flag=True, help="Print no report; the exit code tells.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Show the production checklist and prefixes that could be shared; tell on stderr what was read, hidden and limited.",
)
def check(paths: tuple[Path, ...], **options: Any) -> int:
    """Audit files and directories (the current directory if none is given).

    Exit codes: 0 nothing at or above the threshold, 1 findings, 2 bad usage or configuration, 3 internal error.
    """
    from auditor.cli.checking import check_paths

    given = paths or (Path(),)
    existing = [path for path in given if path.exists()]
    for path in given:
        if not path.exists():
            click.echo(f"cache-audit: {path}: no such file or directory", err=True)
    if not existing:
        return 2
    settings = _settings(existing[0], options)
    check_references(settings)
    code = check_paths(existing, settings, options)
    return code if len(existing) == len(given) else max(code, 2)


def _settings(start: Path, options: dict[str, Any]) -> Settings:
    baseline = options["baseline"]
    if options["write_baseline"] and baseline is None:
        baseline = Path(DEFAULT_BASELINE)
    settings = settings_for(
        start,
        options["config_file"],
        {
            "select": split(options["select"]),
            "extend-select": split(options["extend_select"]),
            "ignore": split(options["ignore"]),
            "min-severity": options["min_severity"],
            "min-confidence": options["min_confidence"],
            "fail-on": options["fail_on"],
            "min-grade": options["min_grade"],
            "strict": options["strict"],
            "baseline": None if baseline is None else str(baseline),
        },
    )
    if options["exclude"]:
        settings = settings.changed({"exclude": (*settings.exclude, *options["exclude"])}, "command line")
    return settings
