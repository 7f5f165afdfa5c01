"""Classes of the program that derive from an SDK's: what they inherit sends, and what they override adds to it."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import shape, sites

CLIENTS = """
from langchain_anthropic import ChatAnthropic
from openai import OpenAI

class PlainText(ChatAnthropic):
    def invoke(self, input, config=None, **kwargs):
        return flatten(super().invoke(input, config, **kwargs))

def flatten(answer):
    return answer

class House(OpenAI):
    def __init__(self, region):
        super().__init__(base_url=f"https://{region}.api.openai.com/v1")
        self.region = region

def make():
    return PlainText(model="claude-sonnet-4-5")
"""
NODES = """
from clients import House, make

def create_judge(llm):
    def judge(state):
        answer = llm.invoke([("system", "Judge."), ("human", state["question"])])
        return {"answer": answer.content}

    return judge

def create_searcher(llm):
    def search(state):
        chain = llm.bind_tools([find])
        return {"messages": [chain.invoke(state["messages"])]}

    return search

def find(text: str) -> str:
    \"\"\"Finds it.\"\"\"
    return text

class Graph:
    def __init__(self):
        self.llm = make()

    def nodes(self):
        return {"judge": create_judge(self.llm), "search": create_searcher(self.llm)}

def greet(name):
    return House("eu").chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": name}])
"""


def test_inherited_methods_send(tmp_path: Path) -> None:
    judge, search, greet = sites(tmp_path, clients=CLIENTS, nodes=NODES)
    assert all(site.site.place.path.endswith("nodes.py") for site in (judge, search, greet))
    assert [site.site.function for site in (judge, search, greet)] == ["create_judge.judge", "create_searcher.search", "greet"]
    assert shape(judge.replays[0].first)[0] == ("system", "system", "Judge.")
    models = [site.replays[0].first.model for site in (judge, search, greet)]
    assert [model.known if model is not None else None for model in models] == [
        "claude-sonnet-4-5",
        "claude-sonnet-4-5",
        "gpt-5",
    ]
    assert shape(search.replays[0].first)[0][0] == "tools"
