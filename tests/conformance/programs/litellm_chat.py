# requests: 5
# needs: litellm
"""LiteLLM: one conversation with a marked system prompt, the same prompt for two providers."""

import litellm
from litellm import completion

litellm.drop_params = True
MANUAL = "Rule {}: knock before you enter.\n"
SYSTEM = "You explain the rules of a lodge.\n" + "".join(MANUAL.format(number) for number in range(60))


def build_messages(history):
    return [
        {
            "role": "system",
            "content": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
        },
        *history,
    ]


history = []
for question in ("Must I knock?", "Always?", "Even at night?"):
    history.append({"role": "user", "content": question})
    response = completion(model="anthropic/claude-sonnet-4-5", messages=build_messages(history), max_tokens=200)
    history.append({"role": "assistant", "content": response.choices[0].message.content})

for model in ("openai/gpt-5-mini", "anthropic/claude-haiku-4-5"):
    answer = litellm.completion(
        model=model,
        messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Which rule comes first?"}],
    )
    print(answer["choices"][0]["message"]["content"])
