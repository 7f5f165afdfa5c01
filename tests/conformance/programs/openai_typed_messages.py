# requests: 2
"""Typed messages and a response-format model, by the Responses and the Chat API's types."""

from typing import TypedDict

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionSystemMessageParam


class Message(TypedDict, total=False):
    role: str
    content: str
    name: str


def prompt(question: str) -> list[ChatCompletionMessageParam]:
    messages: list[ChatCompletionMessageParam] = [
        ChatCompletionSystemMessageParam(role="system", content="You know birds."),
    ]
    shot = Message(role="user", content="Which bird is blue?")
    messages.extend([shot, {**shot, "role": "assistant", "content": "The kingfisher."}])
    return [*messages, Message(role="user", content=question)]


client = OpenAI()
for question in ("Which bird is red?", "Which bird cannot fly?"):
    client.chat.completions.create(model="gpt-5.2", messages=prompt(question), max_completion_tokens=20)
