# requests: 4
"""Only the standard library: a helper that posts JSON, two providers, templates by language."""

import json
import os
import urllib.error
import urllib.request

PROMPTS = {
    "en": "You are a tax adviser. Answer in English. " * 20,
    "de": "Du bist Steuerberater. Antworte auf Deutsch. " * 20,
}


def post_json(url, payload, headers=None):
    request = urllib.request.Request(
        url,
        data=json.dumps(payload).encode("utf-8"),
        headers={"Content-Type": "application/json", **(headers or {})},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read().decode("utf-8"))
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{error.code}: {error.read()!r}")


def ask_claude(question, language):
    result = post_json(
        "https://api.anthropic.com/v1/messages",
        {
            "model": "claude-opus-4-5",
            "max_tokens": 256,
            "system": PROMPTS[language],
            "messages": [{"role": "user", "content": question}],
        },
        {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"},
    )
    return result["content"][0]["text"]


def ask_gpt(question, language):
    result = post_json(
        "https://api.openai.com/v1/responses",
        {"model": "gpt-5.2", "instructions": PROMPTS[language], "input": question},
        {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
    )
    return result["output"][0]["content"][0]["text"]


for question in ("Can I deduct a desk?", "And a chair?"):
    print(ask_claude(question, "en"))
    print(ask_gpt(question, "de"))
