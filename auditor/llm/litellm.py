"""Reading LiteLLM requests: OpenAI's shape, and the model's name says whose model answers.

`cache_control` may stand on content, on whole messages and on tools; LiteLLM hands it on to the providers that know it.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.knowledge import providers
from auditor.llm import openai
from auditor.llm.extract import Reading, text_of
from auditor.places import Place
from auditor.values.domain import Frozen

PLATFORMS = {"bedrock": "bedrock", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "azure": "azure"}
VENDORS = ("anthropic", "openai", "gemini")


def read(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Blocks of `completion`: tools, leading system messages, the rest; provider and surface by the model."""
    model = text_of(arguments.get("model"))
    literal = model.literal if model is not None else ""
    prefix = literal.split("/", 1)[0] if "/" in literal else ""
    reading.surface = PLATFORMS.get(prefix, "api")
    for vendor in VENDORS:
        if prefix == vendor or providers.load().providers[vendor].normalise(literal) is not None:
            reading.provider = vendor
            break
    openai.read_chat(arguments, reading, place)
    reading.caching_options = [
        option for option in reading.caching_options if option.kind != "foreign"
    ]  # it writes markers in each one's words
