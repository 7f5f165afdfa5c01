"""The production checklist: what answers it, and that what nothing answers stays unknown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from auditor.config.settings import Settings
from auditor.engine.audit import audit
from auditor.rulekit.readiness import Answer, Item

APP = """import anthropic

client = anthropic.Anthropic({options})
GUIDE = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question):
    reply = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=9,
        system=[{{"type": "text", "text": GUIDE, "cache_control": {{"type": "ephemeral"{ttl}}}}}],
        messages=[{{"role": "user", "content": question}}],
    )
    return reply.content[0].text
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


Said = Mapping[str, bool | str | float]


def items(
    project: Path, said: Said = MappingProxyType({}), *, options: str = "", ttl: str = "", settings: Settings | None = None
) -> dict[str, Item]:
    (project / "app.py").write_text(APP.format(options=options, ttl=ttl), encoding="utf-8")
    result = audit([Path()], (settings or Settings()).changed({"deployment": dict(said)}, "test"))
    assert not result.problems
    return {item.name: item for item in result.checklist}


def test_what_nothing_answers_is_unknown(project: Path) -> None:
    found = items(project)
    unanswered = {
        "lifetime",
        "warming",
        "tests",
        "alerts",
        "versioned-prompts",
        "rate-limits",
        "roll-out",
        "fallback",
        "improvements",
        "image-detail",
    }
    assert {name for name, item in found.items() if item.answer is Answer.UNKNOWN} == unanswered | {"keys"}
    assert all(item.evidence for item in found.values())


@pytest.mark.parametrize(
    ("deployment", "ttl", "lifetime", "warming"),
    [
        ({"requests-per-hour": 4}, "", Answer.NO, Answer.UNKNOWN),
        ({"requests-per-hour": 4, "warming": False}, "", Answer.NO, Answer.NO),
        ({"requests-per-hour": 4, "warming": True}, "", Answer.YES, Answer.YES),
        ({"requests-per-hour": 4}, ', "ttl": "1h"', Answer.YES, Answer.YES),
        ({"requests-per-hour": 4, "retention": "24h"}, "", Answer.YES, Answer.YES),
        ({"requests-per-hour": 0.5}, ', "ttl": "1h"', Answer.NO, Answer.UNKNOWN),
        ({"traffic": "steady"}, "", Answer.YES, Answer.YES),
        ({"traffic": "bursty", "requests-per-hour": 4}, "", Answer.UNKNOWN, Answer.UNKNOWN),
        ({"traffic": "sparse"}, "", Answer.UNKNOWN, Answer.UNKNOWN),
        ({"traffic": "sparse", "warming": False}, "", Answer.UNKNOWN, Answer.NO),
    ],
)
def test_lifetime_against_traffic(project: Path, deployment: Said, ttl: str, lifetime: Answer, warming: Answer) -> None:
    found = items(project, deployment, ttl=ttl)
    assert (found["lifetime"].answer, found["warming"].answer) == (lifetime, warming)


def test_findings_answer_for_the_prompt(project: Path) -> None:
    assert items(project)["above-minimum"].answer is Answer.YES
    (project / "other.py").write_text(APP.format(options="", ttl="").replace(" * 300", ""), encoding="utf-8")
    found = items(project)["above-minimum"]
    assert found.answer is Answer.NO
    assert found.place is not None
    assert found.place.path == "other.py"


def test_rules_that_did_not_run_answer_nothing(project: Path) -> None:
    found = items(project, settings=Settings(ignore=("CA201",)))
    assert found["above-minimum"].answer is Answer.UNKNOWN
    assert "CA201 did not run" in found["above-minimum"].evidence


def test_monitoring_by_code_and_by_configuration(project: Path) -> None:
    assert items(project)["monitoring"].answer is Answer.NO  # CA801 says so
    assert items(project, {"monitoring": True})["monitoring"].answer is Answer.YES
    (project / "watch.py").write_text("def watch(usage):\n    print(usage.cache_read_input_tokens)\n", encoding="utf-8")
    assert items(project)["monitoring"].answer is Answer.YES
    assert items(project, {"monitoring": False})["monitoring"].answer is Answer.NO


def test_retries_and_tests(project: Path) -> None:
    assert items(project)["retries"].answer is Answer.YES
    assert items(project, options="max_retries=0")["retries"].answer is Answer.NO
    (project / "jobs.py").write_text("import tenacity\n", encoding="utf-8")
    assert items(project, options="max_retries=0")["retries"].answer is Answer.YES
    (project / "test_app.py").write_text("def test_marker():\n    assert 'cache_control' in request()\n", encoding="utf-8")
    tests = items(project)["tests"]
    assert (tests.answer, tests.place and tests.place.line) == (Answer.YES, 2)


@pytest.mark.parametrize("value", ["NONE", "Options().attempts"])
def test_retries_are_switched_off_by_a_name(project: Path, value: str) -> None:
    (project / "options.py").write_text("NONE = 0\n\nclass Options:\n    attempts: int = 0\n", encoding="utf-8")
    source = f"from options import NONE, Options\n{APP}"
    (project / "main.py").write_text(source.format(options=f"max_retries={value}", ttl=""), encoding="utf-8")
    assert items(project)["retries"].answer is Answer.NO
    loop = (
        "import time\n\ndef patient(call):\n    while True:\n        try:\n            return call()\n        except OSError:\n"
    )
    (project / "again.py").write_text(f"{loop}            time.sleep(1)\n", encoding="utf-8")
    assert items(project)["retries"].answer is Answer.YES


_LOOK = """from openai import OpenAI

client = OpenAI()


def look(question, picture):
    for detail in {details}:
        client.chat.completions.create(model="gpt-4.1", messages=[{{"role": "user", "content": [
            {{"type": "image_url", "image_url": {{"url": picture, "detail": detail}}}},
            {{"type": "text", "text": question}},
        ]}}])
"""


@pytest.mark.parametrize(("details", "answer"), [(("low", "high"), Answer.NO), (("high", "high"), Answer.YES)])
def test_images_with_one_detail(project: Path, details: tuple[str, ...], answer: Answer) -> None:
    (project / "look.py").write_text(_LOOK.format(details=details), encoding="utf-8")
    assert items(project)["image-detail"].answer is answer


def test_sensitive_data_by_its_rule(project: Path) -> None:
    assert items(project)["sensitive-data"].answer is Answer.YES
    secret = APP.replace("300\n", "300 + __import__('os').environ['CRM_API_TOKEN']\n", 1)
    (project / "leak.py").write_text("import os\n" + secret.replace("__import__('os')", "os").format(options="", ttl=""))
    assert items(project)["sensitive-data"].answer is Answer.NO


def test_no_calls_no_checklist(project: Path) -> None:
    (project / "app.py").write_text("print('hello')\n", encoding="utf-8")
    assert audit([Path()], Settings()).checklist == ()
