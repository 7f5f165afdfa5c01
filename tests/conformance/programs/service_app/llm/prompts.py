"""All prompts, by name."""

_HEAD = "You work for a public library."

PROMPTS: dict[str, str] = {
    name: f"{_HEAD} {text}"
    for name, text in {
        "recommend": "Recommend three books for the reader's wish.",
        "explain": "Explain how to borrow and renew.",
    }.items()
}
