"""Prompt and request files that stand alone: what is read of them, what rules say, and what they stay silent about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.config.settings import Settings
from auditor.discovery.files import discover
from auditor.engine import audit
from auditor.findings import Confidence, Finding
from auditor.llm.documents.placeholders import Syntax, syntax_of
from auditor.llm.request import SiteReplays
from auditor.llm.resolve import Resolution, resolve

RULES = " ".join(f"Rule {number}: treat case {number} with care and say why." for number in range(500))


def read(folder: Path, files: dict[str, str]) -> Resolution:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return resolve(discover([folder], base=folder))


def said(folder: Path, files: dict[str, str]) -> list[Finding]:
    read(folder, files)
    found = audit.audit([folder], Settings(min_confidence="low"))
    return [*found.findings, *found.hidden]


def shape(site: SiteReplays) -> list[tuple[str, str, str]]:
    blocks = site.replays[0].first.blocks
    return [(block.section.value, block.role, block.text.render()) for block in blocks]


FORMATS = {
    "prompts/plain.txt": ("Help {name}.\nUse {{braces}}.", "format", [("system", "system", "Help {name}.\nUse {braces}.")]),
    "prompts/user_message.txt": ("Tell {name}.", "format", [("messages", "user", "Tell {name}.")]),
    "prompts/dollar.md": ("Help $name, ${other}, $5.", "dollar", [("system", "system", "Help {name}, {other}, $5.")]),
    "prompts/chat.j2": ("A{% if x %}B{% endif %}{{ y }}", "jinja2", [("system", "system", "AB{y}")]),
    "prompts/m.mustache": ("Hi {{name}} {{#a}}x{{/a}}", "mustache", [("system", "system", "Hi {name} {{#a}}x{{/a}}")]),
    "a.prompty": (
        "---\nmodel:\n  configuration:\n    azure_deployment: gpt-4o\n---\nsystem:\nBe {{ tone }}.\n\nuser:\n{{question}}\n",
        "prompty",
        [("system", "system", "Be {tone}.\n"), ("messages", "user", "{question}")],
    ),
    "b.prompt": (
        '---\nmodel: googleai/gemini-2.0-flash\n---\n{{role "system"}}\nBe kind.\n{{role "user"}}\n{{query}}\n',
        "dotprompt",
        [("system", "system", "Be kind.\n"), ("messages", "user", "{query}\n")],
    ),
    "prompts/lc.yaml": (
        "_type: prompt\ninput_variables: [city]\ntemplate: 'Tell me about {city} now.'\n",
        "langchain",
        [("system", "system", "Tell me about {city} now.")],
    ),
    "prompts/chat.json": (
        json.dumps([{"role": "system", "content": "Be {tone}."}, {"role": "user", "content": "{question}"}]),
        "chat",
        [("system", "system", "Be {tone}."), ("messages", "user", "{question}")],
    ),
    "prompts/agents.yaml": (
        "writer:\n  user: 'Write about {topic} in few words.'\n  system_prompt: |\n    You write letters for {company}.\n",
        "mapping",
        [
            ("system", "system", "You write letters for {company}.\n"),
            ("messages", "user", "Write about {topic} in few words."),
        ],
    ),
    "promptfooconfig.yaml": (
        "providers: [openai:gpt-4.1]\nprompts:\n  - 'Summarise this text: {{ text }}'\n  - file://other.txt\n",
        "promptfoo",
        [("messages", "user", "Summarise this text: {text}")],
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str, tmp_path: Path) -> None:
    content, kind, expected = FORMATS[name]
    (site,) = read(tmp_path, {name: content}).documents
    assert site.site.api == "prompt-file"
    assert site.site.function == f"{kind} prompt"
    assert shape(site) == expected


SILENT = {
    "prompts/README.md": f"# How to\nSet {{query}} and {{user_id}}.\n{RULES}",
    "prompts/guide.md": f"# Guide\n```python\nprompt.format(query={{query}})\n```\n{RULES}",
    "prompts/package.json": json.dumps({"name": "x", "scripts": {"prompt": "echo four words are here"}}),
    "prompts/values.yaml": "replicas: 2\nname: service\n",
    "prompts/plain.md": RULES,
    "docs/notes.md": f"{{query}} {RULES}",
}


@pytest.mark.parametrize("name", SILENT)
def test_documentation_and_other_data_are_silent(name: str, tmp_path: Path) -> None:
    assert said(tmp_path, {name: SILENT[name]}) == []


SAID = {
    "prompts/late.md": (f"You help.\nNow: {{timestamp}}\n{RULES}", "CA101", 2),
    "prompts/helper.j2": (f"You help {{{{ user_id }}}}.\n{RULES}", "CA102", 1),
    "prompts/date.yaml": (f"system: |\n  Today is {{current_date}}.\n  {RULES}\n", "CA105", 2),
    "ask.prompty": (f"---\nname: x\n---\nuser:\n{{{{question}}}}\n\n{RULES}\n", "CA107", 5),
}


@pytest.mark.parametrize("name", SAID)
def test_placeholders_are_judged_by_name_and_place(name: str, tmp_path: Path) -> None:
    content, code, line = SAID[name]
    (finding,) = said(tmp_path, {name: content})
    assert (finding.code, finding.place.line, finding.confidence) == (code, line, Confidence.LOW)
    assert finding.place.path.endswith(name)
    assert finding.call_sites == ()


def test_data_at_the_end_is_right(tmp_path: Path) -> None:
    assert said(tmp_path, {"prompts/good.txt": f"{RULES}\n\nQuestion: {{question}}\n"}) == []


def test_a_file_that_code_sends_is_read_there_only(tmp_path: Path) -> None:
    program = """
