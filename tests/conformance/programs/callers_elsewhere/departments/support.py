from llm import ask

RULES = ["Apologise once.", "Offer one remedy.", "Never promise a date."]


def reply(complaint: str) -> str:
    numbered = "\n".join(f"{number}. {rule}" for number, rule in enumerate(RULES, start=1))
    return ask(f"You answer complaints.\n{numbered}", complaint)
