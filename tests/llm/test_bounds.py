"""What a whole run may cost, where many functions of a project send."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from auditor.discovery.files import discover
from auditor.limits import DEFAULT, FEW_SENDERS, LEAST_SITE_STEPS, WRITER_STEPS
from auditor.llm.entries import Scope
from auditor.llm.evaluation import Evaluation, Evaluator, Way
from auditor.llm.resolve import Resolution, resolve

SENDER = """
import anthropic

client = anthropic.Anthropic()

def {name}_request(text):
    total = 0
    for number in range(250):
        total += sum(range(number % 3)) + len(str(number)) + number * 2
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=total, system="fixed",
        messages=[{{"role": "user", "content": text}}])

def {name}():
    return {name}_request("of {name}")
"""


def resolved(folder: Path, **changed: int) -> Resolution:
    for name in ("first", "second", "third"):
        (folder / f"{name}.py").write_text(SENDER.format(name=name), encoding="utf-8")
    return resolve(discover([folder]), replace(DEFAULT, **changed))


def test_few_functions_have_all_that_one_may_cost() -> None:
    assert DEFAULT.shared_by(FEW_SENDERS + 1) == DEFAULT.shared_by(200) == DEFAULT


def test_more_callers_are_followed_where_few_functions_send(tmp_path: Path) -> None:
    """A program whose only class of a client is called in twenty places: the last of them holds the conversation."""
    assert DEFAULT.callers < 20 <= DEFAULT.shared_by(1).callers
    (tmp_path / "client.py").write_text(
        "import anthropic\nclient = anthropic.Anthropic()\n\n\ndef ask(system, messages):\n"
        '    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system, messages=messages)\n'
    )
    uses = "".join(
        f'def use{number:02}(text):\n    return ask("{number}", [{{"role": "user", "content": text}}])\n' for number in range(20)
    )
    (tmp_path / "uses.py").write_text(f"from client import ask\n\n\n{uses}")
    (site,) = resolve(discover([tmp_path]), DEFAULT).sites
    assert {replay.first.blocks[0].text.known for replay in site.replays} == {str(number) for number in range(20)}


def test_many_functions_share_what_a_run_may_cost() -> None:
    each = DEFAULT.shared_by(1_000)
    assert (each.site_steps, each.steps) == (48_000, 48_000)
    assert DEFAULT.shared_by(4_000).steps == DEFAULT.shared_by(4_000).site_steps == 12_000
    assert DEFAULT.shared_by(10**9).steps == LEAST_SITE_STEPS


def test_what_was_not_looked_at_for_want_of_steps_is_counted(tmp_path: Path) -> None:
    whole = resolved(tmp_path)
    assert not whole.limits
    callers = [site.replays[0].entry for site in whole.sites]
    assert [place.line for place in callers if place is not None] == [13, 13, 13]
    short = resolved(tmp_path, run_steps=3 * LEAST_SITE_STEPS)
    assert short.limits["run steps"] == 1
    assert short.limits["site steps"] == 3
    assert [site.site.function for site in short.sites] == ["first_request", "second_request", "third_request"]


LONG = """
import anthropic

client = anthropic.Anthropic()

