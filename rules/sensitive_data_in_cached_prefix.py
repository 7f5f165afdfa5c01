"""CA901: a credential, or someone's personal data, stands in the part of the prompt that is cached and shared."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Confidence,
    Effort,
    Example,
    Exposure,
    Finding,
    Matter,
    Rule,
    RuleMeta,
    Severity,
    SiteView,
    confidence_of,
    describe,
    exposures,
)


class SensitiveDataInCachedPrefix(Rule):
    """A credential or personal data stands in the part of the prompt that is cached.

    ## What it finds
    Secrets that flow into a cached block: environment variables and settings that are called a key, token, secret or password,
    what `SecretStr.get_secret_value()`, `keyring` or `getpass` give, and keys of well-known services that the source spells out.
    Of a user's or row's fields those that name nothing else (`ssn`, `iban`, `date_of_birth`); at low confidence also `email` or
    `phone`.

    ## Why it costs
    The prefix goes out with every request, and the provider keeps what it caches for as long as the entry lives: minutes, an
    hour, with extended retention a day. What stands there the model can be talked into repeating, to whoever shares the prompt.
    And when the key is rotated, every cache entry is void.

    ## How to mend it
    Keep credentials where the program uses them: in the client, or in the code of a tool. The model needs the tool's name, never
    its key. What is personal belongs behind the last breakpoint, in the one request that needs it.

    ## When it stays quiet
    - Keys that are given to a client or a header.
    - Text that is not cached.
    - Parts of a key, and values that print as asterisks.
    - Placeholders (`YOUR_API_KEY`).
    - Names of tokens that are words of a text.
    - Tests.

    ## Fix safety
    There is no automatic fix: what the prompt should say instead is for you to decide.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/your-data
    https://owasp.org/www-project-top-10-for-large-language-model-applications/
    """

    meta = RuleMeta(
        code="CA901",
        name="sensitive-data-in-cached-prefix",
        summary="a credential or personal data stands in the part of the prompt that is cached and shared",
        category=Category.SAFETY,
        severity=Severity.HIGH,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "A service's key among the instructions, from the settings",
            """from anthropic import AsyncAnthropic
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    anthropic_api_key: SecretStr
    tickets_url: str
    tickets_key: SecretStr


HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client = AsyncAnthropic(api_key=settings.anthropic_api_key.get_secret_value())

    def instructions(self) -> str:
        key = self.settings.tickets_key.get_secret_value()
        return f"{HANDBOOK}\\nTickets are filed with curl -H 'Authorization: Bearer {key}' at the ticket system."

    async def answer(self, question: str) -> str:
        response = await self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=[{"type": "text", "text": self.instructions(), "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        return response.content[0].text


desk = Desk(Settings())
""",
        ),
        Example(
            "A database's password in the description of a tool",
            """import os

import anthropic

HANDBOOK = "Answer with one query and say in a sentence what it returns and why that answers the question. " * 300
HOST = os.getenv("DB_HOST", "localhost")


def tools() -> list[dict]:
    connection = "postgresql://report:%s@%s/sales" % (os.environ["DB_PASSWORD"], HOST)
    return [
        {
            "name": "run_query",
            "description": "Runs a query on " + connection,
            "input_schema": {"type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"]},
            "cache_control": {"type": "ephemeral"},
        }
    ]


def report(questions: list[str]) -> list[str]:
    client = anthropic.Anthropic()
    answers = []
    for question in questions:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            tools=tools(),
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        answers.append(response.content[0].text)
    return answers
""",
        ),
        Example(
            "A token that the prompt spells out, where the provider caches by itself",
            """from fastapi import FastAPI
from openai import OpenAI
from pydantic import BaseModel

app = FastAPI()
client = OpenAI()
GUIDE = "Say which pull request the question is about, what its checks say, and who has to look at it next. " * 300
ACCESS = "Use the token ghp_" "T9rkQ2vLx7ZbNwE4sYcH6mJ8aPdF3gUoKi5V when you call the API of the forge."
SYSTEM = "\\n".join([GUIDE, ACCESS])


class Question(BaseModel):
    text: str


@app.post("/ask")
def ask(question: Question) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": question.text}],
    )
    return response.choices[0].message.content
""",
        ),
    )
    good = (
        Example(
            "Keys are given to the client and used in the tool's code",
            """import os

