"""Model objects that agents of an SDK are made with: which model it is, and whose, where its requests go.

A model of pydantic-ai speaks to a provider's object (`OpenAIChatModel("deepseek-chat", provider=DeepSeekProvider())`), one of the
Agents SDK to a client; a chain of fallbacks asks the first one first. Knows objects, not requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.llm.configured import ADDRESSED, kind_of
from auditor.values.domain import Choice, ExternalObject, Value

if TYPE_CHECKING:
    from auditor.llm.configured import Call

CLIENTS = ("openai_client", "anthropic_client")


def first(call: Call, model: Value | None) -> Value | None:
    """The model that a chain of fallbacks asks first, or the model itself."""
    for _ in range(call.machine.limits.depth):
        found = kind_of(call.ear.sdk.objects, model.cls) if isinstance(model, ExternalObject) else None
        if found is None or found[0] != "pa-fallback" or not isinstance(model, ExternalObject) or model.arguments is None:
            break
        model = model.arguments.get(0, "default_model")
    return model


def host(call: Call, model: Value | None) -> tuple[str, str]:
    """Provider and surface of a model object; both empty where it does not say."""
    if isinstance(model, Choice):
        sides = {host(call, model.then), host(call, model.otherwise)}
        return sides.pop() if len(sides) == 1 else ("", "")
    if not isinstance(model, ExternalObject) or model.arguments is None:
        return "", ""
    found = kind_of(call.ear.sdk.objects, model.cls)
    provider, surface = (found[1].provider, found[1].surface) if found is not None else ("", "")
    if provider not in ADDRESSED:
        return provider, surface
    behind = model.arguments.keyword("provider")
    name = known.text_of(behind) if behind is not None else None
    if name:
        return _named(call, name, provider, surface)
    return _behind(call, behind if behind is not None else model, provider, surface)


def _named(call: Call, name: str, provider: str, surface: str) -> tuple[str, str]:
    """`provider="deepseek"`."""
    if name == "azure":
        return "openai", "azure"
    meant = call.ear.sdk.objects.model_providers.get(name, name)
    return (provider, surface) if meant == provider else (meant, "compatible")


def _behind(call: Call, value: Value, provider: str, surface: str) -> tuple[str, str]:
    """Where a provider's object, or a model with a client, sends its requests."""
    if not isinstance(value, ExternalObject) or value.arguments is None:
        return provider, surface
    found = kind_of(call.ear.sdk.objects, value.cls)
    if found is not None and found[0] == "pa-provider":
        provider, surface = found[1].provider, found[1].surface
    given = next((one for name in CLIENTS if (one := value.arguments.keyword(name)) is not None), None)
    client = given if isinstance(given, ExternalObject) else value
    if "Azure" in client.cls:
        return provider, "azure"
    return call.ear.host(call.machine, client, provider, surface) if provider in ADDRESSED else (provider, surface)
