# requests: 2
"""Adapt recipes from the command line."""

import anthropic
import config
from prompts import ALLERGEN_NOTE
from prompts import SYSTEM as SYSTEM_PROMPT

client = anthropic.Anthropic()


def adapt(recipe: str, wish: str):
    return client.messages.create(
        model=config.MODEL,
        max_tokens=config.MAX_TOKENS,
        system=[
            {"type": "text", "text": SYSTEM_PROMPT},
            {"type": "text", "text": ALLERGEN_NOTE, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ],
        messages=[{"role": "user", "content": f"{recipe}\n\nMake it {wish}."}],
    )


for wish in ("vegan", "for twelve people"):
    adapt("Pancakes: 250 g flour, 500 ml milk, 2 eggs.", wish)
