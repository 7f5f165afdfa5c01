# requests: 3
# needs: langchain_anthropic
"""Greetings, one after the other, with a tool that is made of a function."""

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.tools import tool


@tool
def weather(city: str) -> str:
    """Today's weather in a city."""
    return "sunny"


model = ChatAnthropic(model="claude-sonnet-4-5", max_tokens=200).bind_tools([weather])
cities = ["Lisbon", "Riga", "Oslo"]
answers = model.batch([[SystemMessage("Be polite."), HumanMessage(f"Greet {city}.")] for city in cities], config={"max_concurrency": 1})
print(len(answers))
