# requests: 3
"""The host comes from the environment, the body from a template and a helper's keyword arguments."""

import os
from string import Template

import httpx

API_BASE = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com").rstrip("/")
PERSONA = Template("You are $name, a guide in the museum of $town. ")


def complete(*, system: str, prompt: str, **options) -> str:
    body = {"model": "claude-haiku-4-5", "max_tokens": 300, "system": system}
    body.update(options)
    body["messages"] = [{"role": "user", "content": prompt}]
    response = httpx.post(
        API_BASE + "/v1/messages",
        json=body,
        headers={"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"},
    )
    return response.json()["content"][0]["text"]


persona = PERSONA.substitute(name="Ines", town="Porto") * 12
print(complete(system=persona, prompt="Where are the boats?", temperature=0.1))
print(complete(system=persona, prompt="And the maps?", temperature=0.1, stop_sequences=["END"]))
print(complete(system=persona, prompt="Where is the exit?"))
