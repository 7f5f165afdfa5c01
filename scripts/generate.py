"""Writes the pages that are made from the code: rule pages and their index, the command line's help, the configuration schema.

`python scripts/generate.py` writes them, `--check` writes nothing, names what is out of date and exits with 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from auditor.cli.main import cli
from auditor.config.schema import schema
from auditor.engine import registry
from auditor.rulekit.pages import index, page

ROOT = Path(__file__).resolve().parent.parent
RULES = Path("docs/rules")
_NOTE = "<!-- Made by scripts/generate.py: edit the code instead. -->\n\n"


def generated() -> dict[Path, str]:
    """Every generated file, relative to the repository, with its text."""
    rules = registry.load().rules
    files = {RULES / f"{rule.meta.name}.md": _NOTE + page(rule) for rule in rules}
    files[RULES / "README.md"] = _NOTE + index(rules)
    files[Path("docs/cli.md")] = _NOTE + "# Command line\n\n" + "\n".join(_help(cli, "cache-audit"))
    files[Path("docs/config.schema.json")] = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    return files


def _help(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    last = name.rpartition(" ")[2]
    context = click.Context(
        command, info_name=last, parent=parent, terminal_width=100, max_content_width=100, **command.context_settings
    )
    yield f"## `{name}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for key in sorted(command.commands):
            yield from _help(command.commands[key], f"{name} {key}", context)


def stale(files: dict[Path, str], root: Path) -> list[Path]:
    """The files that differ from what is generated, and pages in docs/rules that nothing generates."""
    wrong = [path for path, text in files.items() if not (root / path).is_file() or (root / path).read_text("utf-8") != text]
    left_over = [path.relative_to(root) for path in (root / RULES).glob("*.md") if path.relative_to(root) not in files]
    return sorted([*wrong, *left_over])


def main(arguments: list[str], root: Path = ROOT) -> int:
    files = generated()
    out_of_date = stale(files, root)
    if "--check" in arguments:
        for path in out_of_date:
            print(f"{path.as_posix()} is out of date: run python scripts/generate.py", file=sys.stderr)
        return 1 if out_of_date else 0
    for path in out_of_date:
        target = root / path
        if path not in files:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
