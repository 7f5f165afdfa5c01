"""The work behind `cache-audit check`: audit, reports, baseline. Imported only when a check runs."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import click

from auditor.cli.check import DEFAULT_BASELINE
from auditor.cli.ending import EXIT_CLEAN, exit_code
from auditor.cli.loading import COMMAND_LINE
from auditor.config.settings import Settings
from auditor.engine import baseline as baselines
from auditor.engine.audit import audit
from auditor.engine.local_rules import rules_of
from auditor.engine.result import AuditResult, Problem


def check_paths(paths: Sequence[Path], settings: Settings, options: Mapping[str, Any]) -> int:
    """Audits and reports. Returns the exit code; raises click.ClickException on a baseline or report file that cannot be used."""
    writing = bool(options["write_baseline"])
    started = time.monotonic()
    with _patience():
        result = audit(paths, settings, frozenset() if writing else _known(settings))
    if options["verbose"]:
        _tell(result, settings, time.monotonic() - started)
    if not result.files_scanned and not result.prompt_files:
        click.echo(
            "cache-audit: no files were found: what .gitignore and `exclude` name is left out, unless it is named", err=True
        )
    if writing:
        return _write_baseline(result, settings)
    document, rendered = _render(result, settings, options)
    _problems(result.problems, shown=options["format"] == "text" and not options["quiet"])
    if not options["quiet"]:
        _print(rendered)
    return exit_code(result, settings, document.get("grade"))


def _baseline_path(settings: Settings) -> Path | None:
    if settings.baseline is None:
        return None
    path = Path(settings.baseline)
    # A configuration file means paths beside itself, the command line those of the working directory.
    return path if settings.origin("baseline") == COMMAND_LINE else Path(settings.directory) / path


def _known(settings: Settings) -> frozenset[str]:
    path = _baseline_path(settings)
    if path is None:
        return frozenset()
    try:
        return baselines.load(path)
    except baselines.BaselineError as error:
        raise click.ClickException(str(error)) from error


def _write_baseline(result: AuditResult, settings: Settings) -> int:
    path = _baseline_path(settings) or Path(DEFAULT_BASELINE)
    _write(path, baselines.dump(result.findings))
    click.echo(f"cache-audit: wrote {len(result.findings)} findings to {path}", err=True)
    return EXIT_CLEAN


def _render(result: AuditResult, settings: Settings, options: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The document, and the text for stdout; reports to files are written on the way."""
    from auditor.cli.costs import costs
    from auditor.reporting.document import to_document
    from auditor.reporting.formats import render
    from auditor.reporting.options import Options
    from auditor.reporting.rules_info import RuleInfo

    infos = {
        rule.meta.code: RuleInfo(rule.meta.name, rule.meta.category.value, rule.meta.summary) for rule in rules_of(settings).rules
    }
    document = to_document(result, costs=costs)
    plain = Options(
        read_line=_reader(result.root), rules=infos, statistics=bool(options["statistics"]), verbose=bool(options["verbose"])
    )
    for name, path in options["outputs"]:
        _write(path, render(name, document, plain))
    if options["quiet"]:
        return document, ""
    shown = replace(plain, color=_colored(options["color"]))
    return document, render(options["format"], document, shown)


def _write(path: Path, text: str) -> None:
    from auditor.reporting.write import write_atomically

    try:
        write_atomically(path, text)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror or error}") from error


def _colored(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


def _reader(root: str) -> Any:
    """`read_line(path, line)` over the audited files; None for what cannot be read."""

    @cache
    def lines(path: str) -> Sequence[str]:
        try:
            return (Path(root) / path).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ()

    def read_line(path: str, line: int) -> str | None:
        found = lines(path)
        return found[line - 1] if 0 < line <= len(found) else None

    return read_line


def _print(text: str) -> None:
    try:
        click.echo(text, nl=not text.endswith("\n") and bool(text))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. The exit code still tells what was found; Python must not flush again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _problems(problems: Sequence[Problem], shown: bool) -> None:
    """On stderr: errors of the tool always, those of the input where the report does not show them."""
    for problem in problems:
        if problem.internal or not shown:
            where = (
                f"{problem.path}:{problem.line}: "
                if problem.path and problem.line
                else f"{problem.path}: "
                if problem.path
                else ""
            )
            click.echo(f"cache-audit: {where}{problem.message}", err=True)


def _tell(result: AuditResult, settings: Settings, seconds: float) -> None:
    lines = (
        f"{result.files_scanned} files scanned, {result.files_analyzed} analysed, {result.files_unreadable} unreadable"
        f" in {seconds:.1f} s",
        f"{len(result.findings)} findings, {len(result.hidden)} hidden, {len(result.suppressed)} suppressed,"
        f" {len(result.baselined)} known",
        *(f"unknown: {reason.value}: {count}" for reason, count in sorted(result.unknown.items())),
        *(f"limit reached: {name}: {count}" for name, count in sorted(result.limits.items())),
        *(f"{key}: from {origin}" for key, origin in sorted(settings.origins.items())),
    )
    for line in lines:
        click.echo(f"cache-audit: {line}", err=True)


@contextmanager
def _patience() -> Iterator[None]:
    """A word on a terminal's stderr when the run takes longer than a second, taken back at its end."""
    if not sys.stderr.isatty():
        yield
        return
    said = threading.Event()

    def speak() -> None:
        said.set()
        click.echo("cache-audit: reading and replaying ...", err=True, nl=False)

    timer = threading.Timer(1.0, speak)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if said.is_set():
            click.echo("\r\033[K", err=True, nl=False)
