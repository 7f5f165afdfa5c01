"""Attributes that a constructor leaves unset, and that other code sets: `loop.client = client` when a provider is chosen."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import shape, sites

CLIENTS = """
import anthropic

class Claude:
    def __init__(self, key):
        self.inner = anthropic.Anthropic(api_key=key)

    def stream_chat(self, messages):
        system = "".join(one["content"] for one in messages if one["role"] == "system")
        rest = [one for one in messages if one["role"] != "system"]
        return self.inner.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system, messages=rest)
"""

LOOP = """
class Loop:
    def __init__(self, client):
        self.client = client
        self.messages = [{"role": "system", "content": "Mend what is broken."}]

    def turn(self, text):
        self.messages.append({"role": "user", "content": text})
        return self.client.stream_chat(self.messages)
"""

CONTROLLER = """
from clients import Claude
from loop import Loop

class Controller:
    def __init__(self, settings):
        self.settings = settings
        self.loop = Loop(None)

    def choose(self, provider):
        self.use(Claude(self.settings.key))

    def use(self, chosen):
        self.{held} = chosen
"""


def _texts(folder: Path, held: str) -> set[tuple[str, str, str]]:
    found = sites(folder, clients=CLIENTS, loop=LOOP, controller=CONTROLLER.format(held=held))
    (site,) = found
    return {block for replay in site.replays for block in shape(replay.first)}


def test_what_others_set_may_be_any_of_the_project_s_that_has_the_method(tmp_path: Path) -> None:
    assert ("system", "system", "Mend what is broken.") in _texts(tmp_path, "loop.client")


def test_so_of_an_object_that_is_made_of_nothing(tmp_path: Path) -> None:
    loop = LOOP.replace("self, client)", "self)").replace("self.client = client", "self.client = None")
    found = sites(
        tmp_path, clients=CLIENTS, loop=loop, controller=CONTROLLER.format(held="loop.client").replace("Loop(None)", "Loop()")
    )
    assert ("system", "system", "Mend what is broken.") in {block for one in found[0].replays for block in shape(one.first)}


def test_what_nobody_sets_stays_unset(tmp_path: Path) -> None:
    assert ("system", "system", "Mend what is broken.") not in _texts(tmp_path, "other")
