"""What the parts of an answer are, held against the classes of the installed SDKs."""

from __future__ import annotations

import types
import typing

import anthropic.types
import openai.types
import openai.types.chat
import openai.types.responses
import pydantic
import pytest

from auditor.knowledge import answers

OWNERS: dict[str, tuple[type[pydantic.BaseModel], ...]] = {
    "choices[].message.content": (openai.types.chat.ChatCompletion,),
    "choices[].message.refusal": (openai.types.chat.ChatCompletion,),
    "choices[].message.role": (openai.types.chat.ChatCompletion,),
    "choices[].delta.content": (openai.types.chat.ChatCompletionChunk,),
    "choices[].text": (openai.types.Completion,),
    "content": (anthropic.types.Message,),
    "content[].text": (anthropic.types.Message,),
}
"""Each path in the answers of which SDK it stands; the others are properties, or mappings that botocore gives."""


def _alternatives(annotation: object) -> list[object]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(annotation) for one in _alternatives(part)]
    if isinstance(annotation, typing.TypeAliasType if hasattr(typing, "TypeAliasType") else ()):
        return _alternatives(annotation.__value__)
    return [annotation]


def _kinds(owner: type[pydantic.BaseModel], path: str) -> set[str]:
    """Names of the builtin types that stand at a path of a model. Of a list's items, not all classes need have the part."""
    at: list[object] = [owner]
    for name in path.replace("[]", ".[]").split("."):
        if name == "[]":
            at = [one for each in at for item in typing.get_args(each) for one in _alternatives(item)]
        else:
            models = [each for each in at if isinstance(each, type) and issubclass(each, pydantic.BaseModel)]
            at = [
                one for each in models if name in each.model_fields for one in _alternatives(each.model_fields[name].annotation)
            ]
    found: set[str] = set()
    for one in at:
        origin = typing.get_origin(one) or one
        if one is type(None):
            found.add("none")
        elif origin is typing.Literal:
            found.update(type(value).__name__ for value in typing.get_args(one))
        elif isinstance(origin, type):
            found.add(origin.__name__)
    return found


@pytest.mark.parametrize("path", OWNERS)
def test_parts_are_what_the_sdk_says(path: str) -> None:
    for owner in OWNERS[path]:
        assert _kinds(owner, path) == answers.kinds_of(f"{answers.ANSWER}.{path}")


def test_text_of_a_response_is_a_property() -> None:
    hints = typing.get_type_hints(typing.cast("property", openai.types.responses.Response.output_text).fget)
    assert hints["return"].__name__ in answers.kinds_of(f"{answers.ANSWER}.output_text")
