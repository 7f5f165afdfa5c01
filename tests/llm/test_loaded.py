"""Data that a function of the project makes alike whenever it is asked, and data that it does not."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import requests, sites

LOADING = """
import json
import os
import re
from pathlib import Path
from pydantic import BaseModel

class Config(BaseModel):
    model_name: str
    region: str = "eu"

def filled(value):
    if isinstance(value, str):
        return re.sub(r"\\$\\{([^}:]+)(?::(-)?([^}]*))?\\}", lambda found: os.environ[found.group(1)], value)
    if isinstance(value, dict):
        return {key: filled(one) for key, one in value.items()}
    return value

def load_config(path: str = "config.json") -> Config:
    with open(path) as file:
        return Config.model_validate(filled(json.load(file)))

def start():
    return load_config(Path(__file__).parent / "settings.json")
"""

SENDING = """
import anthropic
from loading import Config

def ask(config: Config, text):
    return anthropic.Anthropic().messages.create(model=config.model_name, max_tokens=9, system=config.region,
        messages=[{"role": "user", "content": text}])
"""


def sent(folder: Path, loading: str) -> tuple[str, str]:
    (folder / "settings.json").write_text('{"model_name": "claude-opus-4-6", "region": "${REGION:-us}"}', encoding="utf-8")
    (site,) = sites(folder, loading=loading, sending=SENDING)
    first = site.replays[0].first
    assert first.model is not None
    return first.model.render(), first.blocks[0].text.render()


def test_a_configuration_is_what_the_project_loads(tmp_path: Path) -> None:
    assert sent(tmp_path, LOADING) == ("claude-opus-4-6", "{os.environ[found.group(1)]}")


def test_what_is_made_of_a_caller_s_text_is_no_configuration(tmp_path: Path) -> None:
    model, _ = sent(tmp_path, LOADING.replace("model_validate(filled(json.load(file)))", "model_validate(json.loads(path))"))
    assert model == "{Config.model_name}"


def test_of_what_nobody_makes_so_the_fields_are_open(tmp_path: Path) -> None:
    assert sent(tmp_path, LOADING.replace(" -> Config:", ":"))[0] == "{Config.model_name}"


def test_a_factory_s_default_and_a_switch_that_is_off(tmp_path: Path) -> None:
    """Nobody gives `get_provider` other settings than the module's; and what they switch off is there to be switched on."""
    (site,) = sites(
        tmp_path,
        app="""
        from functools import lru_cache
        import anthropic
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            ENABLED: bool = False
            KEY: str | None = None
            MODEL: str = "claude-haiku-4-5"

        settings = Settings()

        class Provider:
            def __init__(self, config: Settings) -> None:
                self.model = config.MODEL
                self.enabled = bool(config.ENABLED and config.KEY)
                self.client = anthropic.Anthropic(api_key=config.KEY) if self.enabled else None

            def ask(self, text: str) -> str:
                if not self.enabled:
                    raise RuntimeError("off")
                messages = [{"role": "user", "content": text}]
                return self.client.messages.create(model=self.model, max_tokens=9, system="Be brief.", messages=messages)

        @lru_cache(maxsize=1)
        def get_provider(app_settings: Settings | None = None) -> Provider:
            config = app_settings or settings
            return Provider(config)

        class Service:
            def __init__(self, provider: Provider | None = None) -> None:
                self._provider = provider or get_provider()

            def classify(self, text: str) -> str:
                return self._provider.ask(text)
        """,
    )
    assert {model.render() for replay in site.replays if (model := replay.first.model)} == {"claude-haiku-4-5"}


def test_a_setting_that_is_empty_where_nobody_says_anything_may_be_filled(tmp_path: Path) -> None:
    """Only the environment says whether the store is there, as where `bool(os.getenv("STORE", ""))` asks."""
    (site,) = sites(
        tmp_path,
        app="""
        import anthropic
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            STORE: str = ""

        STORED = bool(Settings().STORE)

        def ask(text):
            system = "Look into the store." if STORED else "There is no store."
            return anthropic.Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=system,
                messages=[{"role": "user", "content": text}])
        """,
    )
    texts = {replay.first.blocks[0].text.render() for replay in site.replays}
    assert texts == {"Look into the store.", "There is no store."}


def test_texts_that_data_leave_empty_are_for_their_makers_to_fill(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from dataclasses import dataclass, field
import anthropic

@dataclass
class Manner:
    tone: str = ""
    length: str = "short"

@dataclass
class Persona:
    name: str = ""
    manner: Manner = field(default_factory=Manner)

    def prompt(self) -> str:
        return f"You are {self.name}. Tone: {self.manner.tone}. Be {self.manner.length}."

class Bot:
    def __init__(self, persona: Persona):
        self.system = persona.prompt()
        self.client = anthropic.Anthropic()

    def say(self, text: str):
        return self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=9, system=self.system, messages=[{"role": "user", "content": text}])
""",
    )
    assert request.blocks[0].text.render() == "You are {Persona.name}. Tone: {Manner.tone}. Be short."
    assert len({hole.identity for hole in request.blocks[0].text.holes()}) == 2
