# requests: 3
"""Proofread sentences."""

from openai import OpenAI

client = OpenAI()
SYSTEM = "You are a proofreader. Return the corrected sentence, nothing else."


def proofread(sentence: str, user_name: str = "Ines") -> str:
    completion = client.chat.completions.create(
        model="gpt-5.5",
        messages=[
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": f"{user_name} wrote: {sentence}"},
        ],
    )
    return completion.choices[0].message.content or ""


for sentence in ["He go home.", "The datas is wrong.", "Its raining."]:
    print(proofread(sentence))
