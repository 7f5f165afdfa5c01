"""Which names and texts are credentials, and which only look so. Keys are put together here: no scanner takes them for real."""

from __future__ import annotations

import base64
import hashlib

import pytest

from auditor.knowledge.credentials import load

LETTERS = base64.b64encode(hashlib.sha512(b"nobody's key").digest(), altchars=b"Qz").decode()


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "DB_PASSWORD", "GITHUB_TOKEN", "clientSecret", "AWS_SECRET_ACCESS_KEY", "token"],
)
def test_names_of_credentials(name: str) -> None:
    assert load().names(name)


@pytest.mark.parametrize(
    "name",
    [
        "MAX_TOKENS",
        "STOP_TOKEN",
        "COST_PER_TOKEN",
        "API_KEY_ID",
        "SECRET_NAME",
        "KEY_TERMS",
        "PASSWORD_POLICY",
        "PUBLIC_KEY",
        "MONKEY",
    ],
)
def test_names_that_only_look_so(name: str) -> None:
    assert not load().names(name)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("sk-ant-" + "api03-", "an Anthropic API key"),
        ("sk-" + "proj-", "an OpenAI API key"),
        ("gh" + "p_", "a GitHub token"),
        ("sk_" + "live_", "a Stripe key"),
    ],
)
def test_keys_that_a_text_spells_out(start: str, kind: str) -> None:
    assert load().spelled(f"Use {start}{LETTERS[:60]} for it.") == kind
    assert load().spelled(f"Use {start}{'x' * 60} for it.") is None
    assert load().spelled(f"Keys begin with {start}...") is None


def test_documented_examples_are_no_keys() -> None:
    assert load().spelled("export AWS_ACCESS_KEY_ID=" + "AKIA" + "IOSFODNN7EXAMPLE") is None
    assert load().spelled("export AWS_ACCESS_KEY_ID=" + "AKIA" + "Q3ZTW5HBRX7LNPVE") == "an AWS access key"
