"""What caching costs and saves: dollars at the model's prices, and after how many reads a write has paid.

Sums are estimates (the middle of the token intervals). Unknown prices give None, never a guess.
"""

from __future__ import annotations

from math import ceil

from auditor.cache.outcome import Billing, TokenCount
from auditor.cache.traffic import UNSTATED, Traffic, share
from auditor.findings import Saving
from auditor.knowledge.facts import ModelFacts, Prices
from auditor.llm.request import Repetition
from auditor.values.moment import seconds_of

MILLION = 1_000_000
SHORTEST = 300.0  # seconds that a cache lives which nobody states a lifetime of
TURN_TOKENS = 300  # of a turn of a conversation, question and answer, of which the code does not say how long it is


def prices_for(facts: ModelFacts, tokens: int) -> Prices | None:
    """The prices of a request of that many input tokens: some models cost more when it is long."""
    if facts.long_prices is not None and tokens > facts.long_prices[0]:
        return facts.long_prices[1]
    return facts.prices


def write_price(prices: Prices, ttl: str | None = None) -> float:
    """Dollars per million tokens written; the price of input where writing is free of charge."""
    if not prices.write:
        return prices.input
    return prices.write[ttl] if ttl is not None and ttl in prices.write else min(prices.write.values())


def break_even(facts: ModelFacts | None, ttl: str | None = None) -> int | None:
    """How many reads pay for one write: the write premium over the read discount, rounded up. 0 where writing is free;
    None where a price is unknown."""
    if facts is None or facts.prices is None or facts.prices.read is None:
        return None
    premium = write_price(facts.prices, ttl) - facts.prices.input
    discount = facts.prices.input - facts.prices.read
    if premium <= 0:
        return 0
    return ceil(premium / discount - 1e-9) if discount > 0 else None


def break_even_in_words(facts: ModelFacts | None, ttl: str | None = None) -> str:
    """What a write costs and when it has paid, as the end of a sentence; that the prices are unknown where they are."""
    reads = break_even(facts, ttl)
    if facts is None or facts.prices is None or reads is None:
        return "what writing costs is not known for this model"
    times = write_price(facts.prices, ttl) / facts.prices.input
    if not reads:
        return "writing costs nothing extra"
    return f"a write costs {times:g} times the input price and has paid after {reads} read{'s' if reads > 1 else ''}"


def saving(
    lost: TokenCount,
    facts: ModelFacts | None,
    repetition: Repetition,
    ttl: str | None = None,
    written: bool = False,
    traffic: Traffic = UNSTATED,
    personal: bool = False,
) -> Saving | None:
    """What 1,000 requests would save if `lost` tokens of each were served from the cache.

    Those that come too late for it pay for writing. `written`: these tokens are written on every request today, so that the
    write premium is saved as well. `personal`: only requests of one user share them. None where a price is unknown or nothing
    is saved.
    """
    if facts is None or lost.estimate <= 0:
        return None
    prices = prices_for(facts, lost.estimate)
    if prices is None or prices.read is None:
        return None
    default = facts.markers.default_ttl if facts.markers is not None else ""
    read, assumption = share(repetition, seconds_of(ttl or default) or SHORTEST, traffic, personal)
    writing = write_price(prices, ttl)
    now = writing if written else prices.input
    usd = (now - (1 - read) * writing - read * prices.read) * lost.estimate * 1000 / MILLION
    if usd <= 0:
        return None
    assumed = f"{lost.estimate:,} tokens a request at ${prices.input:g} per million, read at ${prices.read:g}"
    return Saving(usd, lost.estimate, f"{assumed}; {assumption}")


def rewrites(lost: TokenCount, facts: ModelFacts | None, times: float, assumption: str, ttl: str | None = None) -> Saving | None:
    """What 1,000 requests would save if `lost` tokens were not written anew `times` of them, but read; None where a price is
    unknown or nothing is saved."""
    prices = prices_for(facts, lost.estimate) if facts is not None else None
    if prices is None or prices.read is None or lost.estimate <= 0 or times <= 0:
        return None
    writing = write_price(prices, ttl)
    usd = (writing - prices.read) * lost.estimate * times / MILLION
    if usd <= 0:
        return None
    return Saving(
        usd, lost.estimate, f"{lost.estimate:,} tokens at ${writing:g} per million instead of ${prices.read:g}; {assumption}"
    )


def held_turns(turns: float) -> int:
    """Tokens of earlier turns that a request has behind it: half of a whole conversation."""
    return round(TURN_TOKENS * max(0.0, turns - 1) / 2)


def history(facts: ModelFacts | None, turns: float, ttl: str | None = None, written: bool = False) -> Saving | None:
    """What 1,000 requests of conversations would save if earlier turns were read from the cache; None where a price is unknown.

    How long turns are the code does not say: they are taken to have `TURN_TOKENS`, and a request half of a whole conversation
    behind it. `written`: earlier turns are written anew with each request today, else they are processed at the input price and
    writing each turn once would be new.
    """
    held = held_turns(turns)
    prices = prices_for(facts, held) if facts is not None else None
    if prices is None or prices.read is None:
        return None
    writing = write_price(prices, ttl)
    once = 0.0 if written else TURN_TOKENS * (writing - prices.input)
    usd = (held * ((writing if written else prices.input) - prices.read) - once) * 1000 / MILLION
    if usd <= 0:
        return None
    now = writing if written else prices.input
    assumed = f"{held:,} tokens of earlier turns a request at ${now:g} per million, read at ${prices.read:g}"
    return Saving(usd, held, f"{assumed}; {turns:g} turns a conversation of {TURN_TOKENS} tokens each")


def premium(tokens: TokenCount, facts: ModelFacts | None, ttl: str | None = None) -> Saving | None:
    """What 1,000 requests pay more for writing `tokens` than for sending them; None where unknown or nothing."""
    prices = prices_for(facts, tokens.estimate) if facts is not None else None
    if prices is None or write_price(prices, ttl) <= prices.input or tokens.estimate <= 0:
        return None
    usd = (write_price(prices, ttl) - prices.input) * tokens.estimate * 1000 / MILLION
    written = (
        f"{tokens.estimate:,} tokens a request written at ${write_price(prices, ttl):g} per million instead of ${prices.input:g}"
    )
    return Saving(usd, tokens.estimate, f"{written}; none of them is read")


def cost(billing: Billing, facts: ModelFacts | None, ttl: str | None = None) -> float | None:
    """Dollars for the input of one request; None where a price is unknown."""
    if facts is None:
        return None
    tokens = billing.read.estimate + billing.written.estimate + billing.uncached.estimate
    prices = prices_for(facts, tokens)
    if prices is None or (prices.read is None and billing.read.estimate):
        return None
    read = billing.read.estimate * (prices.read or 0.0)
    written = billing.written.estimate * write_price(prices, ttl)
    return (read + written + billing.uncached.estimate * prices.input) / MILLION
