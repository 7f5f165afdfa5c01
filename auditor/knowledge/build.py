"""From the tables of a provider file to facts. Knows the file's shape; does not know where files are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from auditor.knowledge.facts import Band, Caching, Invalidation, Markers, Mode, ModelFacts, Obsolete, Option, Prices, Source
from auditor.knowledge.table import Table

SECTIONS = ("tools", "system", "messages")


@dataclass(frozen=True, slots=True)
class Surface:
    """What one way of reaching the provider does differently; None where it does nothing of its own."""

    caching: Caching | None
    automatic_refused: frozenset[str]
    default_ttl_only: frozenset[str]  # models whose entries live as long as they do by default, and no longer
    minimum: Mapping[str, Band]


@dataclass(frozen=True, slots=True)
class Rules:
    """One generation of a provider's rules."""

    name: str
    caching: Caching
    markers: Markers | None
    minimum: Band | None
    write: Mapping[str, float]
    read: float | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What `build` makes of a file."""

    sources: Mapping[str, Source]
    models: tuple[ModelFacts, ...]
    fallback: ModelFacts
    surfaces: Mapping[str, Surface]


def build(table: Table) -> Parts:
    """Sources, models (longest id first), the fallback for unlisted models, and surfaces. Raises KnowledgeError."""
    sources = dict(read_sources(table))
    base = read_rules(table, "", sources)
    generations = {"": base}
    for name, sub in table.subs("generations"):
        generations[name] = read_rules(sub, name, sources)
        sub.finish()
    general, particular = read_invalidation(table, sources)
    shared = ModelFacts(
        provider=table.text("name"),
        surface="api",
        id="",
        title=table.text("title"),
        known=False,
        caching=base.caching,
        markers=base.markers,
        minimum=base.minimum,
        prices=None,
        long_prices=None,
        tokenizer=table.text("tokenizer"),
        tool_prompt=None,
        retired=None,
        keeps_thinking=False,
        generation="",
        invalidation=general,
        options={item.name: item for item in read_options(table, sources, generations)},
        obsolete={(item.kind, item.name): item for item in read_obsolete(table, sources)},
        messages=read_messages(table, sources),
        write_multipliers=base.write,
        read_multiplier=base.read,
    )
    models = tuple(read_model(item, shared, generations, sources) for item in table.each("models"))
    ids = [model.id for model in models]
    for name in particular.keys() - set(ids):
        raise table.error("invalidation", f"{name!r} is not listed under [[models]]")
    models = tuple(replace(model, invalidation={**general, **particular.get(model.id, {})}) for model in models)
    for name in ids:
        if ids.count(name) > 1:
            raise table.error("models", f"{name!r} stands there twice")
    surfaces = {name: read_surface(sub, base.caching, sources, ids) for name, sub in table.subs("surfaces")}
    fallback = replace(shared, minimum=band_over(models, table.day("checked")) or base.minimum)
    # Of a model whose minimum no source tells, it is one like the others'.
    models = tuple(replace(model, minimum=model.minimum or fallback.minimum) for model in models)
    return Parts(sources, tuple(sorted(models, key=lambda model: (-len(model.id), model.id))), fallback, surfaces)


def band_over(models: tuple[ModelFacts, ...], today: date) -> Band | None:
    """The span of the minimums of all models that are not retired."""
    bands = [model.minimum for model in models if model.minimum and (model.retired is None or model.retired > today)]
    return (min(low for low, _ in bands), max(high for _, high in bands)) if bands else None


def read_sources(table: Table) -> list[tuple[str, Source]]:
    found = []
    for key, sub in table.subs("sources"):
        found.append((key, Source(key, sub.text("title"), sub.day("date"), sub.text("url", ""))))
        sub.finish()
    return found


def read_rules(table: Table, name: str, sources: Mapping[str, Source]) -> Rules:
    """A generation's rules: for the base they stand under [caching], else in the generation's own table."""
    own = table.sub("caching") if not name else table
    caching, minimum = read_caching(own, sources)
    markers = read_markers(table.sub("markers"), sources) if "markers" in table else None
    write: Mapping[str, float] = {}
    read = None
    if "multipliers" in table:
        multipliers = table.sub("multipliers")
        multipliers.cited(sources)
        write, read = read_writes(multipliers), multipliers.maybe_number("read")
        multipliers.finish()
    if not name:
        own.finish()
    return Rules(name, caching, markers, minimum, write, read)


def read_caching(table: Table, sources: Mapping[str, Source]) -> tuple[Caching, Band | None]:
    table.cited(sources)
    order = table.texts("order", SECTIONS)
    if sorted(order) != sorted(SECTIONS):
        raise table.error("order", f"must name each of {', '.join(SECTIONS)} once")
    caching = Caching(
        mode=read_mode(table),
        order=order,
        automatic=table.flag("automatic", False),
        lookback=table.maybe_whole("lookback"),
        run_kinds=frozenset(table.texts("run_kinds", ())),
        increment=table.maybe_whole("increment") or 1,
        writes=table.maybe_whole("writes"),
        lives={name: str(span) for name, span in table.sub("lives").data.items()},
    )
    return caching, read_band(table, sources)


def read_mode(table: Table) -> Mode:
    try:
        return Mode(table.text("mode"))
    except ValueError:
        raise table.error("mode", f"must be one of {', '.join(Mode)}") from None


def read_band(table: Table, sources: Mapping[str, Source], key: str = "minimum") -> Band | None:
    if key not in table:
        return None
    sub = table.sub(key)
    sub.cited(sources)
    return band(sub)


def band(table: Table) -> Band:
    value = table.data.get("tokens")
    match value:
        case [int() as low, int() as high] if 0 < low <= high:
            return low, high
        case _:
            raise table.error("tokens", "must be [low, high] with 0 < low <= high")


def read_markers(table: Table, sources: Mapping[str, Source]) -> Markers:
    table.cited(sources)
    markers = Markers(
        types=table.texts("types"),
        ttls=table.texts("ttls"),
        default_ttl=table.text("default_ttl"),
        sections=section_set(table, "sections"),
        maximum=table.maybe_whole("maximum"),
        longer_first=table.flag("longer_first", False),
        refused_kinds=frozenset(table.texts("refused_kinds", ())),
        refuses_empty_text=table.flag("refuses_empty_text", False),
        refuses_deferred=table.flag("refuses_deferred", False),
        hoists_last_nested=table.flag("hoists_last_nested", False),
    )
    if markers.default_ttl not in markers.ttls:
        raise table.error("default_ttl", "is not one of ttls")
    table.finish()
    return markers


def section_set(table: Table, key: str, default: object = ...) -> frozenset[str]:
    names = frozenset(table.texts(key, default))
    if not names <= frozenset(SECTIONS):
        raise table.error(key, f"must hold only {', '.join(SECTIONS)}")
    return names


def read_invalidation(
    table: Table, sources: Mapping[str, Source]
) -> tuple[dict[str, Invalidation], dict[str, dict[str, Invalidation]]]:
    """By parameter what holds of all models, and by model what is known of that one."""
    general: dict[str, Invalidation] = {}
    particular: dict[str, dict[str, Invalidation]] = {}
    for item in table.each("invalidation"):
        item.cited(sources)
        lost, some = section_set(item, "lost"), section_set(item, "model_specific", ())
        default = item.text("default", "") or None
        rule = Invalidation(item.text("parameter"), lost, some, default)
        models = item.texts("models", ())
        for held in [particular.setdefault(model, {}) for model in models] or [general]:
            if rule.parameter in held:
                raise item.error("parameter", f"{rule.parameter!r} stands there twice")
            held[rule.parameter] = rule
        item.finish()
    return general, particular


def read_options(table: Table, sources: Mapping[str, Source], generations: Mapping[str, Rules]) -> list[Option]:
    found = []
    for name, sub in table.subs("options"):
        sub.cited(sources)
        option = Option(
            name,
            sub.texts("values", ()),
            sub.flag("deprecated", False),
            sub.text("generation", ""),
            sub.text("until", ""),
            sub.text("instead", ""),
            read_refused(sub, table),
            read_fields(sub),
        )
        for key, generation in (("generation", option.generation), ("until", option.until)):
            if generation not in generations:
                raise sub.error(key, f"{generation!r} has no rules")
        found.append(option)
        sub.finish()
    return found


def read_refused(option: Table, table: Table) -> dict[str, frozenset[str]]:
    """Models that refuse an option, by its value."""
    listed = {str(model.data.get("id")) for model in table.each("models")}
    found: dict[str, frozenset[str]] = {}
    sub = option.sub("refused")
    for value in sub.data:
        found[value] = frozenset(sub.texts(value))
        for name in found[value] - listed:
            raise sub.error(value, f"{name!r} is not the id of a listed model")
    return found


def read_fields(option: Table) -> dict[str, dict[str, tuple[str, ...]]]:
    """Values of an option's fields: under "*" those of all APIs, under the beginning of an API's name those of it alone."""
    found = {}
    for api, sub in option.subs("fields"):
        found["" if api == "*" else api] = {name: sub.texts(name) for name in sub.data}
        sub.finish()
    return found


def read_obsolete(table: Table, sources: Mapping[str, Source]) -> list[Obsolete]:
    found = []
    for item in table.each("obsolete"):
        item.cited(sources)
        words, advice = item.text("words"), item.text("advice")
        found.append(
            Obsolete(item.text("kind"), item.text("name"), item.day("since"), item.flag("removed", False), words, advice)
        )
        item.finish()
    return found


def read_messages(table: Table, sources: Mapping[str, Source]) -> dict[str, str]:
    found = {}
    for name, sub in table.subs("messages"):
        sub.cited(sources)
        found[name] = sub.text("text")
        sub.finish()
    return found


def read_surface(table: Table, caching: Caching, sources: Mapping[str, Source], ids: list[str]) -> Surface:
    table.text("title")
    table.cited(sources)
    refused = frozenset(table.texts("automatic_refused", ()))
    shortest = frozenset(table.texts("default_ttl_only", ()))
    minimum = {}
    for name, sub in table.subs("minimum"):
        sub.cited(sources)
        minimum[name] = band(sub)
    for name in (*refused, *shortest, *minimum):
        if name not in ids:
            raise table.error(name, "is not the id of a listed model")
    own = replace(caching, mode=read_mode(table)) if "mode" in table else None
    table.finish()
    return Surface(own, refused, shortest, minimum)


def read_model(table: Table, shared: ModelFacts, generations: Mapping[str, Rules], sources: Mapping[str, Source]) -> ModelFacts:
    name = table.text("generation", "")
    if name not in generations:
        raise table.error("generation", f"{name!r} has no rules")
    rules = generations[name]
    cited: tuple[str, ...] = ()
    for key in ("minimum", "price", "long_price", "tool_prompt", "retired"):
        if key in table:
            cited += table.sub(key).cited(sources)
    long_price = table.sub("long_price")
    tool_prompt = table.sub("tool_prompt")
    model = replace(
        shared,
        id=table.text("id"),
        title=table.text("title", table.text("id")),
        known=True,
        caching=rules.caching,
        markers=rules.markers,
        minimum=read_band(table, sources) or rules.minimum,
        prices=read_prices(table.sub("price")) if "price" in table else None,
        long_prices=(long_price.whole("above"), read_prices(long_price)) if "long_price" in table else None,
        tokenizer=table.text("tokenizer", shared.tokenizer),
        tool_prompt=(tool_prompt.whole("auto"), tool_prompt.maybe_whole("forced")) if "tool_prompt" in table else None,
        retired=table.sub("retired").day("on") if "retired" in table else None,
        keeps_thinking=table.flag("keeps_thinking", False),
        generation=name,
        write_multipliers=rules.write,
        read_multiplier=rules.read,
        sources=tuple(dict.fromkeys(cited)),
    )
    table.finish()
    return model


def read_prices(table: Table) -> Prices:
    return Prices(table.number("input"), table.number("output"), table.maybe_number("read"), read_writes(table))


def read_writes(table: Table) -> dict[str, float]:
    sub = table.sub("write")
    return {ttl: sub.number(ttl) for ttl in sub.data}
