"""Where usage is seen to flow: small projects, and what is known of them afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.accounting.facts import Accounting
from auditor.config.settings import Settings
from auditor.engine.audit import inputs

CALL = """import anthropic

client = anthropic.Anthropic()


def send(question):
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": question}])
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "llm.py").write_text(CALL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def accounting(project: Path, **files: str) -> Accounting:
    for name, text in files.items():
        (project / f"{name}.py").write_text(text, encoding="utf-8")
    return inputs([Path()], Settings()).accounting()


@pytest.mark.parametrize(
    "reader",
    [
        "print(send('x').usage.cache_read_input_tokens)",
        "print(getattr(send('x').usage, 'cache_read_input_tokens', 0))",
        "print(send('x').usage.model_dump()['cache_creation_input_tokens'])",
        "import logging\nlogging.info('%s', send('x').usage)",
        "print(f'used {send(1).usage}')",
        "import json\nprint(json.dumps(dict(send('x').usage)))",
        "for name in FIELDS:\n    print(getattr(send('x').usage, name))",
        "import tracker\ntracker.observe(send('x'))",
        "import langfuse\nsend('x')",
        "import litellm\nlitellm.success_callback = ['langfuse']\nsend('x')",
        "def handler(event):\n    return send(event)",
    ],
)
def test_these_look_at_the_cache(project: Path, reader: str) -> None:
    assert accounting(project, app=f"from llm import send\n{reader}\n").watches("anthropic")


@pytest.mark.parametrize(
    "reader",
    [
        "print(send('x').content[0].text)",
        "message = send('x')\nprint(message.usage.input_tokens, message.usage.output_tokens)",
        "def answer(q):\n    reply = send(q)\n    return {'text': reply.content[0].text, 'tokens': reply.usage.output_tokens}\n",
        "messages = []\nreply = send('x')\nmessages.append({'role': 'assistant', 'content': reply.content})",
        "import logging\nlogger = logging.getLogger('langfuse')\nlogger.info(send('x').stop_reason)",
    ],
)
def test_these_do_not(project: Path, reader: str) -> None:
    assert not accounting(project, app=f"from llm import send\n{reader}\n").watches("anthropic")


@pytest.mark.parametrize(
    ("reader", "watched"),
    [
        (
            "KINDS = ('read', 'creation')\nprint(sum(getattr(send(1).usage, f'cache_{kind}_input_tokens') for kind in KINDS))",
            True,
        ),
        ("for kind in ('input', 'output'):\n    print(getattr(send(1).usage, f'{kind}_tokens'))", False),
        ("counts = {'input_tokens': 0}\nfor name in counts:\n    counts[name] += getattr(send(1).usage, name)", False),
        ("name = 'input_tokens'\nif cheap():\n    name = pick()\nprint(getattr(send(1).usage, name))", True),
        ("def shown(usage, name):\n    return getattr(usage, name)\n\nshown(send(1).usage, 'input_tokens')", True),
    ],
)
def test_names_that_are_put_together(project: Path, reader: str, watched: bool) -> None:
    """What may be any name may be the cache's."""
    assert accounting(project, app=f"from llm import send\n{reader}\n").watches("anthropic") is watched


def test_what_one_provider_tells_is_nothing_about_another(project: Path) -> None:
    reads = (
        "from llm import send\nprint(send(1).content)\n\n\ndef cached(answer):\n    print(answer.cached_content_token_count)\n"
    )
    told = accounting(project, app=reads)
    assert told.watches("gemini")
    assert not told.watches("anthropic")


def test_tests_watch_nothing(project: Path) -> None:
    assert not accounting(
        project, app="from llm import send\nsend('x')\n", test_app="print(usage.cache_read_input_tokens)\n"
    ).readings


def test_deep_and_wide_code_ends(project: Path) -> None:
    loops = (
        "\n".join(f"{'    ' * depth}for a{depth} in b:" for depth in range(18)) + "\n" + "    " * 18 + "usage = send(1).usage\n"
    )
    branches = "if x == 0:\n    u = send(0).usage\n" + "".join(
        f"elif x == {n}:\n    u = send({n}).usage\n" for n in range(1, 120)
    )
    sums = "total = " + " + ".join(f"send({n}).usage.input_tokens" for n in range(300)) + "\n"
    accounting(project, app=f"from llm import send\n{loops}\n{branches}\n{sums}")


def test_loops_over_names_inside_of_one_another_end(project: Path) -> None:
    """Twenty names in five loops are three million ways: beyond some hundred one element stands for all, and may be any name."""
    names = ", ".join(f"'n{number}'" for number in range(20))
    around = " ".join(f"for {one} in NAMES" for one in "abcde")
    reads = f"counts = {{a + b + c + d + e: getattr(send('x').usage, a) {around}}}\n"
    loops = "".join(f"{'    ' * depth}for {one} in NAMES:\n" for depth, one in enumerate("abcde"))
    told = accounting(project, app=f"from llm import send\nNAMES = ({names})\n{reads}{loops}{'    ' * 5}print(send(a).usage)\n")
    assert told.watches("anthropic")


@pytest.mark.parametrize(
    "inside",
    [
        "class Kept:\n        def __init__(self, counts):\n            self.data = {'a': counts.input_tokens}\n"
        "            if hasattr(counts, 'output_tokens'):\n                self.data['b'] = counts.output_tokens\n",
        "def Kept(counts):\n        return Holder({'a': counts.input_tokens, 'b': counts.output_tokens})\n",
    ],
    ids=["a class", "a function"],
)
def test_what_a_function_defines_for_itself_is_followed(project: Path, inside: str) -> None:
    app = (
        "from llm import send\n\n\nclass Holder:\n    def __init__(self, given):\n        self.held = given\n\n\n"
        f"def costing(question):\n    {inside}\n"
        "    kept = Kept(send(question).usage)\n    data = getattr(kept, 'data', None) or kept.held\n"
        "    print(data['a'] * 3e-6 + data['b'] * 15e-6)\n\n\ncosting('x')\n"
    )
    fields = {term.quantity.field for found in accounting(project, app=app).sums for term in found.amount.terms}
    assert fields == {"input_tokens", "output_tokens"}
