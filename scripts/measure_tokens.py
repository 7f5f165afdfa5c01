"""Measures the token estimator against requests with the provider's own counts.

    python scripts/measure_tokens.py counts.jsonl [--ratios]

Every line of the file is an object with `model`, `features`, `request` (a Messages API body) and `total_input_tokens`. Prints,
by kind of request, the median of estimate / count, the spread, and how often the count lies within the interval. The
recordings do not ship with the tool.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from auditor.cache.tokens import Counter, Precision, total
from auditor.knowledge.providers import load
from auditor.llm.request import Block, CallSite, Kind, Request, Section
from auditor.places import Place
from auditor.values.text import Text


def blocks(body: dict[str, Any]) -> Iterator[Block]:
    """The blocks of a request body in the provider's order."""
    for tool in body.get("tools", ()):
        yield Block(Section.TOOLS, "tool", Kind.TOOL, Text.of(json.dumps(tool, ensure_ascii=False)))
    system = body.get("system") or ()
    for part in [{"text": system}] if isinstance(system, str) else system:
        yield Block(Section.SYSTEM, "system", Kind.TEXT, Text.of(part["text"]))
    for index, message in enumerate(body["messages"]):
        content = message["content"]
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            kind = Kind(part["type"])
            text = part["text"] if kind is Kind.TEXT else json.dumps(essence(part), ensure_ascii=False)
            yield Block(Section.MESSAGES, message["role"], kind, Text.of(text), message=index)


def essence(part: dict[str, Any]) -> Any:
    """Of a tool call or result, what the model sees."""
    return {key: part[key] for key in ("name", "input", "content") if key in part}


def main() -> int:
    path, *options = sys.argv[1:]
    counter, knowledge = Counter(use_ctok="--ratios" not in options), load()
    ratios: dict[str, list[float]] = defaultdict(list)
    inside: dict[str, int] = defaultdict(int)
    rest: dict[str, list[int]] = defaultdict(list)
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        body, model, actual = record["request"], record["model"], record["total_input_tokens"]
        facts = knowledge.lookup("anthropic", model)
        assert facts is not None
        try:
            parts = tuple(blocks(body))
        except (KeyError, ValueError, TypeError):
            continue
        params = {"tool_choice": Text.of(json.dumps(body["tool_choice"]))} if "tool_choice" in body else {}
        request = Request(
            CallSite("anthropic.messages.create", Place("recording", 1), "recorded"),
            "anthropic",
            "api",
            Text.of(model),
            parts,
            params=params,
        )
        count = total(counter.count_request(request, facts, Precision.EXACT))
        features = set(record["features"])
        kind = "tool history" if "tool_history" in features else "tools" if "tools" in features else "text"
        for key in (f"{facts.tokenizer} {kind}", f"all {kind}"):
            ratios[key].append(count.estimate / actual)
            rest[key].append(count.estimate - actual)
            inside[key] += count.low <= actual and (count.high is None or actual <= count.high)
    for key, values in sorted(ratios.items()):
        if len(values) > 3:
            cut = quantiles(values, n=20)
            print(
                f"{key:26} n {len(values):4}  estimate/count median {median(values):.3f}  5-95 % {cut[0]:.3f}-{cut[-1]:.3f}"
                f"  difference {median(rest[key]):+.0f}  within interval {inside[key] / len(values):.1%}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
