# requests: 2
"""Translate strings; the request is built up as a dictionary."""

import anthropic

DEFAULTS = {"model": "claude-haiku-4-5", "max_tokens": 200}


def build_request(text: str, glossary: str | None = None, **overrides):
    params = {**DEFAULTS, **overrides}
    params["system"] = [{"type": "text", "text": "Translate the user's text to Portuguese. Output only the translation."}]
    if glossary is not None:
        params["system"].append({"type": "text", "text": glossary, "cache_control": {"type": "ephemeral"}})
    params["messages"] = [{"role": "user", "content": text}]
    return params


client = anthropic.Anthropic()
GLOSSARY = "checkout = finalizar compra; cart = carrinho; wish list = lista de desejos"
for text in ["Your cart is empty.", "Proceed to checkout"]:
    response = client.messages.create(**build_request(text, glossary=GLOSSARY, stop_sequences=["\n\n"]))
    print(response.content[0].text)
