"""Functions that send and stand in a table: what calls them looks into the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

SENDER = """
import openai
client = openai.OpenAI()

def ask(model, prompt, system=None):
    return client.chat.completions.create(
        model=model, messages=[{"role": "system", "content": system}, {"role": "user", "content": prompt}]
    )
"""

USERS = {
    "a mapping of the module, in another file": """
import os
from sender import ask
SENDERS = {"openai": ask, "other": print}

def answer():
    return SENDERS[os.environ["STYLE"]]("gpt-5.2", input(), system="Be brief.")
""",
    "a mapping that is filled entry by entry": """
import os
import sender
SENDERS = {}
SENDERS["openai"] = sender.ask

def answer():
    send = SENDERS.get(os.environ["STYLE"])
    return send("gpt-5.2", input(), system="Be brief.")
""",
    "an attribute of the class": """
import os
from sender import ask

class Gateway:
    senders = {"openai": ask}

    def answer(self):
        return Gateway.senders[os.environ["STYLE"]]("gpt-5.2", input(), system="Be brief.")
""",
    "an attribute of the object": """
import os
from sender import ask

class Gateway:
    def __init__(self):
        self.senders = {"openai": ask}

    def answer(self):
        return self.senders[os.environ["STYLE"]]("gpt-5.2", input(), system="Be brief.")
""",
    "a list that is gone through": """
from sender import ask
SENDERS = [ask]

def answer():
    return [send("gpt-5.2", input(), system="Be brief.") for send in SENDERS]
""",
}


@pytest.mark.parametrize("name", USERS)
def test_the_request_is_seen_from_the_table_s_user(name: str, tmp_path: Path) -> None:
    (site,) = sites(tmp_path, sender=SENDER, app=USERS[name])
    texts = {request.blocks[0].text.known for replay in site.replays for request in replay.requests}
    assert texts == {"Be brief."}


def test_a_local_table_is_its_functions_own(tmp_path: Path) -> None:
    app = """
from sender import ask

def answer(style):
    senders = {"openai": ask}
    return senders[style]("gpt-5.2", input(), system="Be brief.")

def unlike(senders):
    return senders["openai"]("gpt-5.2", input(), system="Be long.")
"""
    (site,) = sites(tmp_path, sender=SENDER, app=app)
    texts = {request.blocks[0].text.known for replay in site.replays for request in replay.requests}
    assert texts == {"Be brief."}
