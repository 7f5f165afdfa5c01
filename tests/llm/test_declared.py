"""What a declared type says of a client or a model of which nothing else is known, wherever it is declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import SiteReplays
from tests.llm.requests_of import sites

IMPORTS = """
from __future__ import annotations
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Optional, Union
from elsewhere import Store, registry
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel
if TYPE_CHECKING:
    from langchain_aws import ChatBedrockConverse

Model = ChatOpenAI
"""

WAYS = {
    "a factory hands its own parameter on": """
class Desk:
    def __init__(self, model: ChatBedrockConverse):
        self.model = model
    def answer(self, messages):
        return self.model.invoke(messages)

def make(model, tools):
    return Desk(model=model)
""",
    "the factory alone says so": """
class Desk:
    def __init__(self, model):
        self.model = model
    def answer(self, messages):
        return self.model.invoke(messages)

def make(model: "ChatBedrockConverse | None"):
    return Desk(model)
""",
    "a data class": """
@dataclass
class Desk:
    model: Optional[ChatBedrockConverse]
    def answer(self, messages):
        return self.model.invoke(messages)
""",
    "a model of pydantic's that another object is made of": """
class Deps(BaseModel):
    model: Annotated[ChatBedrockConverse, "the model"]

class Desk:
    def __init__(self, deps: Deps):
        self.model = deps.model
    def answer(self, messages):
        return self.model.invoke(messages)
""",
    "the class's body": """
class Desk:
    model: ChatBedrockConverse
    def answer(self, messages):
        return self.model.invoke(messages)
""",
    "the class's body of what its constructor gets": """
class Desk:
    model: ChatBedrockConverse
    def __init__(self, model):
        self.model = model
    def answer(self, messages):
        return self.model.invoke(messages)
""",
    "a variable": """
def answer(messages):
    model: ChatBedrockConverse = registry.get("slow")
    return model.invoke(messages)
""",
    "what a function gives back": """
def slow() -> ChatBedrockConverse:
    return registry.build("slow")

def answer(messages):
    return slow().invoke(messages)
""",
}


def _providers(site: SiteReplays) -> set[str]:
    return {replay.first.provider for replay in site.replays}


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_an_unknown_value_is_what_it_is_declared_to_be(way: str, tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=IMPORTS + way)
    assert _providers(site) == {"bedrock"}


@pytest.mark.parametrize(
    ("declared", "providers"),
    [
        ("BaseChatModel", {"unknown"}),
        ("Model", {"openai"}),
        ("Union[ChatOpenAI, ChatBedrockConverse]", {"openai", "bedrock"}),
        ("ChatOpenAI | ChatBedrockConverse | None", {"openai", "bedrock"}),
    ],
)
def test_each_vendor_s_class_that_is_allowed_is_one_way(declared: str, providers: set[str], tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=IMPORTS + WAYS["the class's body"].replace("ChatBedrockConverse", declared))
    assert _providers(site) == providers


def test_what_is_known_is_known_better_than_declared(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app=IMPORTS + WAYS["the class's body"] + "\n    def __init__(self):\n        self.model = ChatOpenAI(model='gpt-4.1')\n",
    )
    assert _providers(site) == {"openai"}


@pytest.mark.parametrize("declared", ["Store", "HumanMessage", "dict[str, ChatBedrockConverse]", "list[BaseChatModel]"])
def test_other_classes_send_nothing(declared: str, tmp_path: Path) -> None:
    assert not sites(tmp_path, app=IMPORTS + WAYS["the class's body"].replace("ChatBedrockConverse", declared))
