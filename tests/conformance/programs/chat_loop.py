# requests: 3
# stdin: hello there|what can you do?|tell me more|quit
"""Chat in the terminal."""

import anthropic

client = anthropic.Anthropic()
SYSTEM = "You are a cheerful guide to the city of Porto."

messages = []
while True:
    text = input("> ")
    if text.strip().lower() in {"quit", "exit"}:
        break
    messages.append({"role": "user", "content": text})
    response = client.messages.create(model="claude-haiku-4-5", max_tokens=300, system=SYSTEM, messages=messages)
    answer = "".join(block.text for block in response.content if block.type == "text")
    print(answer)
    messages.append({"role": "assistant", "content": answer})
