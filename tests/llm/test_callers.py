"""Who is asked what a request is made of: the callers, before a default is taken for what is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

SENDER = """
import anthropic

client = anthropic.Anthropic()
MODELS = {"quick": "claude-haiku-4-5", "deep": "claude-opus-4-8"}

async def complete(prompt, system="", model=None):
    return client.messages.create(
        model=MODELS.get(model, "claude-opus-4-8"), max_tokens=500, system=system,
        messages=[{"role": "user", "content": prompt}],
    )
"""

NAMESAKES = "".join(
    f"""
async def step_{number}(message):
    await message.answer("Step {number} of the tour through your desk is done.")
"""
    for number in range(14)
)

HELP = """
import sender

GUIDE = "You help people who begin to use the desk."

async def answer(question, model=None):
    return await sender.complete(question, system=GUIDE, model=model)
"""

WEB = """
from fastapi import FastAPI
import desk.help as helping

app = FastAPI()

@app.post("/ask")
async def ask(question: str):
    return await helping.answer(question, model="quick")
"""

NIGHTLY = """
import sender

REPORT = "Sum up the day of the desk."

async def report(kind="deep"):
    return await sender.complete("The report of today.", system=REPORT, model=kind)
"""

SCHEDULE = """
from nightly import report

async def every_night():
    await report(kind="quick")
"""


def models(folder: Path, **files: str) -> set[str | None]:
    """The models of the requests that no caller explains better."""
    (site,) = sites(folder, **files)
    return {request.model.known for replay in site.replays for request in replay.requests if request.model is not None}


def test_a_function_of_a_module_is_not_a_method_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    desk = tmp_path / "desk"
    desk.mkdir()
    for name, source in {"__init__": "", "help": HELP, "tour": NAMESAKES}.items():
        (desk / f"{name}.py").write_text(source, encoding="utf-8")
    assert models(tmp_path, sender=SENDER, web=WEB) == {"claude-haiku-4-5"}


def test_a_default_that_a_caller_overrides_is_not_taken_for_what_is_sent(tmp_path: Path) -> None:
    assert models(tmp_path, sender=SENDER, nightly=NIGHTLY, schedule=SCHEDULE) == {"claude-haiku-4-5"}


def test_a_default_that_no_caller_overrides_is_what_is_sent(tmp_path: Path) -> None:
    schedule = SCHEDULE.replace('kind="quick"', "")
    assert models(tmp_path, sender=SENDER, nightly=NIGHTLY, schedule=schedule) == {"claude-opus-4-8"}


MODEL = """
import anthropic

class Model:
    def __init__(self):
        self.client = anthropic.Anthropic()

    def chat(self, messages, tools, system="Answer."):
        return self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=system, tools=tools, messages=messages
        )
"""

OTHERS_OF_THAT_NAME = "".join(
    f"""
def run_{number}(agent, task):
    return agent.chat(task)
"""
    for number in range(14)
)

DESK = """
from model import Model

class Desk:
    def __init__(self):
        self.model = Model()

    def answer(self, question):
        return self.model.chat([{"role": "user", "content": question}], [], system="You work at the desk.")
"""

FROM_OUTSIDE = """
from model import Model

def answer(question, **settings):
    return Model.chat(Model(), [{"role": "user", "content": question}], [], "You work at the desk.")
