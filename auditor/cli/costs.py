"""What a call site's input costs, for the report: the mean of its replayed requests, with and without the cache."""

from __future__ import annotations

from auditor.cache.money import cost
from auditor.cache.outcome import ZERO, Billing, Simulation
from auditor.reporting.sites import Costs


def costs(simulation: Simulation) -> Costs | None:
    """Dollars per 1,000 requests; None where a price is unknown or the requests could not be read."""
    if not simulation.billing or simulation.replay.first.opaque:
        return None
    cached, plain = [], []
    for bill in simulation.billing:
        cached.append(cost(bill, simulation.facts))
        plain.append(cost(Billing(ZERO, ZERO, bill.read + bill.written + bill.uncached), simulation.facts))
    if None in cached or None in plain:
        return None
    number = len(simulation.billing)
    words = "one replayed request" if number == 1 else f"the mean of {number} replayed requests"
    return Costs(
        1000 * sum(value or 0.0 for value in cached) / number,
        1000 * sum(value or 0.0 for value in plain) / number,
        f"input only, {words} ({simulation.replay.repetition.value}), values of unknown length as estimated",
    )
