# requests: 2
"""Typed answers with messages.parse."""

import anthropic
from pydantic import BaseModel


class Invoice(BaseModel):
    supplier: str
    total_cents: int
    paid: bool


client = anthropic.Anthropic()


def read_invoice(text: str) -> Invoice:
    message = client.messages.parse(
        model="claude-sonnet-5-5",
        max_tokens=400,
        system="Extract the invoice's data. Amounts are in cents.",
        messages=[{"role": "user", "content": text}],
        output_format=Invoice,
    )
    return message.parsed_output


for text in ("Huber Ltd, 120.50 EUR, paid", "Ferro SA, 99 EUR, open"):
    print(read_invoice(text))
