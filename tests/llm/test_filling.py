"""Data that one step of a program fills for the next one."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import sites

NOTES = """
import anthropic

class Notes:
    def __init__(self):
        self.client = anthropic.Anthropic()

    def write(self, transcript):
        return self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": "Write notes.\\n" + transcript}])
"""

JOBS = """
from dataclasses import dataclass

@dataclass
class Job:
    url: str
    transcript: str | None = None
    failed: str | None = None
"""

STEPS = """
from jobs import Job

def fetch(job: Job, source):
    job.transcript = source.get(job.url)["text"]
    return job

def note(job: Job, writer):
    if job.transcript is None:
        raise ValueError("no transcript")
    if job.failed:
        return None
    return writer.write(job.transcript)

def run(job: Job, parts: dict):
    return note(fetch(job, parts["source"]), parts["writer"])
"""

APP = """
import requests
from jobs import Job
from notes import Notes
from steps import run

class Source:
    def get(self, url):
        return requests.get(url).json()

class App:
    def __init__(self):
        self.parts = {"writer": Notes(), "source": Source()}

    def process(self, url):
        return run(Job(url=url), self.parts)
"""


def test_a_step_is_looked_at_behind_those_that_fill_what_it_asks_for(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, notes=NOTES, jobs=JOBS, steps=STEPS, app=APP)
    assert {replay.variant for replay in site.replays} == {"from app.py:App.process"}
