"""Cost arithmetic in many spellings: which faults are seen, and which sums are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.config.settings import Settings
from auditor.engine.audit import audit
from auditor.findings import Finding

HEAD = """import anthropic

client = anthropic.Anthropic()
GUIDE = "Answer politely and cite the section of the handbook that you rely on. " * 300
P = 3e-6


def answer(question):
    reply = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=9,
        system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    u = reply.usage
    new, out = u.input_tokens, u.output_tokens
    read, made = u.cache_read_input_tokens or 0, u.cache_creation_input_tokens or 0
"""
OPENAI = """from openai import OpenAI

client = OpenAI()
GUIDE = "Answer politely and cite the section of the handbook that you rely on. " * 300
P = 3e-6


def answer(question):
    reply = client.responses.create(model="gpt-5", instructions=GUIDE, input=question, prompt_cache_key="guide")
    u = reply.usage
    new, out, read = u.input_tokens, u.output_tokens, u.input_tokens_details.cached_tokens
"""


def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, body: str, code: str = "CA802") -> list[Finding]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "app.py").write_text(f"{head}{lines}    return reply, total\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return [finding for finding in audit([Path()], Settings()).findings if finding.code == code]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("total = new * P + out * 5 * P", "leaves out"),
        ("total = new * P + out * 5 * P + read * P * 0.1", "leaves out `cache_creation_input_tokens`"),
        ("total = sum([new * P, out * 5 * P])", "leaves out"),
        ("total = (new - read) * P + read * P * 0.1 + made * P * 1.25 + out * 5 * P", "does not contain"),
        ("total = new * P + read * P * 0.25 + made * P * 1.25 + out * 5 * P", "0.25 times"),
        ("total = new * P + read * P * 0.1 + made * P * 1.5 + out * 5 * P", "1.5 times"),
        ("total = (new + read + made) * P + out * 5 * P", "1 times"),
        ("rates = {'i': 3, 'o': 15}\ntotal = 0\ntotal += new / 1e6 * rates['i']\ntotal += out / 1e6 * rates['o']", "leaves out"),
    ],
)
def test_faults_at_anthropic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str) -> None:
    messages = [finding.message for finding in found(tmp_path, monkeypatch, HEAD, body)]
    assert len(messages) == 1
    assert said in messages[0]


@pytest.mark.parametrize(
    "body",
    [
        "total = new * P + read * P * 0.1 + made * P * 1.25 + out * 5 * P",
        "total = new * P + read * P / 10 + made * (P + P / 4) + out * 5 * P",
        "total = new * P + read * P * 0.1 + made * P * 2 + out * 5 * P",  # written for an hour
        "r = price_list()\ntotal = new * r['in'] + read * r['cached'] + made * r['written'] + out * r['out']",
        "total = new + out",
        "total = (new + out) / 200_000 * 100",
        "total = new * P + out * 5 * P + rest_of_the_cost(u)",
        "total = 0\nfor n, per in ((new, P), (out, 5 * P), (read, P / 10), (made, P * 1.25)):\n    total += n * per",
    ],
)
def test_right_at_anthropic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    assert [finding.message for finding in found(tmp_path, monkeypatch, HEAD, body)] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("total = new * P + out * 8 * P", "overstates"),
        ("total = new * P + read * P * 0.1 + out * 8 * P", "once more"),
        ("total = (new - read) * P + read * P * 0.9 + out * 8 * P", "0.9 times"),
    ],
)
def test_faults_at_openai(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str) -> None:
    messages = [finding.message for finding in found(tmp_path, monkeypatch, OPENAI, body)]
    assert len(messages) == 1
    assert said in messages[0]


@pytest.mark.parametrize(
    "body",
    [
        "total = (new - read) * P + read * P * 0.1 + out * 8 * P",
        "fresh = max(new - read, 0)\ntotal = fresh * P + read * P * 0.1 + out * 8 * P",
        "total = new * P - read * P * 0.9 + out * 8 * P",
        "full, less = price_list()\ntotal = new * full + read * (less - full) + out * 8 * P",
    ],
)
def test_right_at_openai(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    assert [finding.message for finding in found(tmp_path, monkeypatch, OPENAI, body)] == []


LEDGER = """day = today()
ledger = read_ledger().setdefault(day, {"usd": 0.0})
total = new * P + out * 5 * P
"""


@pytest.mark.parametrize(
    "kept",
    [
        "ledger['usd'] += total",
        "ledger['usd'] = round(ledger['usd'] + total, 6)",
        "ledger['usd'] = total + float(ledger.get('usd', 0) or 0)",
        "ledger.usd = getattr(ledger, 'usd', 0) + total",
    ],
)
def test_what_was_paid_before_is_nothing_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    assert len(found(tmp_path, monkeypatch, HEAD, LEDGER + kept)) == 1


@pytest.mark.parametrize("kept", ["ledger['usd'] = rest() + total", "ledger['usd'] = ledger['cache'] + total"])
def test_something_else_that_is_added_may_be_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    assert not found(tmp_path, monkeypatch, HEAD, LEDGER + kept)
