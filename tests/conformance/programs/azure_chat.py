# requests: 2
"""The same over Azure."""

import os

from openai import AzureOpenAI

client = AzureOpenAI(
    azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version=os.environ.get("OPENAI_API_VERSION", "2026-06-01"),
)
DEPLOYMENT = "gpt-5.5"

for ticket in ("VPN drops every hour", "Need a second monitor"):
    client.chat.completions.create(
        model=DEPLOYMENT,
        temperature=0,
        messages=[
            {"role": "developer", "content": "Route the ticket: network, hardware or other."},
            {"role": "user", "content": ticket},
        ],
    )