def work(text):
    total = 0
    for number in range(60):
        total += sum(range(number // 3)) + len(str(number)) + number * 2 + len(text)
    return str(total)

def route(text):
    if text.startswith("weigh"):
        reply = work(text)
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": reply}])
    %s
    else:
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": text}])
"""


def test_the_last_call_of_a_long_function_is_reached(tmp_path: Path) -> None:
    """What each branch calls is kept short where the function's own last call would lie beyond its budget."""
    branches = "\n    ".join(f'elif text.startswith("{number}"):\n        reply = work(text)' for number in range(40))
    (tmp_path / "long.py").write_text(LONG % branches, encoding="utf-8")
    found = resolve(discover([tmp_path]), replace(DEFAULT, steps=6_000))
    assert [len(site.replays) > 0 for site in found.sites] == [True, True]


HANDLER = """
import anthropic

client = anthropic.Anthropic()

def work(text):
    total = 0
    for number in range(60):
        total += sum(range(number // 3)) + len(str(number)) + number * 2 + len(text)
    return str(total)

def quick(text):
    return client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": work(text)}])

def handle(text):
    if text.startswith("quick"):
        return quick(text)
    %s
    history = [{"role": "user", "content": text}]
    answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
    while answer.stop_reason == "tool_use":
        history.append({"role": "assistant", "content": answer.content})
        history.append({"role": "user", "content": [{"type": "text", "text": work(text)}]})
        answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
    return answer
"""


@pytest.mark.parametrize("steps", [6_000, 10_000, 14_000])
def test_a_loop_at_the_end_of_a_long_function_is_seen_to_grow(tmp_path: Path, steps: int) -> None:
    """One request of each of its calls shows nothing: what the function does before is kept short for the sake of the next."""
    branches = "\n    ".join(f'if text.startswith("{number}"):\n        return work(text)' for number in range(8))
    (tmp_path / "handler.py").write_text(HANDLER % branches, encoding="utf-8")
    found = resolve(discover([tmp_path]), replace(DEFAULT, steps=steps))
    loop = max(found.sites, key=lambda site: site.site.place)
    assert [len(request.blocks) for request in loop.replays[0].requests[:2]] == [3, 5]


PLANNED = """
import anthropic

client = anthropic.Anthropic()

class Plan:
    def __init__(self, text):
        self.steps = text.splitlines()

def work(text):
    total = 0
    for number in range(60):
        total += sum(range(number // 3)) + len(str(number)) + number * 2 + len(text)
    return str(total)

class Agent:
    def __init__(self):
        self.plan = None
        self.history = []

    def run(self, task):
        self.plan = None
        self.outline(task)
        while self.step():
            found = [work(task), work(task + "?"), work(task + "!"), work(task + "."), work(task + ","), work(task + ";")]
            self.history.append({"role": "user", "content": " ".join(found)})

    def outline(self, task):
        answer = client.messages.create(
            model="claude-haiku-4-5", max_tokens=9, system="short", messages=[{"role": "user", "content": work(task)}]
        )
        self.plan = Plan(answer.content[0].text)

    def prompt(self):
        if self.plan is None:
            return "fixed"
        return "fixed, by the plan: " + "; ".join(self.plan.steps)

    def step(self):
        answer = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=9, system=self.prompt(), messages=list(self.history)
        )
        self.history.append({"role": "assistant", "content": answer.content})
        return answer.stop_reason == "tool_use"
"""


def test_a_method_that_fills_an_attribute_costs_little_though_it_sends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `self.plan` becomes is worked out beside the request that asks for it, which needs the budget."""
    spent: dict[str, int] = {}
    run = Evaluator.run

    def counted(self: Evaluator, entry: Scope, *way: Way) -> Evaluation:
        made = run(self, entry, *way)
        spent[entry.name] = made.steps
        return made

    monkeypatch.setattr(Evaluator, "run", counted)
    (tmp_path / "planned.py").write_text(PLANNED, encoding="utf-8")
    resolve(discover([tmp_path]))
    assert spent["Agent.step"] < 2 * WRITER_STEPS


AGENT = """
import anthropic

client = anthropic.Anthropic()

class Cheap:
    model = "claude-haiku-4-5"

    def turn(self, system, history):
        answer = client.messages.create(model=self.model, max_tokens=9, system=system, messages=history)
        return [block for block in answer.content if block.type == "tool_use"], answer.content

class Plain:
    def turn(self, system, history):
        answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system, messages=history)
        return [block for block in answer.content if block.type == "tool_use"], answer.content

class Dear:
    def turn(self, system, history):
        answer = client.messages.create(model="claude-opus-4-6", max_tokens=99, system=system, messages=history)
        return [block for block in answer.content if block.type == "tool_use"], answer.content

def blocked(text):
    answer = client.messages.create(model="claude-haiku-4-5", max_tokens=5, messages=[{"role": "user", "content": text}])
    return answer.content[0].text == "yes"
"""

LOOPS = {
    "that asks one of three models": """
class Agent:
    def __init__(self, kind):
        self.model = Dear() if kind == "dear" else Plain() if kind == "plain" else Cheap()
        self.history = []

    def run(self, question):
        self.history.append({"role": "user", "content": question})
        for step in range(9):
            calls, content = self.model.turn("fixed", self.history)
            self.history.append({"role": "assistant", "content": content})
            for call in calls:
                weight = sum(number * 2 + len(call.name) for number in range(60))
                if blocked(f"{call.name} {weight}"):
                    print("Think again.")
            self.history.append({"role": "user", "content": "results"})
""",
    "whose every turn is costly": """
def run(question):
    history = [{"role": "user", "content": question}]
    while True:
        weight = sum(number * 2 + len(str(number)) for number in range(200))
        calls, content = Dear().turn("fixed", history)
        history.append({"role": "assistant", "content": content})
        for call in calls:
            weight = sum(number * 2 + len(call.name) for number in range(60))
            if call.name == "ask" and blocked(f"{call.name} {weight}"):
                break
        history.append({"role": "user", "content": "results"})
""",
}


@pytest.mark.parametrize(("kind", "steps"), [("that asks one of three models", 3_500), ("whose every turn is costly", 4_250)])
def test_parts_of_an_answer_leave_room_for_the_next_one(kind: str, steps: int, tmp_path: Path) -> None:
    """An agent's loop comes to its second request, whatever its tools send and cost."""
    (tmp_path / "agent.py").write_text(AGENT + LOOPS[kind], encoding="utf-8")
    found = resolve(discover([tmp_path]), replace(DEFAULT, steps=steps))
    dear = next(site for site in found.sites if site.site.function == "Dear.turn")
    texts = [[block.text.render() for block in request.blocks] for replay in dear.replays for request in replay.requests[:2]]
    assert ["fixed", "{question}", "{response.content}", "results"] in texts


SHORT = """
def {name}(text):
    {body}
    return client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{{"role": "user", "content": text}}])
"""


def test_a_function_is_run_again_for_its_own_calls_whatever_others_it_leads_to(tmp_path: Path) -> None:
    names = [f"ask_{number}" for number in range(4)]
    senders = "".join(SHORT.format(name=name, body="text = work(text)") for name in names)
    branches = "\n    ".join(
        f'elif text.startswith("{number}"):\n        reply = {names[number % 4]}(text)\n        reply = work(text)'
        for number in range(40)
    )
    (tmp_path / "long.py").write_text(LONG % branches + senders, encoding="utf-8")
    found = resolve(discover([tmp_path]), replace(DEFAULT, steps=6_000))
    assert [bool(site.replays) for site in found.sites if site.site.function == "route"] == [True, True]


PARTS = """
import anthropic

client = anthropic.Anthropic()

def weigh(text):
    total = 0
    for number in range(250):
        total += sum(range(number // 3)) + len(str(number)) + number * 2 + len(text)
    return str(total)

def nearest(text):
    return "Nearest: " + weigh(text)

def prompt(text):
    return "You answer letters.\\n" + nearest(text) + "\\nBe brief."

def ask(text):
    system = prompt(text)
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system,
        messages=[{"role": "user", "content": text}])
"""


def test_a_call_that_costs_too_much_takes_only_its_own_part_of_what_its_caller_makes(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text(PARTS, encoding="utf-8")
    found = resolve(discover([tmp_path]), replace(DEFAULT, steps=6_000))
    (site,) = found.sites
    assert found.limits["call steps"] > 0
    assert site.replays[0].first.blocks[0].text.render() == "You answer letters.\nNearest: {weigh()}\nBe brief."


SCORES = """
import anthropic

client = anthropic.Anthropic()
WORDS = [%s]

def score(text):
    count, seen = 0, []
    for word in WORDS:
        if word in text:
            count += 1
        %s
    return count, seen

def ask(text):
    count, seen = score(text)
    system = "Many words." if count > 3 else "Few words."
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system + "".join(seen),
        messages=[{"role": "user", "content": text}])
"""


@pytest.mark.parametrize(("also", "steps"), [("", 600), ('seen.append(word) if word == "word249" else None', DEFAULT.steps)])
def test_a_long_list_of_words_that_are_counted_in_a_text_costs_little(also: str, steps: int, tmp_path: Path) -> None:
    """After some words nobody knows the count; what a turn does besides is done in every turn."""
    words = ", ".join(f'"word{number}"' for number in range(251))
    (tmp_path / "scores.py").write_text(SCORES % (words, also), encoding="utf-8")
    (site,) = resolve(discover([tmp_path]), replace(DEFAULT, steps=steps)).sites
    texts = {replay.first.blocks[0].text.render() for replay in site.replays}
    assert texts == {start + ("word249" if also else "") for start in ("Many words.", "Few words.")}
