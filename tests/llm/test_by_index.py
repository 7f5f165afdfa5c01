"""Messages that a loop puts into another form by their index, several rows at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

PROGRAM = """
import anthropic

client = anthropic.Anthropic()

def converted(rows):
    told, sent = [], []
    i = 0
    n = len(rows)
    while i < {count}:
        row = rows[i]
        if row["role"] == "system":
            told.append(row["content"])
        elif row["role"] == "tool":
            results = []
            while i < {count} and rows[i]["role"] == "tool":
                results.append({{"type": "tool_result", "tool_use_id": rows[i]["id"], "content": rows[i]["content"]}})
                i += 1
            sent.append({{"role": "user", "content": results}})
            continue
        else:
            sent.append({{"role": row["role"], "content": row["content"]}})
        i += 1
    return told, sent

def answer(store, session_id, question, plan):
    rows = [{{"role": "system", "content": "Be kind."}}]
    if plan:
        rows += [{{"role": "system", "content": "Keep to the plan."}}, {{"role": "system", "content": "Say how far it is."}}]
    for turn in store.turns(session_id):
        rows.append({{"role": "user", "content": turn.question}})
        rows.append({{"role": "assistant", "content": turn.answer}})
    rows.append({{"role": "user", "content": question}})
    told, sent = converted(rows)
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=" ".join(told), messages=sent)
"""


@pytest.mark.parametrize("kind", ['== "tool"', 'in {"tool", "function"}', "not in OWN"])
@pytest.mark.parametrize("count", ["len(rows)", "n"])
def test_rows_are_followed_by_their_index(tmp_path: Path, count: str, kind: str) -> None:
    (site,) = sites(
        tmp_path, app=PROGRAM.format(count=count).replace('and rows[i]["role"] == "tool"', f'and rows[i]["role"] {kind}')
    )
    prompts = {replay.first.blocks[0].text.render() for replay in site.replays}
    assert prompts == {"Be kind.", "Be kind. Keep to the plan. Say how far it is."}
    for replay in site.replays:
        assert [block.text.render() for block in replay.first.blocks[1:]] == ["{store.turns(session_id)}", "{question}"]


def test_rows_of_unknown_kinds_leave_the_index_behind_them(tmp_path: Path) -> None:
    """Whether a turn goes on by itself or takes several rows, what stands behind these comes next."""
    turns = PROGRAM.format(count="n").replace('rows[i]["role"] == "tool"', 'rows[i]["role"] in RESULTS')
    turns = turns.replace('{"role": "user", "content": turn.question}', '{"role": turn.role, "content": turn.text}')
    (site,) = sites(tmp_path, app=turns.replace('        rows.append({"role": "assistant", "content": turn.answer})\n', ""))
    assert {replay.first.blocks[-1].text.render() for replay in site.replays} == {"{question}"}
