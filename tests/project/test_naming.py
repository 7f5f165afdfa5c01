"""Where a name stands: searched for name by name at first, then looked up in an index of all words. Both say the same."""

from __future__ import annotations

from pathlib import Path

from auditor.discovery.files import discover
from auditor.limits import DEFAULT, SCANNED_NAMES
from auditor.project.project import Project

SOURCES = {
    "a.py": "client.send(text)\nclient . ask()\nresend = send_all\n",
    "b.py": "def send(text): ...\n# .ask\nx = 1.e5\n",
    "c.py": "client\\\n    .send_later()\nclient.\\\n    send()\nπ.sendπ = 'é'\n",
    "d.ipynb": '{"cells": [{"cell_type": "code", "source": ["client.ask()"], "outputs": [{"text": ["client.send()"]}]}]}',
    "e.txt": "client.send()",
}
NAMES = ("send", "ask", "send_later", "resend", "client", "e5", "text", "sendπ", "é", "nowhere", "x")


def project(folder: Path) -> Project:
    for name, source in SOURCES.items():
        (folder / name).write_text(source, encoding="utf-8")
    found = discover([folder])
    return Project({file.in_root: file for file in found.files}, folder, DEFAULT)


def test_an_index_says_what_a_search_says(tmp_path: Path) -> None:
    searched, indexed = project(tmp_path), project(tmp_path)
    for number in range(SCANNED_NAMES):
        indexed.naming(f"other{number}")
    for name in NAMES:
        for attribute in (False, True):
            assert indexed.naming(name, attribute=attribute) == searched.naming(name, attribute=attribute), name
    assert indexed.naming("ask", attribute=True) == ("a.py", "b.py", "d.ipynb")
    assert indexed.naming("send", attribute=False) == ("a.py", "b.py", "c.py")
