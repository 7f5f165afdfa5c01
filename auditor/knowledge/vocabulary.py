"""The o200k vocabulary that ships with the tool, in compact form.

The file holds zlib-compressed bytes: the number of tokens (4 bytes, big endian), the length of each token in rank order (one
byte each), then all tokens one behind the other. Ranks are positions. Knows nothing of tiktoken.
"""

from __future__ import annotations

import base64
import zlib
from importlib.resources import files

FILE = "o200k_base.bin"


def pack(tokens: list[bytes]) -> bytes:
    """The compact form of tokens in rank order; each is 1 to 255 bytes long."""
    raw = len(tokens).to_bytes(4, "big") + bytes(len(token) for token in tokens) + b"".join(tokens)
    return zlib.compress(raw, 9)


def unpack(packed: bytes) -> list[bytes]:
    """The tokens in rank order."""
    raw = zlib.decompress(packed)
    count = int.from_bytes(raw[:4], "big")
    position = 4 + count
    tokens = []
    for length in raw[4:position]:
        tokens.append(raw[position : position + length])
        position += length
    return tokens


def o200k() -> list[bytes]:
    """The tokens of o200k_base in rank order."""
    return unpack((files("auditor.knowledge") / FILE).read_bytes())


def tiktoken_file(tokens: list[bytes]) -> bytes:
    """The vocabulary as tiktoken publishes it: one line per token, base64 and rank."""
    return b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(tokens))
