"""What the library's bot can do."""

from llm import PROMPTS, LLMClient


class Librarian:
    def __init__(self, llm: LLMClient) -> None:
        self._llm = llm

    def recommend(self, wish: str) -> str:
        return self._llm.complete(PROMPTS["recommend"], f"Wish: {wish}", stop_sequences=["END"])
