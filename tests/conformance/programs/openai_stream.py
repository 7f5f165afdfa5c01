# requests: 1
"""Stream a chat completion."""

from openai import OpenAI

client = OpenAI()
stream = client.chat.completions.create(
    model="gpt-5.5",
    stream=True,
    messages=[
        {"role": "system", "content": [{"type": "text", "text": "You tell bedtime stories."}]},
        {"role": "user", "content": [{"type": "text", "text": "One about a hedgehog."}]},
    ],
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="")
