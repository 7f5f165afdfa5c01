# requests: 3
# needs: google.genai
"""Questions about one long contract, kept in an explicit cache."""

from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
CONTRACT = "Clause: the tenant waters the plants. " * 50
client = genai.Client()
cache = client.caches.create(
    model=MODEL,
    config=types.CreateCachedContentConfig(
        system_instruction="You read contracts.", contents=[CONTRACT], ttl="3600s", display_name="contract"
    ),
)


def ask(question: str) -> str:
    config = types.GenerateContentConfig(cached_content=cache.name)
    return client.models.generate_content(model=MODEL, contents=question, config=config).text or ""


for question in ("Who waters the plants?", "What about the roof?"):
    print(ask(question))
