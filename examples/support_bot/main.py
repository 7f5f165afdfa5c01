"""Talk to the support bot in the terminal: `python main.py`."""

from __future__ import annotations

import anthropic
from bot import SupportBot


def main() -> None:
    bot = SupportBot(anthropic.Anthropic())
    print("Lumen Cycles support. Empty line to leave.")
    while text := input("> ").strip():
        print(bot.reply(text))


if __name__ == "__main__":
    main()
