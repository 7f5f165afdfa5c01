# requests: 2
"""Write product descriptions; the prompt is put together in every way that Python offers."""

import textwrap
from string import Template

import anthropic

BRAND = "Nordwind"
INTRO = "You write product texts for {brand}, a maker of {goods}.".format(brand=BRAND, goods="rain jackets")
LENGTH = "Write at most %d words in a %s voice. Use 100%% plain language." % (60, "calm")
CLOSING = Template("End with the line '$claim' and nothing else. It costs $$0.").substitute(claim="Made for weather.")
RULES = textwrap.dedent("""\
    Rules:
      * no superlatives
      * no exclamation marks
    """)


def system_prompt(market: str) -> str:
    parts = [INTRO, LENGTH, RULES.rstrip()]
    parts.append(CLOSING)
    text = "\n".join(parts)
    text += "\nMarket: " + market.upper()
    return text.replace("rain jackets", "rain coats")


client = anthropic.Anthropic()
for product in ("Fjord", "Skagen"):
    client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=300,
        system=system_prompt("de"),
        messages=[{"role": "user", "content": "Product: {!r:>12}".format(product)}],
    )