import anthropic
import httpx

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
client = anthropic.Anthropic(
    api_key=os.environ["ANTHROPIC_API_KEY"], default_headers={"X-Gateway-Token": os.environ["GATEWAY_TOKEN"]}
)
TOOLS = [
    {
        "name": "file_ticket",
        "description": "Files a ticket in the ticket system",
        "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    }
]


def file_ticket(text: str) -> str:
    headers = {"Authorization": f"Bearer {os.environ['TICKETS_API_KEY']}"}
    return httpx.post("https://tickets.example.org/new", headers=headers, json={"text": text}).text


def answer(question: str) -> str:
    messages = [{"role": "user", "content": question}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            tools=TOOLS,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=messages,
            cache_control={"type": "ephemeral"},
        )
        calls = [block for block in response.content if block.type == "tool_use"]
        if not calls:
            return response.content[0].text
        messages.append({"role": "assistant", "content": response.content})
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": file_ticket(call.input["text"])} for call in calls
        ]
        messages.append({"role": "user", "content": results})
""",
        ),
        Example(
            "Names that only look so, asterisks, and the end of a key",
            """import os

from anthropic import AsyncAnthropic
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    stop_token: str
    partner_key: SecretStr


HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
LIMIT = os.environ["ANSWER_MAX_TOKENS"]
MAILER = os.environ["MAILER_API_KEY"]


class Desk:
    def __init__(self, settings: Settings) -> None:
        self.client = AsyncAnthropic()
        self.prompt = (
            f"{HANDBOOK}\\nAnswer in at most {LIMIT} tokens and end with {settings.stop_token}.\\n"
            f"Partners' key: {settings.partner_key}; the mailer's key ends in {MAILER[-4:]}."
        )

    async def answer(self, question: str) -> str:
        response = await self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=[{"type": "text", "text": self.prompt, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        return response.content[0].text


desk = Desk(Settings())
""",
        ),
        Example(
            "Placeholders in instructions for those who set a service up",
            """from openai import OpenAI

client = OpenAI()
GUIDE = \"\"\"Explain how the service is set up. The key goes into the header, as `Authorization: Bearer YOUR_API_KEY`; it begins
with `sk-ant-` or, at the forge, looks like ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx. AWS users export AKIAIOSFODNN7EXAMPLE.
Never ask for a password and never repeat one.
\"\"\"
SYSTEM = GUIDE * 30


def explain(question: str) -> str:
    response = client.responses.create(model="gpt-4.1", instructions=SYSTEM, input=question)
    return response.output_text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        """One finding for each value, however many variants of the request carry it."""
        if site.site.context == "test":
            return
        found: dict[tuple[Matter, str], Exposure] = {}
        for view in site.views:
            for exposure in exposures(view):
                found.setdefault((exposure.matter, exposure.words), exposure)
        for exposure in found.values():
            yield self._finding(site, exposure)

    @staticmethod
    def _confidence(exposure: Exposure) -> Confidence:
        sure = confidence_of(exposure.evidence)
        return min(sure, Confidence.MEDIUM) if exposure.matter is Matter.PERSONAL else max(sure, Confidence.MEDIUM)

    def _finding(self, site: SiteView, exposure: Exposure) -> Finding:
        where = describe(exposure.block)
        kept = "the provider keeps it with the cached prefix, and every request that shares the prefix carries it"
        match exposure.matter:
            case Matter.WRITTEN:
                message = f"The source spells out {exposure.words}, which stands in {where}: {kept}."
                mending = "Revoke it, and keep its successor out of source and prompt: the code that uses it reads it."
            case Matter.CREDENTIAL:
                message = f"`{exposure.words}`, a credential, stands in {where}: {kept}."
                mending = f"Give `{exposure.words}` to the client or the tool's code that uses it, not to the model."
            case Matter.PERSONAL:
                message = f"`{exposure.words}`, personal data, stands in {where}: the provider keeps it with the cached prefix."
                mending = f"Say `{exposure.words}` behind the last breakpoint, in the request that needs it, or not at all."
        personal = exposure.matter is Matter.PERSONAL
        return self.report(
            site,
            message=message,
            recommendation=mending,
            subject=f"{exposure.matter.value} {exposure.words}",
            severity=Severity.MEDIUM if personal else self.meta.severity,
            confidence=self._confidence(exposure),
            place=exposure.place,
            trace=exposure.trace,
        )
