"""The usage tables against the installed SDKs: every field exists, and may be None exactly where the table says so."""

from __future__ import annotations

import types
import typing
from typing import Any

import pytest

from auditor.knowledge.usage import Nullable, load


def _anthropic() -> Any:
    from anthropic.types import Usage

    return Usage


def _chat() -> Any:
    from openai.types import CompletionUsage

    return CompletionUsage


def _responses() -> Any:
    from openai.types.responses import ResponseUsage

    return ResponseUsage


def _gemini() -> Any:
    from google.genai.types import GenerateContentResponseUsageMetadata

    return GenerateContentResponseUsageMetadata


MODELS = {"anthropic": _anthropic, "openai-chat": _chat, "openai-responses": _responses, "gemini": _gemini}
FIELDS = [(name, field) for name in MODELS for field in load().tables[name].fields]


def _inner(annotation: Any) -> tuple[Any, bool]:
    """The type without None, and whether None was among it."""
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        kept = [each for each in typing.get_args(annotation) if each is not type(None)]
        return kept[0], len(kept) < len(typing.get_args(annotation))
    return annotation, False


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_field_is_the_sdks(table: str, field: str) -> None:
    known = load().tables[table]
    model = MODELS[table]()
    optional = False
    for step in field.split("."):
        model, optional = _inner(model.model_fields[step].annotation)
        assert model is int or hasattr(model, "model_fields")
    assert optional is (known.fields[field].nullable is not Nullable.NEVER)


def test_langchains_and_pydantic_ais_fields() -> None:
    from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
    from pydantic_ai.usage import RunUsage

    names = set(UsageMetadata.__annotations__) | {f"input_token_details.{name}" for name in InputTokenDetails.__annotations__}
    assert set(load().tables["langchain"].fields) <= names
    assert set(load().tables["pydantic-ai"].fields) <= set(RunUsage.__dataclass_fields__)
