# requests: 2
"""An explicit breakpoint at the end of the shared developer message."""

from openai import OpenAI

MANUAL = "Manual of the coffee machine: fill the tank, press the left button twice, wait for the green light."

client = OpenAI()
for question in ("How do I start it?", "What does green mean?"):
    client.responses.create(
        model="gpt-6-sol",
        prompt_cache_options={"mode": "explicit", "ttl": "12h"},
        input=[
            {
                "role": "developer",
                "content": [{"type": "input_text", "text": MANUAL, "prompt_cache_breakpoint": {"mode": "explicit"}}],
            },
            {"role": "user", "content": [{"type": "input_text", "text": question}]},
        ],
    )
