# requests: 3
"""A conversation that remembers."""

from anthropic import Anthropic


class Conversation:
    MODEL = "claude-sonnet-5-5"

    def __init__(self, persona: str) -> None:
        self._client = Anthropic()
        self.system = [{"type": "text", "text": persona, "cache_control": {"type": "ephemeral"}}]
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        response = self._client.messages.create(
            model=self.MODEL,
            max_tokens=512,
            system=self.system,
            messages=self.history,
        )
        answer = response.content[0].text
        self.history.append({"role": "assistant", "content": answer})
        return answer


def main():
    talk = Conversation("You are a patient chess teacher. Explain one idea at a time.")
    talk.say("What is a fork?")
    talk.say("And a pin?")
    talk.say("Which one should I learn first?")


if __name__ == "__main__":
    main()