import anthropic
from pathlib import Path

def ask(client: anthropic.Anthropic, query):
    text = Path("prompts/system.md").read_text().format(query=query)
    return client.messages.create(model="claude-opus-5-5", max_tokens=9, system=text, messages=[])
"""
    files = {"app.py": program, "prompts/system.md": f"Use {{query}}.\n{RULES}", "prompts/other.md": "Say {word}."}
    found = read(tmp_path, files)
    assert [site.site.place.path.rsplit("/", 1)[-1] for site in found.documents] == ["other.md"]
    assert [site.site.api for site in found.sites] == ["anthropic.messages.create"]


BODY = {"model": "claude-sonnet-5-5", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
OPENAI = {"model": "gpt-4.1", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]}
PAYLOADS = {
    "anthropic": (json.dumps(BODY, indent=2), "anthropic.messages.create", "anthropic", "api", 1),
    "bedrock": (
        json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 5, "messages": BODY["messages"]}),
        "anthropic.messages.create",
        "anthropic",
        "bedrock",
        1,
    ),
    "chat": (json.dumps(OPENAI), "openai.chat.completions.create", "openai", "api", 1),
    "responses": (
        json.dumps({"model": "gpt-5", "instructions": "Be brief.", "input": "hi"}),
        "openai.responses.create",
        "openai",
        "api",
        1,
    ),
    "lines": ("\n".join(json.dumps(BODY) for _ in range(3)), "anthropic.messages.create", "anthropic", "api", 3),
    "batch": (
        json.dumps({"requests": [{"custom_id": str(number), "params": BODY} for number in range(2)]}),
        "anthropic.messages.create",
        "anthropic",
        "api",
        2,
    ),
    "batch lines": (
        "\n".join(json.dumps({"custom_id": str(n), "method": "POST", "url": "/v1/x", "body": OPENAI}) for n in range(2)),
        "openai.chat.completions.create",
        "openai",
        "api",
        2,
    ),
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_payloads_are_requests(name: str, tmp_path: Path) -> None:
    text, api, provider, surface, count = PAYLOADS[name]
    path = tmp_path / "request.json"
    path.write_text(text, "utf-8")
    found = resolve(discover([path], base=tmp_path))
    (site,) = found.sites
    first = site.replays[0].first
    assert (site.site.api, first.provider, first.surface, len(site.replays[0].requests)) == (api, provider, surface, count)
    assert first.blocks[-1].text.render() == "hi"
    assert found.documents == ()


def test_every_rule_sees_payloads(tmp_path: Path) -> None:
    marked = {**BODY, "system": [{"type": "text", "text": "Short.", "cache_control": {"type": "ephemeral"}}]}
    path = tmp_path / "request.json"
    path.write_text(json.dumps(marked, indent=1), "utf-8")
    (finding,) = audit.audit([path], Settings()).findings
    assert finding.code == "CA201"


HOSTILE = {
    "prompts/a.j2": "{% include 'a.j2' %}{% include 'a.j2' %}",
    "prompts/b.j2": "{% if %}",
    "prompts/c.yaml": "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: &d [*c, *c, *c]\nsystem: [*d, *d, *d]\n",
    "prompts/d.yaml": "a: [\n",
    "prompts/e.json": "[" * 5_000 + "]" * 5_000,
    "prompts/f.prompty": "---\n: [\n---\nsystem:\n",
    "prompts/g.txt": "{a" * 50_000,
    "prompts/h.md": "{name} " * 60_000,
    "prompts/i.jsonl": '{"model": "claude", "messages": [{"role": 5}]}\n{"model": 1}\nnot json',
    "prompts/j.json": json.dumps({"model": "claude-x", "messages": [{"role": "user", "content": [[["x"]]]}], "tools": {"a": 1}}),
    "prompts/k.txt": "\ue0001\ue001{x}\0",
    "prompts/l.yaml": "? {a: b}\n: system\nsystem: !!python/object:os.system x\n",
    "prompts/m.prompt": '{{role ""}}{{{{',
    "prompts/n.mustache": "{{{{{{#a}}" * 3_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end(name: str, tmp_path: Path) -> None:
    found = read(tmp_path, {name: HOSTILE[name], "prompts/fine.txt": "Say {word}."})
    assert any(site.site.place.path.endswith("fine.txt") for site in found.documents)
    assert audit.audit([tmp_path], Settings()).problems == tuple(found.problems)


def test_too_large_and_undecodable_files_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/large.txt").write_text("x" * 4_000_001)
    (tmp_path / "prompts/binary.md").write_bytes(b"\xff\xfe\x00{name}")
    problems = {problem.path.rsplit("/", 1)[-1]: problem.message for problem in read(tmp_path, {}).problems}
    assert problems.keys() == {"large.txt", "binary.md"}
    assert "limit of 4,000,000" in problems["large.txt"]
    assert "not UTF-8" in problems["binary.md"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", Syntax.NONE),
        ("a {name} b", Syntax.FORMAT),
        ('{"json": 1}', Syntax.NONE),
        ("{{ name }}", Syntax.JINJA),
        ("{% if a %}x{% endif %}", Syntax.JINJA),
        ("{{#each xs}}{{this}}{{/each}}", Syntax.MUSTACHE),
        ("costs $5", Syntax.NONE),
        ("for ${name}", Syntax.DOLLAR),
        ("```\n{name}\n```", Syntax.NONE),
    ],
)
def test_the_way_of_writing_is_told_from_the_text(text: str, expected: Syntax) -> None:
    assert syntax_of(text, "prompt.txt") is expected
