"""What the surfaces say of clients, methods and parameters, held against the packages that are installed for development.

A parameter that the package does not know any more would be read from no request: the rule that needs it would fall silent.
"""

from __future__ import annotations

import importlib
import inspect
from functools import reduce
from typing import Any

import pytest

from auditor.knowledge import sdk
from auditor.llm import bedrock, caching_options, gemini, pydantic_ai

TABLES = sdk.load()


def attribute(root: Any, path: tuple[str, ...]) -> Any:
    """What stands at the end of an attribute path, None where it breaks off."""
    return reduce(lambda value, name: getattr(value, name, None), path, root)


def signature(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters)


def parameters(family: str) -> set[str]:
    """Parameters by the names under which a call gives them: a part of one (`output_config.format`) is the whole."""
    return {name.partition(".")[0] for name in TABLES.parameters[family]}


# Anthropic and OpenAI


@pytest.mark.parametrize("cls", sorted(cls for cls in TABLES.clients if cls.split(".")[0] in {"anthropic", "openai"}))
def test_clients_exist(cls: str) -> None:
    module, _, name = cls.rpartition(".")
    if module:
        assert hasattr(importlib.import_module(module), name)
    else:
        importlib.import_module(name)


BEFORE = {"ChatCompletion"}
"""What earlier versions of a package had, and programs still call."""
ENDPOINTS = [
    endpoint for endpoint in TABLES.endpoints if endpoint.provider in {"anthropic", "openai"} and endpoint.path[0] not in BEFORE
]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.api)
def test_endpoints_exist_with_their_telling_parameters(endpoint: sdk.Endpoint) -> None:
    package = importlib.import_module(endpoint.provider)
    client = {"anthropic": "Anthropic", "openai": "OpenAI"}[endpoint.provider]
    root = getattr(package, client)(api_key="none")
    found = [method for start in (root, root.beta) if (method := attribute(start, endpoint.path)) is not None]
    assert found, endpoint.path
    assert all(endpoint.telling <= signature(method) for method in found)


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_parameters_exist_in_some_endpoint(provider: str) -> None:
    package = importlib.import_module(provider)
    root = getattr(package, {"anthropic": "Anthropic", "openai": "OpenAI"}[provider])(api_key="none")
    methods = [
        method
        for endpoint in ENDPOINTS
        for start in (root, root.beta)
        if endpoint.provider == provider and (method := attribute(start, endpoint.path)) is not None
    ]
    known = set().union(*map(signature, methods))
    assert parameters(provider) <= known
    assert set(caching_options.HEADERS) - {"headers", "default_headers"} <= known
    assert "default_headers" in signature(getattr(package, {"anthropic": "Anthropic", "openai": "OpenAI"}[provider]))


# Bedrock


@pytest.fixture(scope="module")
def runtime() -> Any:
    """Botocore's description of the Bedrock runtime."""
    loaders = pytest.importorskip("botocore.loaders")
    return loaders.Loader().load_service_model("bedrock-runtime", "service-2")


def members(runtime: Any, shape: str) -> set[str]:
    return set(runtime["shapes"][shape]["members"])


def test_bedrock_operations_exist(runtime: Any) -> None:
    botocore = pytest.importorskip("botocore")
    named = {botocore.xform_name(operation): row["input"]["shape"] for operation, row in runtime["operations"].items()}
    rows = [endpoint for endpoint in TABLES.endpoints if endpoint.provider == "bedrock"]
    assert len(rows) == 4
    for endpoint in rows:
        assert endpoint.telling <= members(runtime, named[endpoint.path[-1]])
    # In Claude's words: of InvokeModel's body, of `additionalModelRequestFields`, and what `toolConfig` says.
    in_bodies = {"thinking", "tool_choice", "output_config"}
    assert parameters("bedrock") - in_bodies <= members(runtime, named["converse"])
    assert members(runtime, named["converse"]) >= {"modelId", "messages", "system", "toolConfig", "additionalModelRequestFields"}


def test_bedrock_content_is_what_the_reader_takes_it_for(runtime: Any) -> None:
    assert set(bedrock.KINDS) <= members(runtime, "ContentBlock")
    assert {"name", "description", "inputSchema"} <= members(runtime, "ToolSpecification")
    places = {name for name, shape in runtime["shapes"].items() if bedrock.POINT in shape.get("members", ())}
    assert places == {"ContentBlock", "SystemContentBlock", "Tool"}


# Google


def test_gemini_options_are_fields_of_a_configuration() -> None:
    types = pytest.importorskip("google.genai.types")
    asked, made = (set(getattr(types, name).model_fields) for name in ("GenerateContentConfig", "CreateCachedContentConfig"))
    arguments = {"contents"}
    assert set(gemini.OPTIONS) - arguments <= asked | made
    assert parameters("gemini") <= asked | made
    assert set(gemini.CONTENT) <= asked & made
    assert {gemini.RESULTS[0], gemini.CALLS[0], "text"} <= set(types.Part.model_fields)
    assert {"role", "parts"} <= set(types.Content.model_fields)
    assert {"name", "model"} <= set(types.CachedContent.model_fields)


# LangChain, pydantic-ai, LiteLLM


def test_langchain_parameters_are_fields_or_arguments_of_its_models() -> None:
    ours, theirs = pytest.importorskip("langchain_anthropic"), pytest.importorskip("langchain_openai")
    fields = set(ours.ChatAnthropic.model_fields) | set(theirs.ChatOpenAI.model_fields)
    bound = signature(ours.ChatAnthropic.bind_tools) | signature(theirs.ChatOpenAI.bind_tools)
    sent = parameters("anthropic") | parameters("openai")  # `invoke` hands them on
    of_google = {"cached_content"}
    assert parameters("langchain") - of_google <= fields | bound | sent | {"cache_control"}
    assert {"default_headers", "model_kwargs", "betas"} <= fields


def test_pydantic_ai_parameters_are_settings() -> None:
    anthropic = pytest.importorskip("pydantic_ai.models.anthropic")
    openai = pytest.importorskip("pydantic_ai.models.openai")
    common = importlib.import_module("pydantic_ai.settings").ModelSettings
    known: set[str] = set()
    for settings in (
        common,
        anthropic.AnthropicModelSettings,
        openai.OpenAIChatModelSettings,
        openai.OpenAIResponsesModelSettings,
    ):
        known |= set(inspect.get_annotations(settings)) | set(settings.__annotations__)
    of_google = {"google_cached_content"}
    assert {pydantic_ai.SETTINGS.get(name, name) for name in parameters("pydantic_ai")} - of_google <= known


def test_litellm_parameters_are_those_of_completion() -> None:
    litellm = pytest.importorskip("litellm")
    known = signature(litellm.completion) | set(litellm.get_supported_openai_params("gpt-5.6") or ())
    handed_on = {"cache_control_injection_points", "prompt_cache_options"}
    assert parameters("litellm") - handed_on <= known
