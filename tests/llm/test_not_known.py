"""Values of which nothing is known: they neither are empty, nor another constant than they are taken to be, nor one file."""

from __future__ import annotations

from pathlib import Path

from auditor.values.lifetime import Cause, Lifetime
from tests.llm.requests_of import requests, sites


def test_a_librarys_attribute_is_no_empty_text(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
        import anthropic
        from flask import g

        def ask(question):
            return anthropic.Anthropic().messages.create(
                model="claude-sonnet-4-5",
                system=[{"type": "text", "text": g.tenant.policy, "cache_control": {"type": "ephemeral"}}],
                messages=[{"role": "user", "content": question}],
            )
        """,
    )
    (hole,) = request.blocks[0].text.holes()
    assert hole.reason is not None


def test_what_equals_one_constant_equals_no_other(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
        import os
        from openai import OpenAI

        PROVIDER = os.getenv("PROVIDER", "anthropic")

        def block(text):
            return text + (" for Claude" if PROVIDER == "anthropic" else "") + (" for GPT" if PROVIDER == "openai" else "")

        def ask(question):
            if PROVIDER == "openai":
                return OpenAI().responses.create(model="gpt-4.1", instructions=block("Guide"), input=question)
        """,
    )
    assert request.blocks[0].text.known == "Guide for GPT"


def test_files_of_unknown_paths_are_as_many_as_the_paths(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
        from pathlib import Path
        from openai import OpenAI

        def ask(root: Path, names):
            for name in names:
                text = (root / name).read_text()
                OpenAI().responses.create(model="gpt-4.1", instructions=root.joinpath("guide.md").read_text(), input=text)
        """,
    )
    one, two = site.replays[0].requests[:2]
    (guide,), (same,) = one.blocks[0].text.holes(), two.blocks[0].text.holes()
    (text,), (other,) = one.blocks[1].text.holes(), two.blocks[1].text.holes()
    assert guide.identity == same.identity
    assert text.identity != other.identity


def test_a_commands_path_names_a_file_of_this_run(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
        from pathlib import Path
        import typer
        from openai import OpenAI

        app = typer.Typer()

        @app.command()
        def summarize(book: Path, words: int = 300) -> None:
            OpenAI().responses.create(model="gpt-4.1", instructions=f"At most {words} words.", input=book.read_text())
        """,
    )
    (words,), (book,) = request.blocks[0].text.holes(), request.blocks[1].text.holes()
    assert (words.lifetime, words.cause) == (Lifetime.PROCESS, Cause.ENVIRONMENT)
    assert (book.lifetime, book.cause) == (Lifetime.PROCESS, Cause.FILE)
