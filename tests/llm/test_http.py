"""Requests that a program posts itself, the helpers that post for it, and posts that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.resolve import sites_of
from tests.llm.requests_of import requests, shape, sites


def test_json_body_and_host(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import requests
requests.post("https://api.anthropic.com/v1/messages", headers={}, json={"model": "claude-sonnet-4-5", "max_tokens": 9,
    "system": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}],
    "messages": [{"role": "user", "content": "Q"}]})
""",
    )
    assert (request.provider, request.surface, request.site.api) == ("anthropic", "api", "http.post")
    assert shape(request) == [("system", "system", "S"), ("messages", "user", "Q")]
    assert request.blocks[0].marker is not None


def test_serialised_body_of_urllib(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import json, urllib.request
question = input()
data = json.dumps({"model": "gpt-4.1", "messages": [{"role": "user", "content": question}]}).encode()
urllib.request.urlopen(urllib.request.Request("https://api.openai.com/v1/chat/completions", data=data))
""",
    )
    assert request.provider == "openai"
    assert shape(request) == [("messages", "user", "{input()}")]


def test_gemini_s_url_names_the_model(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import httpx
URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
httpx.post(URL, json={"systemInstruction": {"parts": [{"text": "S"}]}, "contents": [{"role": "user", "parts": [{"text": "Q"}]}]})
""",
    )
    assert request.provider == "gemini"
    assert request.model is not None
    assert request.model.known == "gemini-2.5-flash"
    assert shape(request) == [("system", "system", "S"), ("messages", "user", "Q")]


def test_a_helper_that_hands_on_is_no_call_site(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import requests

        def with_retry(method, url, **kwargs):
            for _ in range(3):
                response = method(url, **kwargs)
                if response.ok:
                    return response

        def ask(text):
            return with_retry(
                requests.post,
                "https://api.openai.com/v1/chat/completions",
                json={"model": "gpt-4.1", "messages": [{"role": "user", "content": text}]},
            )
        """,
    )
    assert [(site.site.function, site.site.place.line) for site in found] == [("ask", 11)]


def test_other_posts_are_none(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
        import requests
        from fastapi.testclient import TestClient
        client = TestClient(None)
        client.post("/v1/chat/completions", json={"messages": []})
        requests.post("https://api.openai.com/v1/embeddings", json={"input": "x"})
        requests.post("https://example.org/items", json={"messages": []})
        requests.get("https://api.anthropic.com/v1/messages")
        requests.post("https://api.anthropic.com/v1/messages/count_tokens", json={"model": "m", "messages": []})
        requests.post("https://survey.example/api/responses", json={"form": 7, "answers": ["yes"]})
        """,
    )
    assert not found


POSTING = """
    import httpx

    async def post(url, headers, body):
        async with httpx.AsyncClient() as client:
            async with client.stream("POST", url, headers=headers, json=body) as response:
                return await response.aread()
    """


def test_what_tests_post_does_not_make_a_helper_general(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        sending=POSTING,
        app="""
        from sending import post

        URL = "https://api.openai.com/v1/responses"

        async def ask(text):
            body = {"model": "gpt-5.1", "input": [{"role": "user", "content": text}]}
            try:
                return await post(URL, {}, body)
            except OSError:
                return await post(URL, {"X-Retry": "1"}, body)
        """,
        test_sending="""
        from sending import post

        async def test_post():
            assert await post("https://elsewhere.example/responses", {}, {"input": []})
        """,
    )
    assert [(Path(site.site.place.path).name, site.site.function, site.site.place.line) for site in found] == [
        ("sending.py", "post", 6)
    ]


def test_a_helper_that_posts_to_several_urls_is_general(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        sending=POSTING,
        app="""
        from sending import post

        async def ask(text):
            await post("https://stats.example/asked", {}, {"n": 1})
            return await post("https://api.openai.com/v1/responses", {}, {"model": "gpt-5.1", "input": text})
        """,
    )
    assert [(Path(site.site.place.path).name, site.site.function, site.site.place.line) for site in found] == [
        ("app.py", "ask", 6)
    ]


BASES = [
    ("httpx.Client(base_url='https://api.anthropic.com')", "/v1/messages"),
    ("httpx.Client(base_url='https://api.anthropic.com/v1')", "/messages"),
    ("httpx.AsyncClient(base_url=httpx.URL('https://api.anthropic.com/v1/'))", "messages"),
    ("aiohttp.ClientSession('https://api.anthropic.com')", "/v1/messages"),
    ("aiohttp.ClientSession(base_url='https://api.anthropic.com/v1/')", "messages"),
    ("aiohttp.ClientSession(base_url='https://api.anthropic.com/elsewhere/')", "/v1/messages"),
    ("sessions.BaseUrlSession(base_url='https://api.anthropic.com/v1/')", "messages"),
]


@pytest.mark.parametrize(("client", "path"), BASES)
def test_relative_paths_are_below_the_client_s_base_url(tmp_path: Path, client: str, path: str) -> None:
    (request,) = requests(
        tmp_path,
        f"""
import aiohttp, httpx
from requests_toolbelt import sessions
client = {client}
question = input()
client.post("{path}", json={{"model": "claude-sonnet-4-5", "max_tokens": 9, "system": "S",
    "messages": [{{"role": "user", "content": question}}]}})
""",
    )
    assert (request.provider, request.surface) == ("anthropic", "api")
    assert shape(request) == [("system", "system", "S"), ("messages", "user", "{input()}")]


