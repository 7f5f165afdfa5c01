# requests: 3
"""A small agent whose tools register themselves."""

import json

import anthropic

REGISTRY = {}


def tool(description, **properties):
    def register(function):
        REGISTRY[function.__name__] = {
            "function": function,
            "definition": {
                "name": function.__name__,
                "description": description,
                "input_schema": {
                    "type": "object",
                    "properties": {name: {"type": kind} for name, kind in properties.items()},
                    "required": list(properties),
                },
            },
        }
        return function

    return register


@tool("Current stock of an article.", article="string")
def stock(article):
    return {"article": article, "pieces": 12}


@tool("Price of an article in cents.", article="string", quantity="integer")
def price(article, quantity):
    return {"article": article, "cents": 499 * quantity}


def definitions():
    return [entry["definition"] for _, entry in sorted(REGISTRY.items())]


def run(question):
    client = anthropic.Anthropic()
    messages = [{"role": "user", "content": question}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-5-5", max_tokens=500, tools=definitions(), messages=messages
        )
        if response.stop_reason != "tool_use":
            return response.content[0].text
        messages.append({"role": "assistant", "content": response.content})
        results = []
        for block in response.content:
            if block.type == "tool_use":
                value = REGISTRY[block.name]["function"](**block.input)
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": json.dumps(value)})
        messages.append({"role": "user", "content": results})


print(run("How many umbrellas are left and what do three of them cost?"))
