"""The study assistant as it was first written."""

from __future__ import annotations

from dataclasses import dataclass

from openai import OpenAI
from prompts import TUTOR_GUIDE


@dataclass(frozen=True)
class Learner:
    name: str
    course: str


class Assistant:
    """Answers one learner's questions."""

    def __init__(self, client: OpenAI, learner: Learner) -> None:
        self.client = client
        self.learner = learner

    def answer(self, question: str) -> str:
        completion = self.client.chat.completions.create(
            model="gpt-5.5",
            messages=[
                {
                    "role": "system",
                    "content": f"You are talking to {self.learner.name} from the course {self.learner.course}.\n\n{TUTOR_GUIDE}",
                },
                {"role": "user", "content": question},
            ],
        )
        return completion.choices[0].message.content or ""


def main() -> None:
    client = OpenAI()
    for learner in (Learner("Amira", "Algebra I"), Learner("Tomasz", "English B1"), Learner("Ruth", "Accounting")):
        assistant = Assistant(client, learner)
        print(assistant.answer("Where do I begin?"))


if __name__ == "__main__":
    main()
