"""Data that a function of the project makes alike whenever it is asked, and data that it does not."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import sites

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
