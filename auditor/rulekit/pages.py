"""A rule's page in Markdown: the same text for `cache-audit explain` and for docs/rules. Knows rules; writes no files."""

from __future__ import annotations

import inspect

from auditor.rulekit.meta import Example
from auditor.rulekit.rule import Rule


def page(rule: Rule) -> str:
    """The whole page: facts, the docstring's sections, examples."""
    meta = rule.meta
    text = inspect.getdoc(rule) or ""
    facts = (
        "| category | severity | effort | fix | providers | since | status |\n|---|---|---|---|---|---|---|\n"
        f"| {meta.category.value} | {meta.severity.label} | {meta.effort.value} | {meta.fix.value} |"
        f" {', '.join(meta.providers) or 'all'} | {meta.since} | {meta.status.value} |"
    )
    parts = [f"# {meta.code} {meta.name}", facts, text]
    if rule.bad:
        parts += ["## Examples that it flags", *(_example(example) for example in rule.bad)]
    if rule.good:
        parts += ["## Examples that it leaves alone", *(_example(example) for example in rule.good)]
    return "\n\n".join(parts) + "\n"


def _example(example: Example) -> str:
    parts = [f"{example.title}:", f"```python\n{example.source.rstrip()}\n```"]
    for path, content in sorted(example.files.items()):
        language = "python" if path.endswith(".py") else "text"
        parts += [f"`{path}`:", f"```{language}\n{content.rstrip()}\n```"]
    if example.fixed is not None:
        parts += ["After the fix:", f"```python\n{example.fixed.rstrip()}\n```"]
    return "\n\n".join(parts)


def index(rules: tuple[Rule, ...]) -> str:
    """The table of all rules, with links to their pages."""
    rows = "\n".join(
        f"| [{rule.meta.code}]({rule.meta.name}.md) | {rule.meta.name} | {rule.meta.category.value} |"
        f" {rule.meta.severity.label} | {rule.meta.summary} |"
        for rule in rules
    )
    return (
        "# Rules\n\nThe severity is the usual one; a finding's own follows from what is lost in its case.\n\n"
        f"| code | name | category | severity | finds |\n|---|---|---|---|---|\n{rows}\n"
    )
