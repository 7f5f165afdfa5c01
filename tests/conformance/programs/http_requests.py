# requests: 4
# needs: requests
"""Messages API without an SDK: a session with headers, one helper, a conversation."""

import os

import requests

API_URL = "https://api.anthropic.com/v1/messages"
MODEL = "claude-sonnet-4-5"
SYSTEM_PROMPT = "You are the porter of an old hotel. You know every room. " * 25

session = requests.Session()
session.headers.update(
    {
        "x-api-key": os.environ["ANTHROPIC_API_KEY"],
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
    }
)


def call_claude(messages, max_tokens=1024):
    payload = {
        "model": MODEL,
        "max_tokens": max_tokens,
        "system": [{"type": "text", "text": SYSTEM_PROMPT, "cache_control": {"type": "ephemeral"}}],
        "messages": messages,
    }
    response = session.post(API_URL, json=payload, timeout=60)
    response.raise_for_status()
    return response.json()


history = []
for question in ["Which room has a balcony?", "Is it quiet?", "I take it.", "Breakfast?"]:
    history.append({"role": "user", "content": question})
    data = call_claude(history)
    answer = data["content"][0]["text"]
    history.append({"role": "assistant", "content": answer})
    print(answer, data["usage"].get("cache_read_input_tokens"))
