# requests: 2
"""Tools whose schemas are built from signatures, from models, and by a registry."""

import inspect
from enum import Enum
from typing import Literal, get_type_hints

import anthropic
from pydantic import BaseModel, Field

JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


class Registry:
    def __init__(self) -> None:
        self._functions = {}

    def register(self, function):
        self._functions[function.__name__] = function
        return function

    def definitions(self) -> list[dict]:
        return [self._definition(function) for _, function in sorted(self._functions.items())]

    def _definition(self, function) -> dict:
        hints = get_type_hints(function)
        properties, required = {}, []
        for name, parameter in inspect.signature(function).parameters.items():
            properties[name] = {"type": JSON_TYPES.get(hints.get(name), "string")}
            if parameter.default is inspect.Parameter.empty:
                required.append(name)
        return {
            "name": function.__name__,
            "description": inspect.getdoc(function),
            "input_schema": {"type": "object", "properties": properties, "required": required},
        }


tools = Registry()


@tools.register
def weather(city: str, days: int = 1) -> str:
    """Tell the weather.

    For the days ahead.
    """
    return f"{city}: sun for {days} days"


@tools.register
def convert(amount: float, exact: bool) -> str:
    """Convert an amount."""
    return str(amount) if exact else f"about {amount:.0f}"


class Mood(Enum):
    CALM = "calm"
    TENSE = "tense"


class Place(BaseModel):
    """Somewhere."""

    name: str
    floor: int | None = None


class Report(BaseModel):
    """Write a report."""

    title: str = Field(description="The title", max_length=80)
    kind: Literal["short", "long"] = "short"
    mood: Mood
    places: list[Place] = Field(default_factory=list, description="Where")


MODELS = [Report]
every = [
    *tools.definitions(),
    *({"name": model.__name__, "description": model.__doc__, "input_schema": model.model_json_schema()} for model in MODELS),
]
every[-1]["cache_control"] = {"type": "ephemeral"}

client = anthropic.Anthropic()
for text in ["Is it sunny?", "Report on the lobby."]:
    client.messages.create(
        model="claude-opus-5-5", max_tokens=100, tools=every, messages=[{"role": "user", "content": text}]
    )
