# requests: 3
# needs: requests
"""Gemini's REST endpoint; history in Gemini's own shape."""

import os

import requests

MODEL = "gemini-2.5-flash"
BASE = "https://generativelanguage.googleapis.com/v1beta"
PERSONA = "You are a botanist with a dry sense of humour. " * 15


class Botanist:
    def __init__(self, key=None):
        self.key = key or os.environ["GEMINI_API_KEY"]
        self.contents = []

    def generate(self, text):
        self.contents.append({"role": "user", "parts": [{"text": text}]})
        response = requests.post(
            f"{BASE}/models/{MODEL}:generateContent?key={self.key}",
            headers={"Content-Type": "application/json"},
            json={
                "systemInstruction": {"parts": [{"text": PERSONA}]},
                "contents": self.contents,
                "generationConfig": {"temperature": 0.4},
            },
            timeout=30,
        )
        candidate = response.json()["candidates"][0]["content"]
        self.contents.append(candidate)
        return candidate["parts"][0]["text"]


botanist = Botanist()
for question in ("Why is moss soft?", "Does it hurt trees?", "Fine."):
    print(botanist.generate(question))
