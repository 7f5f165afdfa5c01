"""What rules promise to leave alone, and the fixtures and examples that show it. Reads files and docstrings; audits nothing.

A promise is one bullet under "When it stays quiet" of a rule. A fixture is a file `tests/fixtures/CA123/<name>.py`, or a
folder in its place whose files belong together (a configuration among them, if it has one). It says

- in its head what it shows: `# fires: <what>`, and `# quiet: <the beginning of a bullet>`, as many as it shows;
- on each line what is expected there: `# expect: CA123 critical, CA456`, the severity only where it matters.

`tests/fixtures/examples.toml` names the good examples of rules that show a bullet already.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from auditor.rulekit.rule import Rule

ROOT = Path(__file__).resolve().parent.parent / "fixtures"
EXAMPLES = ROOT / "examples.toml"
_HEADING = "## When it stays quiet\n"
_EXPECT = re.compile(r"# expect: (?P<findings>.+)$")
_FINDING = re.compile(r"(?P<code>CA\d{3})(?: (?P<severity>low|medium|high|critical))?")
_HEAD = re.compile(r"# (?P<kind>fires|quiet): (?P<what>.+)")


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """A finding that a line of a fixture states; no severity means any."""

    path: str
    line: int
    code: str
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Fixture:
    """The code of the rule that it is about, its files by relative path, and what it says of itself."""

    code: str
    name: str
    files: dict[str, str]
    fires: tuple[str, ...]
    quiet: tuple[str, ...]

    @property
    def expected(self) -> list[Expected]:
        found = [one for path, text in self.files.items() for one in _expected(path, text)]
        return sorted(found, key=lambda one: (one.path, one.line, one.code))


def _expected(path: str, text: str) -> Iterator[Expected]:
    for number, line in enumerate(text.splitlines(), start=1):
        stated = _EXPECT.search(line)
        for each in stated["findings"].split(", ") if stated else ():
            finding = _FINDING.fullmatch(each)
            assert finding is not None, f"{path}:{number}: {each!r} is no finding"
            yield Expected(path, number, finding["code"], finding["severity"])


@cache
def fixtures() -> tuple[Fixture, ...]:
    """Every fixture, in the order of their names."""
    found = [path for folder in sorted(ROOT.glob("CA*")) for path in sorted(folder.iterdir()) if path.name != "__pycache__"]
    return tuple(_fixture(path) for path in found)


def _fixture(path: Path) -> Fixture:
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        files = {file.relative_to(path).as_posix(): file.read_text(encoding="utf-8") for file in inside}
    else:
        files = {path.name: path.read_text(encoding="utf-8")}
    heads = [match for text in files.values() for line in _head(text) if (match := _HEAD.fullmatch(line))]
    return Fixture(
        path.parent.name,
        path.stem,
        files,
        tuple(head["what"] for head in heads if head["kind"] == "fires"),
        tuple(head["what"] for head in heads if head["kind"] == "quiet"),
    )


def _head(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("#"):
            return
        yield line


def promises(rule: Rule) -> list[str]:
    """The bullets under the heading, each as one line. Raises ValueError where the section holds anything else."""
    section = (inspect.getdoc(rule) or "").partition(_HEADING)[2].partition("\n\n## ")[0]
    found: list[str] = []
    for line in section.splitlines():
        if line.startswith("- "):
            found.append(line[2:])
        elif line.startswith("  ") and found:
            found[-1] += f" {line.strip()}"
        else:
            raise ValueError(f"{rule.meta.code}: {line!r} belongs to no bullet")
    return found


def shown_by_examples() -> dict[str, dict[str, str]]:
    """By code: the beginning of a bullet, and the title of the good example that shows it."""
    return tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))


def quotes(code: str) -> list[str]:
    """What fixtures and examples quote of a rule's promises."""
    return [
        *(quote for fixture in fixtures() if fixture.code == code for quote in fixture.quiet),
        *shown_by_examples().get(code, {}),
    ]
