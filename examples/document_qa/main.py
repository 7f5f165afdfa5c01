"""Ask about the charter: `python main.py`."""

from __future__ import annotations

import logging

import anthropic
from qa import DocumentQA

QUESTIONS = (
    "May I sublet my flat while I work abroad for a year?",
    "How much may the rent rise next year?",
    "Who decides on a new roof for 120,000?",
)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    qa = DocumentQA(anthropic.Anthropic())
    for question in QUESTIONS:
        print(question, "\n ", qa.ask(question))


if __name__ == "__main__":
    main()
