"""What a program's start puts into a registry, for handlers that are evaluated without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Section
from tests.llm.requests_of import sites

HEAD = """
from contextlib import asynccontextmanager
from dataclasses import dataclass

from anthropic import Anthropic
from fastapi import Body, FastAPI

client = Anthropic()
app = FastAPI()

@dataclass
class Tool:
    name: str
    description: str

    def spec(self):
        return {"name": self.name, "description": self.description, "input_schema": {"type": "object"}}

def send(text, specs):
    asked = [{"role": "user", "content": text}]
    return client.messages.create(model="claude-haiku-4-5", max_tokens=9, tools=specs, messages=asked)
"""

BY_A_LIFESPAN = """
class Registry:
    def __init__(self):
        self._tools = {}

    def register(self, tool):
        self._tools[tool.name] = tool

    def specs(self):
        return [tool.spec() for tool in self._tools.values()]

registry = Registry()

@asynccontextmanager
async def lifespan(app):
    registry.register(Tool("look", "Looks."))
    registry.register(Tool("buy", "Buys."))
    yield

@app.post("/ask")
def ask(text: str = Body()):
    return send(text, registry.specs())
"""

BY_A_LOOP = """
TOOLS = []
KNOWN = [Tool("look", "Looks."), Tool("buy", "Buys.")]

def register(tool):
    TOOLS.append(tool.spec())

def set_up():
    for tool in KNOWN:
        register(tool)

@app.post("/ask")
def ask(text: str = Body()):
    return send(text, TOOLS)

if __name__ == "__main__":
    set_up()
"""

HANDED_ON = """
class Tools:
    known = {}

    @classmethod
    def add(cls, tool):
        cls.known[tool.name] = tool.spec()

def install(tools):
    tools.add(Tool("look", "Looks."))
    tools.add(Tool("buy", "Buys."))

@app.on_event("startup")
def begin():
    install(Tools)

@app.post("/ask")
def ask(text: str = Body()):
    return send(text, list(Tools.known.values()))
"""

FORMS = {"a lifespan": BY_A_LIFESPAN, "a loop of a function": BY_A_LOOP, "a function that is given it": HANDED_ON}


def tools(folder: Path, **files: str) -> list[list[str]]:
    (site,) = sites(folder, **files)
    return [
        [block.label.removeprefix("tool ") for block in request.blocks if block.section is Section.TOOLS]
        for request in site.replays[0].requests
    ]


@pytest.mark.parametrize("form", FORMS)
def test_what_the_start_registers_is_there(form: str, tmp_path: Path) -> None:
    assert tools(tmp_path, app=HEAD + FORMS[form])[:2] == [["look", "buy"]] * 2


def test_what_another_module_registers_as_it_is_imported_is_there(tmp_path: Path) -> None:
    registry = """
TOOLS = {}

def tool(name, description):
    def keep(function):
        TOOLS[name] = {"name": name, "description": description, "input_schema": {"type": "object"}}
        return function
    return keep
"""
    buying = 'from registry import tool\n\n@tool("buy", "Buys.")\ndef buy(): ...\n'
    ask = """
from registry import TOOLS

@app.post("/ask")
def ask(text: str = Body()):
    return send(text, list(TOOLS.values()))
"""
    found = tools(tmp_path, app=HEAD + ask, registry=registry, buying=buying, main="import buying\nimport app\n")
    assert found[:2] == [["buy"]] * 2


ADDED = """
TOOLS = []

def register(tool):
    TOOLS.append(tool.spec())

@app.post("/tools")
def add(name: str = Body(), description: str = Body()):
    register(Tool(name, description))

@app.post("/ask")
def ask(text: str = Body()):
    return send(text, TOOLS)
"""


def test_what_hangs_on_a_request_is_not_put_there_at_the_start(tmp_path: Path) -> None:
    assert tools(tmp_path, app=HEAD + ADDED)[:2] == [["tools[0:]"], ["tools[0:]"]]  # but may be there by another request


def test_what_the_running_code_registers_is_there_once(tmp_path: Path) -> None:
    code = """
TOOLS = []

def main():
    TOOLS.append(Tool("look", "Looks.").spec())
    TOOLS.append(Tool("buy", "Buys.").spec())
    while True:
        send(input(), TOOLS)

if __name__ == "__main__":
    main()
"""
    assert tools(tmp_path, app=HEAD + code)[:2] == [["look", "buy"]] * 2
