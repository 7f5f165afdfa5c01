"""Bedrock requests: Converse's content and cache points, and InvokeModel's JSON body."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import requests, shape, sites

CLIENT = 'import json\nimport boto3\nclient = boto3.client("bedrock-runtime")\n'


def test_cache_points_mark_what_stands_before_them(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        CLIENT
        + """
client.converse(
    modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    system=[{"text": "Be kind."}, {"cachePoint": {"type": "default", "ttl": "1h"}}, {"text": "Today."}],
    toolConfig={"tools": [{"toolSpec": {"name": "find", "inputSchema": {"json": {}}}}, {"cachePoint": {"type": "default"}}]},
    messages=[{"role": "user", "content": [{"text": "Hello"}]}],
)
""",
    )
    assert (request.provider, request.site.api) == ("bedrock", "bedrock.converse")
    assert request.model is not None
    assert request.model.known == "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert [block.name for block in request.blocks][:1] == ["find"]
    assert shape(request)[1:] == [
        ("system", "system", "Be kind."),
        ("system", "system", "Today."),
        ("messages", "user", "Hello"),
    ]
    assert [None if block.marker is None else block.marker.ttl or "" for block in request.blocks] == ["", "1h", None, None]


def test_body_of_invoke_model_is_read_as_its_provider_s(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        CLIENT
        + """
question = input()
body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "system": "S",
    "messages": [{"role": "user", "content": question}]})
client.invoke_model(modelId="anthropic.claude-3-5-haiku-20241022-v1:0", body=body)
""",
    )
    assert (request.provider, request.surface, request.site.api) == ("anthropic", "bedrock", "bedrock.invoke_model")
    assert shape(request) == [("system", "system", "S"), ("messages", "user", "{input()}")]


def test_client_kept_in_an_attribute_and_arguments_in_a_dict(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import boto3

        class Bot:
            def __init__(self, session):
                self.runtime = session.client("bedrock-runtime", region_name="eu-west-1")

            def ask(self, text):
                params = {"modelId": "amazon.nova-pro-v1:0", "messages": [{"role": "user", "content": [{"text": text}]}]}
                params["system"] = [{"text": "Answer briefly."}]
                return self.runtime.converse_stream(**params)

        def other(client):
            client.converse("about the weather")
        """,
    )
    assert [(site.site.api, site.site.function) for site in found] == [("bedrock.converse_stream", "Bot.ask")]
    assert shape(found[0].replays[0].first)[0] == ("system", "system", "Answer briefly.")


def test_method_of_an_unknown_client_handed_to_a_thread(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import asyncio
        from typing import Any, cast

        class Provider:
            def __init__(self, client: Any) -> None:
                self._client = client

            async def chat(self, text: str) -> dict[str, Any]:
                request = {"modelId": "amazon.nova-pro-v1:0", "messages": [{"role": "user", "content": [{"text": text}]}]}
                return cast(
                    dict[str, Any],
                    await asyncio.to_thread(self._client.converse, **request),
                )

            async def units(self, text: str) -> str:
                return await asyncio.to_thread(self._client.convert, text)
        """,
    )
    assert [(site.site.api, site.site.function, site.site.place.line) for site in found] == [
        ("bedrock.converse", "Provider.chat", 13)
    ]


def test_bodies_of_other_makers_models(tmp_path: Path) -> None:
    found = requests(
        tmp_path,
        CLIENT
        + """
def nova(question):
    body = {"system": [{"text": "S"}, {"cachePoint": {"type": "default"}}], "inferenceConfig": {"maxTokens": 9},
        "messages": [{"role": "user", "content": [{"text": question}]}]}
    client.invoke_model(modelId="amazon.nova-pro-v1:0", body=json.dumps(body).encode("utf-8"))

def llama(question):
    client.invoke_model(modelId="meta.llama3-8b-instruct-v1:0", body=json.dumps({"prompt": f"Q: {question}", "max_gen_len": 9}))
""",
    )
    assert [request.provider for request in found] == ["bedrock", "bedrock"]
    assert shape(found[0]) == [("system", "system", "S"), ("messages", "user", "{question}")]
    assert found[0].blocks[0].marker is not None
    assert shape(found[1]) == [("messages", "user", "Q: {question}")]


def test_body_that_is_one_of_several(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import json
        import boto3

        client = boto3.client("bedrock-runtime")

        def body_of(kind, question):
            if kind == "nova":
                return {"inferenceConfig": {}, "messages": [{"role": "user", "content": [{"text": question}]}]}
            return {"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": question}]}

        def ask(kind, question):
            return client.invoke_model(modelId="m", body=json.dumps(body_of(kind, question)))
        """,
    )
    assert [site.site.api for site in found] == ["bedrock.invoke_model"]
    assert {replay.first.provider for replay in found[0].replays} == {"bedrock", "anthropic"}
    assert all(shape(replay.first) == [("messages", "user", "{question}")] for replay in found[0].replays)


def test_other_work_of_invoke_model_is_no_request(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import json
        import os
        import boto3

        client = boto3.client("bedrock-runtime")
        MODEL = os.getenv("EMBEDDING_MODEL", "amazon.titan-embed-text-v2:0")

        def embedded(text):
            return client.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": text}))

        def embedded_elsewhere(model, texts):
            return client.invoke_model(modelId=model, body=json.dumps({"texts": texts, "input_type": "search_query"}))

        def embedded_by_either(text, small):
            model = "amazon.titan-embed-text-v1" if small else "cohere.embed-english-v3"
            return client.invoke_model(modelId=model, body=json.dumps({"inputText": text}))

        def embedded_by_setting(text):
            return client.invoke_model(modelId=MODEL, body=json.dumps({"inputText": text}))

        def drawn(text):
            return client.invoke_model(modelId="amazon.nova-canvas-v1:0", body=json.dumps({"taskType": "TEXT_IMAGE"}))

        def written(text):
            return client.invoke_model(modelId="amazon.titan-text-express-v1", body=json.dumps({"inputText": text}))
        """,
    )
    assert [site.site.function for site in found] == ["written"]


def test_cache_point_beside_content_is_misplaced(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        CLIENT
        + """
client.converse(
    modelId="us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    system=[{"text": "Be kind.", "cachePoint": {"type": "default"}}, {"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
    messages=[{"role": "user", "content": [{"text": "Hello"}]}],
)
""",
    )
    assert shape(request)[:2] == [("system", "system", "Be kind."), ("system", "system", "Be brief.")]
    assert [None if block.marker is None else block.marker.misplaced for block in request.blocks] == ["block", "", None]


def test_a_point_behind_a_run_of_blocks_marks_the_last_of_them(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import boto3

        def ask(pages):
            content = [{"text": page} for page in pages] + [{"cachePoint": {"type": "default"}}]
            boto3.client("bedrock-runtime").converse(
                modelId="anthropic.claude-sonnet-4-6", messages=[{"role": "user", "content": content}]
            )
        """,
    )
    (block,) = found[0].replays[0].first.blocks
    assert block.marker is not None
    assert not block.marker.each


def test_a_point_inside_of_a_tools_result_is_nested(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import boto3

        def answer(results):
            content = [
                {"toolResult": {"toolUseId": one.id, "content": [{"text": one.text}, {"cachePoint": {"type": "default"}}]}}
                for one in results
            ]
            boto3.client("bedrock-runtime").converse(
                modelId="anthropic.claude-sonnet-4-6", messages=[{"role": "user", "content": content}]
            )
        """,
    )
    (block,) = found[0].replays[0].first.blocks
    assert block.marker is not None
    assert block.marker.nested
