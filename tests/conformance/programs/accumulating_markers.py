# requests: 3
"""Every turn leaves its marker behind."""

import anthropic


class Tutor:
    def __init__(self):
        self.client = anthropic.Anthropic()
        self.messages = []

    def ask(self, question):
        self.messages.append(
            {
                "role": "user",
                "content": [{"type": "text", "text": question, "cache_control": {"type": "ephemeral"}}],
            }
        )
        response = self.client.messages.create(
            model="claude-sonnet-5-5",
            max_tokens=400,
            system=[
                {"type": "text", "text": "You teach Latin.", "cache_control": {"type": "ephemeral"}},
            ],
            messages=self.messages,
        )
        self.messages.append({"role": "assistant", "content": response.content[0].text})
        return response


tutor = Tutor()
for question in ["What is an ablative?", "Give me an example.", "Translate it."]:
    tutor.ask(question)
