"""What the bot can look up and do."""

from __future__ import annotations

import json
from typing import Any

TOOLS: list[dict[str, Any]] = [
    {
        "name": "find_order",
        "description": "Look up an order by its number. Returns the bike, the delivery date and whether it is leased.",
        "input_schema": {
            "type": "object",
            "properties": {"number": {"type": "string", "description": "Order number, for example LC-20417."}},
            "required": ["number"],
        },
    },
    {
        "name": "order_part",
        "description": "Send a spare part to the address of the order.",
        "input_schema": {
            "type": "object",
            "properties": {"number": {"type": "string"}, "part": {"type": "string", "description": "For example S-210."}},
            "required": ["number", "part"],
        },
    },
    {
        "name": "set_label",
        "description": "Close the ticket with one label of the handbook's list.",
        "input_schema": {
            "type": "object",
            "properties": {"label": {"type": "string"}},
            "required": ["label"],
        },
    },
]

ORDERS = {"LC-20417": {"bike": "Harbour", "delivered": "2026-09-14", "leased": False}}


def run_tool(name: str, arguments: dict[str, Any]) -> str:
    if name == "find_order":
        return json.dumps(ORDERS.get(arguments["number"], {"error": "no such order"}))
    if name == "order_part":
        return f"Part {arguments['part']} ships on the next Tuesday or Friday."
    return "done"
