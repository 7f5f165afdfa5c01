"""What the surfaces say of classes and methods, held against the installed packages."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from auditor.knowledge import sdk
from auditor.llm import pydantic_ai
from auditor.llm.actions import ACTIONS
from auditor.llm.requests import READERS

TABLES = sdk.load()
OBJECTS = TABLES.objects

PROVIDERS = [name for name, rows in OBJECTS.makers.items() if any(row.kind == "pa-provider" for row in rows)]

# Where a name of a kind is imported from, for packages that are installed for development.
MODULES = {
    "google.genai": ("google.genai", "google.genai.types"),
    "pydantic_ai": (
        "pydantic_ai",
        "pydantic_ai.models.anthropic",
        "pydantic_ai.models.fallback",
        "pydantic_ai.models.openai",
        *(f"pydantic_ai.providers.{name.removesuffix('Provider').lower()}" for name in PROVIDERS),
    ),
    "langchain_anthropic": ("langchain_anthropic", "langchain_anthropic.middleware"),
    "langchain_openai": ("langchain_openai",),
    "langchain_core": (
        "langchain_core.messages",
        "langchain_core.prompts",
        "langchain_core.retrievers",
        "langchain_core.runnables",
        "langchain_core.runnables.history",
        "langchain_core.runnables.base",
        "langchain_core.output_parsers",
        "langchain_core.output_parsers.openai_tools",
        "langchain_core.language_models",
        "langchain_core.tools",
    ),
}

NEEDS_MORE = {"AnthropicPromptCachingMiddleware": "langchain"}

# Names that only other versions or further extras of a package have.
ELSEWHERE = frozenset(
    {"OpenAIModel", "GeminiModel", "GoogleModel", "BedrockConverseModel", "GroqModel", "MistralModel", "OpenRouterModel"}
    | {"GrokProvider", "XaiProvider"}
)


def test_every_row_leads_somewhere() -> None:
    for action in (*OBJECTS.methods.values(), *(row for rows in OBJECTS.functions.values() for row in rows)):
        assert action.does in ACTIONS
        assert action.endpoint is None or action.endpoint.arguments in READERS
        assert action.endpoint is None or action.endpoint.provider in TABLES.parameters
    kinds = {row.kind for rows in OBJECTS.makers.values() for row in rows}
    made = {row.makes for row in OBJECTS.methods.values() if row.makes}
    assert {kind for kind, _ in OBJECTS.methods} <= kinds | made


def makers() -> Iterator[tuple[str, str, Any]]:
    for name, rows in OBJECTS.makers.items():
        for row in rows:
            for package in row.packages:
                if package in MODULES:
                    yield package, name, row


@pytest.mark.parametrize(("package", "name", "maker"), list(makers()), ids=lambda value: value if isinstance(value, str) else "")
def test_makers_exist_with_their_parameters(package: str, name: str, maker: Any) -> None:
    pytest.importorskip(MODULES[package][0])
    if name in NEEDS_MORE:
        pytest.importorskip(NEEDS_MORE[name])
    if name in ELSEWHERE:
        pytest.skip(f"{name} needs another extra or version")
    found = lookup(package, name)
    assert found is not None, f"{package} has no {name}"
    parameters = inspect.signature(found).parameters
    known = {*maker.signature.parameters, *(maker.signature.rename or {})}
    catches = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    fields = getattr(found, "model_fields", {})
    aliases = {field.alias for field in fields.values()}
    assert catches or known <= {*parameters, *fields, *aliases}


def lookup(package: str, name: str) -> Any:
    """The object of that name in one of the package's modules."""
    for module in MODULES[package]:
        try:
            value: Any = importlib.import_module(module)
        except ImportError:
            continue
        for part in name.split("."):
            value = getattr(value, part, None)
        if callable(value):
            return value
    return None


def test_gemini_methods_exist() -> None:
    genai = pytest.importorskip("google.genai")
    client = genai.Client(api_key="none")
    for kind, path in OBJECTS.methods:
        if kind == "gemini-client":
            for root in (client, client.aio):
                method = root
                for name in path:
                    method = getattr(method, name)
                assert callable(method)
    chat = client.chats.create(model="gemini-3.6-flash")
    assert list(inspect.signature(chat.send_message).parameters) == ["message", "config"]
    fields = importlib.import_module("google.genai.types").GenerateContentConfig.model_fields
    assert {"system_instruction", "tools", "cached_content", "tool_config", "thinking_config"} <= set(fields)


def test_pydantic_ai_methods_and_settings_exist() -> None:
    package = pytest.importorskip("pydantic_ai")
    for kind, path in OBJECTS.methods:
        if kind == "pa-agent":
            assert callable(getattr(package.Agent, path[-1])), path
    settings = importlib.import_module("pydantic_ai.models.anthropic").AnthropicModelSettings
    assert set(pydantic_ai.EXPLICIT) <= set(settings.__annotations__)
    given = set(inspect.signature(package.Agent).parameters)
    assert {"model", "instructions", "system_prompt", "tools", "toolsets", "model_settings", "output_type"} <= given
    assert {"user_prompt", "message_history", "deps"} <= set(inspect.signature(package.Agent.run).parameters)


def test_langchain_methods_exist() -> None:
    models = pytest.importorskip("langchain_anthropic")
    runnables = importlib.import_module("langchain_core.runnables")
    prompts = importlib.import_module("langchain_core.prompts")
    classes = {
        "lc-model": models.ChatAnthropic,
        "lc-sequence": runnables.RunnableSequence,
        "lc-prompt": prompts.ChatPromptTemplate,
        "lc-text-prompt": prompts.PromptTemplate,
    }
    older = {"predict", "apredict", "predict_messages", "apredict_messages", "run", "arun", "acall", "__call__", "bind_functions"}
    of_models = {"generate", "agenerate"}
    for kind, path in OBJECTS.methods:
        if kind in classes and path[-1] not in older and not (kind == "lc-sequence" and path[-1] in of_models):
            assert callable(getattr(classes[kind], path[-1])), (kind, path)
    first = list(inspect.signature(models.ChatAnthropic.bind_tools).parameters)[1]
    assert first == "tools"
    assert list(inspect.signature(models.ChatAnthropic.with_structured_output).parameters)[1] == "schema"
