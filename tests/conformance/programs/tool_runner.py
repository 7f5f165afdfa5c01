# requests: 3
"""The SDK's tool runner does the loop."""

import anthropic
from anthropic import beta_tool

client = anthropic.Anthropic()


@beta_tool
def get_departures(station: str, limit: int = 5) -> str:
    """List the next departures of a station.

    Args:
        station: The name of the station.
        limit: How many departures to list.
    """
    return "\n".join(f"{station}: line {number} in {number * 3} minutes" for number in range(1, limit + 1))


runner = client.beta.messages.tool_runner(
    model="claude-sonnet-5-5",
    max_tokens=800,
    system="You plan journeys by tram.",
    tools=[get_departures],
    messages=[{"role": "user", "content": "When does the next tram leave Lisbon Cais do Sodré?"}],
)
for message in runner:
    print(message.stop_reason)
