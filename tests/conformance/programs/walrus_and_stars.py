# requests: 2
"""Assignment expressions, starred lists and unpacking."""

import anthropic

client = anthropic.Anthropic()
SHOTS = [("2 + 2", "4"), ("3 * 3", "9")]


def shots():
    for question, answer in SHOTS:
        yield {"role": "user", "content": question}
        yield {"role": "assistant", "content": answer}


def solve(*terms: str, hint: str = "") -> str:
    first, *others, last = terms
    text = " + ".join([first, *others, last])
    if note := hint.strip():
        text += f" (hint: {note})"
    response = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=(limit := 8) * 2,
        system=f"Compute. Reply in at most {limit} characters.",
        messages=[*shots(), {"role": "user", "content": text}],
    )
    return response.content[0].text


solve("1", "2", "3", hint="  small ")
solve(*("4", "5"))
