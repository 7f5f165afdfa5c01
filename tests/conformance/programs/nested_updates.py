# requests: 2
"""A request that is put together by updates of nested mappings."""

import copy

import anthropic

BASE = {
    "model": "claude-haiku-4-5",
    "max_tokens": 32,
    "metadata": {"user_id": "nobody"},
    "system": [{"type": "text", "text": "You rate recipes."}],
    "messages": [],
}


def merged(base, changes):
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


client = anthropic.Anthropic()
for dish in ["soup", "pie"]:
    request = merged(BASE, {"max_tokens": 64, "metadata": {"user_id": "tester"}})
    request["system"][-1]["cache_control"] = {"type": "ephemeral"}
    request["system"].insert(0, {"type": "text", "text": "Be strict."})
    request["messages"] += [{"role": "user", "content": dish}]
    request |= {"stop_sequences": ["!"], "comment": "not sent"}
    del request["comment"]
    client.messages.create(**request)
