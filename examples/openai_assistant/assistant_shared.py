"""The same assistant with everything that is shared in front."""

from __future__ import annotations

import logging

from assistant import Learner
from openai import OpenAI
from prompts import TUTOR_GUIDE

log = logging.getLogger(__name__)


class SharedPrefixAssistant:
    """The guide is the same for all learners; who is talking stands in the learner's own message."""

    def __init__(self, client: OpenAI, learner: Learner) -> None:
        self.client = client
        self.learner = learner

    def answer(self, question: str) -> str:
        response = self.client.responses.create(
            model="gpt-6-sol",
            prompt_cache_key="study-assistant",
            input=[
                {"role": "developer", "content": TUTOR_GUIDE},
                {
                    "role": "user",
                    "content": f"I am {self.learner.name} from the course {self.learner.course}. {question}",
                },
            ],
        )
        if response.usage is not None:
            log.info("%d tokens from the cache", response.usage.input_tokens_details.cached_tokens)
        return response.output_text


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    client = OpenAI()
    for learner in (Learner("Amira", "Algebra I"), Learner("Tomasz", "English B1")):
        print(SharedPrefixAssistant(client, learner).answer("Where do I begin?"))


if __name__ == "__main__":
    main()
