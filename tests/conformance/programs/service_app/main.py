# requests: 2
"""Entry point."""

from bot.service import Librarian
from llm import LLMClient

librarian = Librarian(LLMClient())
for wish in ["a short novel about the sea", "something on bees"]:
    print(librarian.recommend(wish))