"""


@pytest.mark.parametrize("caller", [DESK, FROM_OUTSIDE], ids=["by keyword", "with the object"])
def test_calls_whose_arguments_do_not_fit_are_no_callers(caller: str, tmp_path: Path) -> None:
    for name, text in {"model.py": MODEL, "a_tasks.py": OTHERS_OF_THAT_NAME, "desk.py": caller}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (site,) = sites(tmp_path)
    assert {replay.requests[0].blocks[0].text.literal for replay in site.replays} == {"You work at the desk."}


def test_a_parameter_is_of_the_type_that_it_is_declared_to_be(tmp_path: Path) -> None:
    """`text: str` is no list of blocks; `content: str | list` may be."""
    found = sites(
        tmp_path,
        app="""
        import anthropic
        client = anthropic.Anthropic()

        def blocks(content):
            if isinstance(content, str):
                return [{"type": "text", "text": content}]
            return [{"type": "text", "text": "several"}, *content]

        def plain(text: str):
            return client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": blocks(text)}])

        def either(content: str | list):
            return client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": blocks(content)}])
        """,
    )
    assert [len({len(replay.first.blocks) for replay in site.replays}) for site in found] == [1, 2]


WRITERS = """
import anthropic

class Mender:
    def __init__(self, model):
        self.client = anthropic.Anthropic()
        self.model = model

    def mend(self, text):
        return self.client.messages.create(
            model=self.model, max_tokens=500, system="Mend it.", messages=[{"role": "user", "content": text}]
        )

class Parrot:
    def mend(self, text):
        return text

def writer(kind, model):
    if kind == "parrot":
        return Parrot()
    return Mender(model)
"""

ASKED = """
import os
from writers import writer

QUICK = {"mend"}

def ask(what, **given):
    found = writer(os.environ.get("WRITER"), "claude-haiku-4-5" if what in QUICK else "claude-opus-4-8")
    method = getattr(found, what, None)
    return method(**given) if method is not None else None
"""

LETTERS = """
from asked import ask

def letter(text):
    return ask("mend", text=text)

def title(text):
    return ask("name", text=text)
"""


def test_a_method_is_called_by_who_hands_its_name_to_what_looks_it_up(tmp_path: Path) -> None:
    assert models(tmp_path, writers=WRITERS, asked=ASKED, letters=LETTERS) == {"claude-haiku-4-5"}


SENT = """
import anthropic

def send(client, rules, prompt):
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=500, system=rules, messages=[{"role": "user", "content": prompt}]
    )
"""

RETRIED = """
from sent import send

def again(func, attempts=3):
    for attempt in range(attempts):
        try:
            return func()
        except TimeoutError:
            continue

def check(client, rules, batch):
    prompt = f"Check: {batch}"

    def ask():
        return send(client, rules, prompt)

    return again(ask)
"""

RUN = """
import anthropic
from retried import check

def run(rules, batches):
    client = anthropic.Anthropic()
    found = []

    def each():
        for batch in batches:
            found.append(check(client, rules, batch))
            yield found

    for done in each():
        print(len(done))
"""

BEGUN = """
import sys
from run import run

def main():
    run("You read the drafts of a paper.", sys.argv[1:])

if __name__ == "__main__":
    main()
"""


def test_a_function_inside_of_another_is_told_by_the_callers_of_the_one_around_it(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, sent=SENT, retried=RETRIED, run=RUN, begun=BEGUN)
    assert {replay.first.blocks[0].text.render() for replay in site.replays} == {"You read the drafts of a paper."}


RETRYING = """
import functools
import anthropic

client = anthropic.Anthropic()

def again(attempts=3):
    def decorate(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            for attempt in range(attempts):
                try:
                    return func(*args, **kwargs)
                except TimeoutError:
                    continue
        return wrapper
    return decorate

class Reader:
    def read(self, rules, draft):
        return client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=rules, messages=[{"role": "user", "content": draft}]
        )

def reader():
    return Reader()
"""

READ = """
from retrying import again, reader

def read(rules, draft):
    @again(attempts=5)
    def call():
        return reader().read(rules, draft)

    return call()

def main():
    read("You read the drafts of a paper.", input())

if __name__ == "__main__":
    main()
"""


def test_a_function_inside_that_the_project_s_own_decorator_wraps_leads_to_its_callers(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, retrying=RETRYING, read=READ)
    assert {replay.first.blocks[0].text.render() for replay in site.replays} == {"You read the drafts of a paper."}
