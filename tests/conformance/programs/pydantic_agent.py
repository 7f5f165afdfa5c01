# requests: 10
# needs: pydantic_ai anthropic
"""A bakery's agents: literal and computed instructions, tools, caching settings, a conversation."""

from dataclasses import dataclass

from pydantic_ai import Agent, RunContext
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings

HOUSE = "You advise the customers of a bakery. Be warm. " * 60


@dataclass
class Customer:
    name: str


baker = Agent(
    "anthropic:claude-sonnet-4-5",
    deps_type=Customer,
    instructions=HOUSE,
    model_settings=AnthropicModelSettings(anthropic_cache_instructions=True, anthropic_cache_tool_definitions="1h"),
)


@baker.instructions
def greet(ctx: RunContext[Customer]) -> str:
    return f"The customer is {ctx.deps.name}."


@baker.tool_plain
def opening_hours(day: str) -> str:
    """When the shop is open."""
    return "7 to 6"


@baker.tool(retries=1)
def stock(ctx: RunContext[Customer], item: str) -> str:
    """How much is left."""
    return "three"


def advise(name: str, question: str) -> str:
    return baker.run_sync(question, deps=Customer(name)).output


judge = Agent(AnthropicModel("claude-haiku-4-5"), system_prompt=["You judge bread.", "Be strict."])


@judge.system_prompt
def scale() -> str:
    return "Give marks from 1 to 10."


chatter = Agent("anthropic:claude-sonnet-4-5", instructions=HOUSE, model_settings={"anthropic_cache": True})

for question in ("When do you open?", "Is there rye left?"):
    print(advise("Ines", question))
for loaf in ("rye", "spelt"):
    print(judge.run_sync(["This is the bread:", loaf]).output)
first = chatter.run_sync("Hello!")
print(chatter.run_sync("And tomorrow?", message_history=first.all_messages()).output)
