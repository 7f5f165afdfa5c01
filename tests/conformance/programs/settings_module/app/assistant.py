from anthropic import Anthropic

from .config import Settings


class Assistant:
    def __init__(self, settings: Settings, client: Anthropic | None = None) -> None:
        self._settings = settings
        self._client = client if client is not None else Anthropic()

    def answer(self, question: str) -> str:
        config = self._settings
        return (
            self._client.messages.create(
                model=config.model,
                max_tokens=config.limits.tokens,
                system=config.system,
                messages=[{"role": "user", "content": question}],
            )
            .content[0]
            .text
        )
