"""Caching options beside the content: attributes on the way to the call, and beta names in headers.

Says what is written, not what it is worth: that is for `auditor.knowledge` and for rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.llm.extract import is_absent, known, mapping, place_of
from auditor.llm.request import CachingOption
from auditor.places import Place
from auditor.values.domain import Frozen, FrozenAlt, FrozenItem, FrozenList, FrozenSpread
from auditor.values.text import Text

HEADERS = ("extra_headers", "default_headers", "headers")
BETAS = ("betas", "anthropic_beta")
BETA_HEADER = "anthropic-beta"


def of(through: Iterable[str], arguments: Mapping[str, Frozen], place: Place) -> tuple[CachingOption, ...]:
    """The options of one call, each once."""
    found = [CachingOption("attribute", name, place) for name in through]
    found += [option for name in HEADERS for option in _of_headers(arguments.get(name), place)]
    found += [option for name in BETAS for option in _betas(arguments.get(name), place)]
    return tuple(dict.fromkeys(found))


def _of_headers(headers: Frozen | None, place: Place) -> Iterator[CachingOption]:
    found = mapping(headers)
    for name in (BETA_HEADER, "Anthropic-Beta"):
        if found is not None:
            yield from _betas(found.get(name), found.place or place)


def _betas(value: FrozenItem | None, place: Place) -> Iterator[CachingOption]:
    """The names in a list of betas, or in one header that lists them with commas."""
    match value:
        case FrozenList(items):
            for item in items:
                yield from _betas(item, value.place or place)
        case FrozenSpread(_, elements) | FrozenAlt(_, elements, _):
            for element in elements:
                yield from _betas(element, place)
        case Text() if not is_absent(value):
            written = known(value) or value.literal
            for name in written.split(","):
                if name.strip():
                    yield CachingOption("header", name.strip(), place_of(value, place))
        case _:
            return
