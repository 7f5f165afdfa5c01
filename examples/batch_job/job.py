"""Tag the letters of one day in a batch: `python job.py [FOLDER]`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import anthropic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages.batch_create_params import Request
from prompts import TAGGING_GUIDE

MODEL = "claude-haiku-4-5"
POLL_SECONDS = 30


def requests(letters: Iterable[Path]) -> list[Request]:
    return [
        Request(
            custom_id=letter.stem,
            params=MessageCreateParamsNonStreaming(
                model=MODEL,
                max_tokens=150,
                system=[{"type": "text", "text": TAGGING_GUIDE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
                messages=[{"role": "user", "content": letter.read_text(encoding="utf-8")}],
            ),
        )
        for letter in letters
    ]


def run(client: anthropic.Anthropic, folder: Path) -> dict[str, dict[str, object]]:
    batch = client.messages.batches.create(requests=requests(sorted(folder.glob("*.txt"))))
    while batch.processing_status != "ended":
        time.sleep(POLL_SECONDS)
        batch = client.messages.batches.retrieve(batch.id)
    tags: dict[str, dict[str, object]] = {}
    read = written = 0
    for entry in client.messages.batches.results(batch.id):
        if entry.result.type == "succeeded":
            message = entry.result.message
            tags[entry.custom_id] = json.loads(message.content[0].text)
            read += message.usage.cache_read_input_tokens or 0
            written += message.usage.cache_creation_input_tokens or 0
    print(f"{len(tags)} letters tagged; {read} tokens read from cache, {written} written", file=sys.stderr)
    return tags


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "letters"
    print(json.dumps(run(anthropic.Anthropic(), folder), indent=2))