def test_a_base_url_of_the_environment_is_known_by_its_default(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        settings="""
        import os
        BASE = os.environ.get("LLM_BASE", "https://api.openai.com/v1")
        OTHER = os.environ["OTHER_BASE"]
        """,
        app="""
        import httpx
        import settings

        async def ask(text):
            async with httpx.AsyncClient(base_url=settings.BASE) as client:
                body = {"model": "m", "messages": [{"role": "user", "content": text}]}
                return await client.post("/chat/completions", json=body)

        def other(text):
            with httpx.Client(base_url=settings.OTHER) as client:
                client.post("/items", json={"messages": []})
                return client.post("/v1/messages", json={"model": "m", "messages": [{"role": "user", "content": text}]})
        """,
    )
    assert [(one.site.function, one.replays[0].first.provider) for one in found] == [("ask", "openai"), ("other", "anthropic")]


def test_a_url_comes_from_a_module_of_settings_or_from_a_subclass(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        settings='ANTHROPIC_URL = "https://api.anthropic.com/v1/messages"\n',
        app="""
        import requests
        from settings import ANTHROPIC_URL

        def ask(text):
            return requests.post(ANTHROPIC_URL, json={"model": "m", "messages": [{"role": "user", "content": text}]})
        """,
        base="""
        import requests

        class Provider:
            url = ""

            def ask(self, text):
                return requests.post(self.url, json=self.body(text))
        """,
        openai_provider="""
        from base import Provider

        class OpenAI(Provider):
            url = "https://api.openai.com/v1/chat/completions"

            def body(self, text):
                return {"model": "gpt-5", "messages": [{"role": "user", "content": text}]}

        if __name__ == "__main__":
            OpenAI().ask("Hello")
        """,
    )
    assert [(Path(one.site.place.path).name, one.site.function) for one in found] == [
        ("app.py", "ask"),
        ("base.py", "Provider.ask"),
    ]


def test_a_url_handed_to_a_base_class_that_posts(tmp_path: Path) -> None:
    provider = """
        from base import Provider

        class {name}(Provider):
            def __init__(self, model):
                self.model = model
                self.root = "{root}"

            def ask(self, text):
                return self._post(url=f"{{self.root}}{path}", payload={{"model": self.model, "messages": [
                    {{"role": "user", "content": text}}]}})
        """
    found = sites(
        tmp_path,
        base="""
        import httpx

        class Provider:
            def _post(self, *, url, payload):
                with httpx.Client() as client:
                    return client.post(url, json=payload).json()
        """,
        claude=provider.format(name="Claude", root="https://api.anthropic.com/v1", path="/messages"),
        gpt=provider.format(name="Gpt", root="https://api.openai.com/v1", path="/chat/completions"),
        main="""
        from claude import Claude
        from gpt import Gpt

        Claude("claude-sonnet-4-5").ask("Hello")
        Gpt("gpt-4o").ask("Hello")
        """,
    )
    assert [(Path(one.site.place.path).name, one.site.function) for one in found] == [
        ("claude.py", "Claude.ask"),
        ("gpt.py", "Gpt.ask"),
    ]
    alone = sites_of(tmp_path / "claude.py")
    assert [one.site.function for one in alone] == ["Claude.ask"]


def test_only_a_handed_url_makes_a_helper(tmp_path: Path) -> None:
    """`chat` hands its own timeout on, and spells the URL: it means the request, whoever calls it."""
    found = sites(
        tmp_path,
        app="""
        import httpx

        class Client:
            def __init__(self, root):
                self.root = root

            def chat(self, messages, timeout=60.0):
                url = f"{self.root}/v1/chat/completions"
                return self._send(url, {"model": "gpt-5", "messages": messages}, timeout)

            def models(self, timeout=60.0):
                return self._send(f"{self.root}/v1/models", {}, timeout)

            def _send(self, url, payload, timeout):
                return httpx.post(url, json=payload, timeout=timeout).json()

        def first(text):
            return Client("https://api.openai.com").chat([{"role": "user", "content": text}])

        def second(name, text):
            return Client("https://api.openai.com").chat([{"role": "system", "content": name}, {"role": "user", "content": text}])
        """,
    )
    assert [one.site.function for one in found] == ["Client.chat"]


@pytest.mark.parametrize("base", ['os.environ["BASE"]', 'os.environ.get("BASE", "https://api.anthropic.com/v1")'])
def test_a_header_tells_whose_messages_a_configured_host_takes(tmp_path: Path, base: str) -> None:
    code = f"""
import os, requests
base = {base}.rstrip("/")
requests.post(f"{{base}}/messages", headers={{"x-api-key": "k", "anthropic-version": "2023-06-01"}},
    json={{"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{{"role": "user", "content": "Q"}}]}})
requests.post(os.environ["CHAT"] + "/messages", headers={{"x-api-key": "k"}}, json={{"messages": [{{"content": "Q"}}]}})
"""
    (request,) = requests(tmp_path, code)
    assert (request.provider, request.site.place.line) == ("anthropic", 4)
    assert shape(request) == [("messages", "user", "Q")]


@pytest.mark.parametrize(
    ("made", "sent"),
    [
        ('Request(URL, data=json.dumps(BODY).encode(), method="POST")', "urlopen(made, timeout=9).read()"),
        ('httpx.Client().build_request("POST", URL, json=BODY)', "httpx.Client().send(made).json()"),
    ],
    ids=["urllib", "httpx"],
)
def test_a_request_stands_where_it_is_sent(tmp_path: Path, made: str, sent: str) -> None:
    (request,) = requests(
        tmp_path,
        f"""
import httpx, json
from urllib.request import Request, urlopen
URL = "https://api.anthropic.com/v1/messages"
BODY = {{"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{{"role": "user", "content": input()}}]}}
made = {made}
print("sending")
print({sent})
""",
    )
    assert request.site.place.line == 8
    assert shape(request) == [("messages", "user", "{input()}")]
