"""Renders the prompt once per question and asks."""

from dataclasses import dataclass

import anthropic

from support.rendering import render


@dataclass
class Product:
    name: str
    price: int
    sold_out: bool = False


CATALOGUE = [Product("city bike", 12), Product("cargo bike", 25), Product("tandem", 30, sold_out=True)]


class Desk:
    def __init__(self, company: str, departments: list[str]) -> None:
        self.company = company
        self.departments = departments
        self.client = anthropic.Anthropic()

    def answer(self, question: str, *, premium: bool) -> str:
        system = render(
            "support.j2",
            company=self.company,
            departments=self.departments,
            products=CATALOGUE,
            premium=premium,
        )
        response = self.client.messages.create(
            model="claude-sonnet-5-5",
            max_tokens=500,
            system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": render("parts/question.j2", question=question)}],
        )
        return response.content[0].text
