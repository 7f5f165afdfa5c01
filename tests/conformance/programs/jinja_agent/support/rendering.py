"""The environment that all prompts are rendered with."""

import functools
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@functools.lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(
        loader=PackageLoader("support", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    env.filters["money"] = lambda cents: f"{cents} euros"
    env.globals["year_founded"] = 1987
    return env


def render(name: str, **context: Any) -> str:
    return environment().get_template(name).render(**context).strip()
