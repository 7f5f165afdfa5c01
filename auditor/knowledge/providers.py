"""Reads `providers/*.toml` and finds a model's facts by its id.

Knows the tables' shape and the spellings of model ids (dated snapshots, Bedrock and Vertex ids, routers' dotted names). Does
not know requests. The files are read on first use, once per process; a mistake in one raises `KnowledgeError` with file and key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from auditor.knowledge.build import Surface, build
from auditor.knowledge.facts import ModelFacts, Source
from auditor.knowledge.table import KnowledgeError, Table

__all__ = ["Knowledge", "KnowledgeError", "Provider", "load"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider's file. `models` stand longest id first; `fallback` is what is known of a model that is not listed."""

    name: str
    title: str
    checked: date
    sources: Mapping[str, Source]
    anchors: tuple[str, ...]
    dots_are_dashes: bool
    suffix: re.Pattern[str]
    models: tuple[ModelFacts, ...]
    fallback: ModelFacts
    surfaces: Mapping[str, Surface]
    surfaces_of: Mapping[str, str]
    delegates: tuple[str, ...]

    def find(self, model: str) -> ModelFacts | None:
        """The listed model that an id means, whatever its spelling; None where there is none."""
        spelled = self.normalise(model)
        if spelled is None:
            return None
        for facts in self.models:
            if spelled.startswith(facts.id) and self.suffix.fullmatch(spelled, len(facts.id)):
                return facts
        return None

    def normalise(self, model: str) -> str | None:
        """The id without what routers, regions and clouds put in front; None where it is no id of this provider."""
        text = model.strip().lower()
        for start in (0, *(match.end() for match in re.finditer(r"[/.:]", text))):
            if text.startswith(self.anchors, start):
                text = text[start:]
                return re.sub(r"(?<=\d)\.(?=\d)", "-", text) if self.dots_are_dashes else text
        return None

    def on(self, facts: ModelFacts, surface: str) -> ModelFacts:
        """The same model as this surface serves it."""
        rules = self.surfaces.get(surface)
        if rules is None:
            return replace(facts, surface=surface)
        caching = facts.caching if rules.caching is None else rules.caching
        if facts.id in rules.automatic_refused:
            caching = replace(caching, automatic=False)
        markers = facts.markers
        if facts.id in rules.default_ttl_only and markers is not None:
            markers = replace(markers, ttls=(markers.default_ttl,))
        minimum = rules.minimum.get(facts.id, facts.minimum)
        retired = facts.retired if surface == "api" else None  # other platforms have their own dates
        return replace(facts, surface=surface, caching=caching, markers=markers, minimum=minimum, retired=retired)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All providers by name."""

    providers: Mapping[str, Provider]

    def lookup(self, provider: str, model: str | None, surface: str = "api") -> ModelFacts | None:
        """Facts of a model; of any current model of the provider (`known=False`) where the id is None or not listed.

        None only for a provider of which nothing is known. A provider's name may also be that of a platform ("azure").
        """
        table = self.providers.get(provider)
        if table is None:
            for candidate in self.providers.values():
                if provider in candidate.surfaces_of:
                    return self.lookup(candidate.name, model, candidate.surfaces_of[provider])
            return None
        found = table.find(model) if model is not None else None
        if found is not None:
            return table.on(found, surface)
        for name in table.delegates if model is not None else ():
            other = self.providers[name]
            found = other.find(model) if model is not None else None
            if found is not None:
                return self._delegated(table, other.on(found, "bedrock"))
        return self._any(table, surface)

    def _any(self, table: Provider, surface: str) -> ModelFacts:
        """What holds of whichever current model: on a platform, those of the providers that it serves too."""
        facts = table.on(table.fallback, surface)
        bands = [facts.minimum, *(self.providers[name].fallback.minimum for name in table.delegates)]
        known = [band for band in bands if band is not None]
        if not table.delegates or not known:
            return facts
        return replace(facts, minimum=(min(low for low, _ in known), max(high for _, high in known)))

    def _delegated(self, platform: Provider, facts: ModelFacts) -> ModelFacts:
        """Another provider's model behind a platform's own request shape."""
        own = platform.fallback
        markers = own.markers
        if markers is not None and facts.markers is not None:  # the platform's words, the model's lifetimes
            markers = replace(markers, ttls=tuple(ttl for ttl in markers.ttls if ttl in facts.markers.ttls))
        return replace(facts, provider=platform.name, markers=markers, messages=own.messages, caching=own.caching)


@cache
def load() -> Knowledge:
    """Every provider file that ships with the tool.

    Raises KnowledgeError.
    """
    folder = files("auditor.knowledge") / "providers"
    tables = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    providers = {provider.name: provider for provider in map(read, tables)}
    for provider in providers.values():
        for name in provider.delegates:
            if name not in providers:
                raise KnowledgeError(f"{provider.name}.toml: delegates to {name!r}, which has no file")
    return Knowledge(providers)


def read(path: Traversable) -> Provider:
    """One provider file, checked.

    Raises KnowledgeError naming the file and the key.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path.name}: {error}") from error
    return parse(data, path.name)


def parse(data: Mapping[str, object], name: str) -> Provider:
    """A provider from the content of its file.

    Raises KnowledgeError naming the file and the key.
    """
    table = Table(data, name)
    parts = build(table)
    try:
        suffix = re.compile(table.text("suffix"))
    except re.error as error:
        raise table.error("suffix", str(error)) from error
    provider = Provider(
        name=table.text("name"),
        title=table.text("title"),
        checked=table.day("checked"),
        sources=parts.sources,
        anchors=table.texts("anchors"),
        dots_are_dashes=table.flag("dots_are_dashes"),
        suffix=suffix,
        models=parts.models,
        fallback=parts.fallback,
        surfaces=parts.surfaces,
        surfaces_of={key: str(value) for key, value in table.sub("surfaces_of").data.items()},
        delegates=table.texts("delegates", ()),
    )
    table.finish()
    return provider
