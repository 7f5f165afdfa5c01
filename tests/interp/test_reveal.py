"""What the evaluator makes of Python: each `reveal(x)` states its value as text, holes as `{expression}`."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.interp.machine import Machine
from auditor.values.lifetime import Cause, Lifetime, Reason
from tests.interp.revealing import stated, texts, write

SNIPPETS = {
    "what one part of a test says of the other": """
        import json
        import sys
        WORDS = json.load(open("words.json"))
        def named(word):
            return None if word is None else WORDS.get(word)
        def said(word):
            found = named(word)
            if found is None or found == "one":
                return "nothing"
            reveal(f"say {found}")  # revealed: say {WORDS.get(word)}
        said(input() if len(sys.argv) > 1 else None)
    """,
    "a class that is made by calling type": """
        class Agent:
            prompt = "You help."
            def __init__(self, name):
                self.name = name
            def system(self):
                return f"{self.name}: {self.prompt}"
        def greet(self):
            return f"Hello, I am {self.name}. {self.system()}"
        kinds = {
            name: type(f"{name.title()}Agent", (Agent,), {"prompt": prompt, "greet": greet})
            for name, prompt in {"cook": "You cook.", "clerk": "You file."}.items()
        }
        cook = kinds["cook"]("Ann")
        reveal(cook.system())  # revealed: Ann: You cook.
        reveal(kinds["clerk"]("Bob").greet())  # revealed: Hello, I am Bob. Bob: You file.
        reveal(type(cook).__name__)  # revealed: CookAgent
        reveal(isinstance(cook, Agent))  # revealed: True
        reveal(isinstance(cook, kinds["clerk"]))  # revealed: False
        reveal(len(Agent.__subclasses__()))  # revealed: 2
        plain = type("Plain", (), {"size": 3})()
        reveal(plain.size)  # revealed: 3
    """,
    "what is kept of the standard library's objects is none of their attributes": """
        import re
        found = re.search("order", "your order")
        reveal(found.start())  # revealed: 5
        reveal(found.span())  # revealed: (5, 10)
    """,
    "what an object of a library's class was made with is what it has": """
        from herald import Letter, Parcel
        from herald.kinds import Letter as Other
        import os
        letter = Letter(to="you", text=f"Dear {os.environ['NAME']}", pages=[1, 2])
        reveal(letter.text)  # revealed: Dear {os.environ['NAME']}
        letter.pages.append(3)
        reveal(len(letter.pages))  # revealed: 3
        letter.to = "them"
        reveal(letter.to)  # revealed: them
        reveal(letter.stamp)  # revealed: {herald.Letter.stamp}
        reveal("letter" if isinstance(letter, Letter) else "other")  # revealed: letter
        reveal("letter" if isinstance(letter, (Parcel, Letter)) else "other")  # revealed: letter
        reveal("letter" if isinstance(letter, Parcel) else "other")  # revealed: {letter | other}
        reveal("letter" if isinstance(letter, Other) else "other")  # revealed: {letter | other}
        reveal("text" if isinstance(letter, str) else "other")  # revealed: other
    """,
    "nothing comes back from a function that raises on every way": """
        import os
        import sys
        from flask import abort
        class Missing(Exception):
            pass
        def fail(what, loud=False):
            if loud:
                raise ValueError(what)
            print(what)
            raise Missing(what)
        def stop(what):
            fail(what)
        def checked(value):
            if value:
                return value
            raise Missing("nothing")
        def later():
            raise NotImplementedError
        def connected(url):
            client = None
            if url:
                client = "client"
            if client is None:
                fail("not connected")
            return client
        def page(number):
            if number is None:
                return abort(404)
            return "page"
        def chosen(name):
            if name == "a":
                found = "first"
            elif name == "b":
                found = "second"
            else:
                found = stop("no such name")
            return found
        def caught(name):
            found = "none"
            try:
                stop(name)
                found = "never"
            except ValueError:
                found = "value"
            except Missing as error:
                found = f"missing {error}"
            return found
        def usage(given):
            try:
                if not given:
                    sys.exit("usage")
            except Exception:
                return "caught"
            return "used"
        def handed(run):
            run(fail)
            return "went on"
        reveal(connected(os.environ["URL"]))  # revealed: client
        reveal(page(os.environ["PAGE"]))  # revealed: page
        reveal(chosen(os.environ["NAME"]))  # revealed: {first | second}
        reveal(caught("x"))  # revealed: missing x
        reveal(usage(os.environ["GIVEN"]))  # revealed: used
        reveal(handed(print))  # revealed: went on
        later()
        checked("")
        reveal("on")  # revealed: on
    """,
    "modules that are imported where they are used": """
        import importlib
        reveal(__import__("json").dumps({"a": 1}))  # revealed: {"a": 1}
        reveal(importlib.import_module("textwrap").dedent("  a"))  # revealed: a
        reveal(__import__("os.path").path.basename("a/b"))  # revealed: b
    """,
    "credentials that data begin without are given by whoever runs the program": """
        from dataclasses import dataclass, field
        @dataclass
        class Account:
            api_key: str = ""
            secret: str | None = None
            name: str = ""
        @dataclass
        class Settings:
            account: Account = field(default_factory=Account)
        settings = Settings()
        reveal(f"key {settings.account.api_key}")  # revealed: key {Account.api_key}
        reveal(f"name [{settings.account.name}]")  # revealed: name []
        if not settings.account.api_key:
            raise SystemExit("no key")
        reveal(f"secret {settings.account.secret}")  # revealed: secret {Account.secret}
    """,
    "what a data class is made of that nobody knows may give what its defaults leave out": """
        import json
        from dataclasses import dataclass
        @dataclass
        class Settings:
            model: str = "large"
            mark: str | None = None
            loud: bool = False
            suffix: str = ""
            size: int = 3
        def read(path, **more):
            given = json.loads(open(path).read())
            if len(given["model"]) > 9 and "mark" not in more:
                more["mark"] = "end"
            return Settings(**given), Settings(**more), Settings(**{"size": 4, **more})
        first, second, third = read(input())
        reveal(first.model)  # revealed: large
        reveal(first.mark)  # revealed: {mark}
        reveal(first.loud)  # revealed: {loud}
        reveal(f"now{first.suffix}")  # revealed: now{suffix}
        reveal(first.size)  # revealed: 3
        reveal(second.mark)  # revealed: {end | None}
        reveal(second.loud)  # revealed: False
        reveal(third.size)  # revealed: 4
        reveal(Settings().mark)  # revealed: None
    """,
    "concatenation": """
        name = input()
        reveal("a" + "b" "c")  # revealed: abc
        reveal("Hello " + name + "!")  # revealed: Hello {input()}!
        reveal("ab" * 3)  # revealed: ababab
        text = "x"
        text += "y"
        reveal(text)  # revealed: xy
    """,
    "formatting": """
        who = input()
        reveal(f"{who}: {1 + 1:03d} {'q'!r}")  # revealed: {input()}: 002 'q'
        reveal("%s is %d%% of %s" % (1, 2, who))  # revealed: 1 is 2% of {input()}
        reveal("{} {name} {0[1]}".format(["p", "q"], name=who))  # revealed: ['p', 'q'] {input()} q
        reveal("{a}-{b}".format_map({"a": 1, "b": who}))  # revealed: 1-{input()}
        reveal("{!r:>5}|".format("z"))  # revealed:   'z'|
    """,
    "templates": """
        from string import Template
        import textwrap, inspect
        who = input()
        reveal(Template("Dear $who, $$5 ${who}").substitute(who=who))  # revealed: Dear {input()}, $5 {input()}
        reveal(textwrap.dedent("    a\\n      b"))  # revealed: a\\n  b
        reveal(textwrap.indent("a\\nb", "> "))  # revealed: > a\\n> b
        reveal(inspect.cleandoc("  x\\n    y"))  # revealed: x\\ny
    """,
    "regular expressions": """
        import re
        who = input()
        reveal(re.sub("NAME", who, "Dear NAME, NAME!"))  # revealed: Dear {input()}, {input()}!
        reveal(re.sub(r"<(.)>", lambda m: m[1] + who, "<a> <b>"))  # revealed: a{input()} b{input()}
        reveal(re.sub("(a+)+b", "", "a" * 40))  # revealed: {re.sub('(a+)+b', '', 'a' * 40)}
        reveal(re.search("x", who).group(1))  # revealed: {re.search('x', who).group(1)}
        reveal(re.compile("[0-9]+").findall(who))  # revealed: [{?}]
    """,
    "methods": """
        who = input()
        reveal(", ".join(["a", who, "c"]))  # revealed: a, {input()}, c
        reveal(("  lead " + who).strip())  # revealed: lead {input()}
        reveal(("Hi NAME, " + who).replace("NAME", "Bo"))  # revealed: Hi Bo, {input()}
        reveal("aBc".upper() + "X".lower())  # revealed: ABCx
        reveal("a,b,c".split(",")[1])  # revealed: b
        reveal("abcdef"[1:3] + "abc"[-1])  # revealed: bcc
        reveal("prefix-x".removeprefix("prefix-"))  # revealed: x
        reveal("abc".startswith("ab"))  # revealed: True
    """,
    "what a condition put into a collection is asked of that condition": """
        found, notes = {"a": 1}, []
        if input():
            found["key"] = "put"
            notes.append("noted")
        text = f"has {found['key']}" if "key" in found else "has none"
        reveal(text)  # revealed: {has put | has none}
        reveal("never" if "other" in found else "no other")  # revealed: no other
        reveal(" kept" if "key" not in found else "")  # revealed: { |  kept}
        reveal(f"{notes[0]} once" if notes else "")  # revealed: {noted once | }
    """,
    "what a function keeps is one value, whoever of several ways asked first": """
        import time
        _kept, _at = None, 0.0
        def settings():
            global _kept, _at
            now = time.time()
            if _kept is not None and now - _at < 60:
                return _kept
            _kept = load()
            _at = now
            return _kept
        class Shelf:
            def __init__(self):
                self.found = None
            def books(self):
                if self.found is None:
                    self.found = [load()]
                return self.found[0]
        def page(number):
            global _page
            if _page is not None:
                return _page
            _page = load(number)
            return _page
        _page = None
        shelf = Shelf()
        if input():
            reveal(str(settings()) + str(shelf.books()) + str(page(1)))  # revealed: {load()}{load()}{load(number)}
        reveal(str(settings()) + str(shelf.books()))  # revealed: {load()}{load()}
        reveal(str(page(2)))  # revealed: {{load(number)} | {load(number)}}
    """,
    "whether one of several values is of a kind": """
        who = input()
        said = [who] if who else "nothing"
        reveal("list" if isinstance(said, list) else "text")  # revealed: {list | text}
        if isinstance(said, str):
            said = [said]
        reveal(said[0])  # revealed: {{input()} | nothing}
    """,
    "whether there are any items where a test decides about each": """
        who = input()
        parts = []
        if who:
            parts.append(who)
        reveal("".join(parts) if parts else "none")  # revealed: {{input()} | none}
    """,
    "a list of unknown length that is gone through by an index": """
        def rounds_of(messages):
            found = []
            i = 0
            while i < len(messages):
                if messages[i]["role"] == "call":
                    start = i
                    j = i + 1
                    while j < len(messages) and messages[j]["role"] == "tool":
                        j += 1
                    found.append((start, j))
                    i = j
                else:
                    i += 1
            return found
        told = [{"role": "user", "content": row["text"]} for row in load()]
        if input():
            told.append({"role": "user", "content": "maybe"})
        results = [{"role": "tool", "content": row} for row in load()]
        messages = [
            {"role": "system", "content": "S"},
            *told,
            {"role": "call", "content": "a"},
            *results,
            {"role": "call", "content": "b"},
            {"role": "tool", "content": "r"},
        ]
        rounds = rounds_of(messages)
        reveal(str(len(rounds)))  # revealed: 2
        start, end = rounds[-1]
        reveal(str(start))  # revealed: {position in the list}
        reveal("".join(m["content"] for m in messages[start:end]))  # revealed: br
        kept = []
        for index, m in enumerate(messages):
            if index < start and m["role"] in ("tool", "call"):
                continue
            kept.append(m["content"])
        reveal(kept[-2] + kept[-1])  # revealed: br
        reveal("more" if len(messages) > 6 else "few")  # revealed: {more | few}
        i, seen = 0, []
        while i < len(told):
            seen.append(told[i]["content"])
            i += 1
        reveal(seen[-1])  # revealed: {maybe | {row['text']}}
    """,
    "what ends an expression is what it is there": """
        role = input()
        reveal(str(role == "a" and None))  # revealed: {None | False}
        reveal("yes" if role == "a" and [] else "no")  # revealed: no
        reveal("yes" if role == "a" or "x" else "no")  # revealed: yes
    """,
    "one for each of what there is": """
        answer = ask()
        if answer.calls:
            reveal("some" if [{"id": call.id} for call in answer.calls] else "none")  # revealed: some
            reveal("some" if [call for call in answer.calls if call.id] else "none")  # revealed: {some | none}
        reveal("some" if [call.id for call in answer.calls] else "none")  # revealed: {some | none}
    """,
    "an item put at the end of a list whose end is open": """
        rows = ["a", "b"]
        if input():
            rows.append("c")
        rows[-1] = "Z" + rows[-1]
        rows[0] = "A"
        reveal("".join(rows))  # revealed: A{b | }Z{c | b}
        more = [row for row in load()]
        more[-1] = "last"
        reveal(more[-1])  # revealed: last
        few = []
        if input():
            few += ["x", "y"]
        few[1] = "Y"
        reveal("".join(few))  # revealed: {xY | }
        few[5] = "?"
        reveal("".join(few))  # revealed: {xY | }
    """,
    "separators between holes": """
        who, what = input(), input()
        text = "Rules.\\n===DATA===\\n" + who + "\\n===DATA===\\n" + what
        head, mark, tail = text.partition("===DATA===")
        reveal(head + "|" + mark + "|" + tail)  # revealed: Rules.\\n|===DATA===|\\n{input()}\\n===DATA===\\n{input()}
        stable, rest = text.split("===DATA===", 1)
        reveal(stable.strip())  # revealed: Rules.
        reveal(text.rsplit("===DATA===", 1)[0])  # revealed: Rules.\\n===DATA===\\n{input()}\\n
        reveal("+".join(part.strip() for part in text.split("===DATA===")))  # revealed: Rules.+{input()}+{input()}
        reveal(who.partition("===DATA===")[0])  # revealed: {who.partition('===DATA===')[0]}
        reveal((who + ", " + what).split(", ")[0])  # revealed: {(who + ', ' + what).split(', ')}
        odd = "a" + ("" if who else "=DATA=") + "=DATA=b"
        reveal(odd.split("=DATA=")[0])  # revealed: a
    """,
    "patterns between holes": """
        import re
        who = input()
        reveal(re.sub(r"\\n{3,}", "\\n\\n", "A\\n\\n\\n\\n" + who + "\\n\\n\\nB"))  # revealed: A\\n\\n{input()}\\n\\nB
        reveal(re.sub("NAME", lambda m: m[0].title(), "NAME, " + who + ", NAME", count=1))  # revealed: Name, {input()}, NAME
        reveal(re.sub("<.*>", "", "<a" + who + ">b"))  # revealed: {re.sub('<.*>', '', '<a' + who + '>b')}
    """,
    "a key that reads in many ways": """
        name = input()
        key = ""
        for letter in "abcdefghijklmnopqrstuvwxyz":
            if name.startswith(letter):
                key += letter
        short = "x" if name else "y"
        table = {"x": "one", "y": "two"}
        reveal(table.get(short))  # revealed: {one | two}
        reveal(table.get(key, "none"))  # revealed: {table.get(key, 'none')}
    """,
    "lists": """
        items = [1, 2]
        alias = items
        alias.append(3)
        items += [4]
        items.insert(0, 0)
        reveal(items)  # revealed: [0, 1, 2, 3, 4]
        reveal(items.pop(0) + items.pop())  # revealed: 4
        reveal(items)  # revealed: [1, 2, 3]
        items[-1] = "z"
        del items[0]
        reveal(alias)  # revealed: [2, 'z']
        reveal([x * 2 for x in range(5) if x % 2])  # revealed: [2, 6]
        reveal([*items, *("t", "u")])  # revealed: [2, 'z', 't', 'u']
        reveal(sorted({"b", "a"}))  # revealed: ['a', 'b']
        reveal(list(reversed([1, 2])) + [len(items)])  # revealed: [2, 1, 2]
        first, *rest = [1, 2, 3]
        reveal(rest)  # revealed: [2, 3]
    """,
    "mappings": """
        d = {"a": 1}
        d["b"] = 2
        d.update(c=3)
        e = {**d, "a": 9} | {"z": 0}
        reveal(e)  # revealed: {'a': 9, 'b': 2, 'c': 3, 'z': 0}
        reveal(d.get("q", "none"))  # revealed: none
        reveal(d.pop("b"))  # revealed: 2
        reveal(d.setdefault("new", 5))  # revealed: 5
        reveal({k: v for k, v in d.items() if v != 1})  # revealed: {'c': 3, 'new': 5}
        nested = {"content": [{"type": "text"}]}
        nested["content"][-1]["cache_control"] = {"type": "ephemeral"}
        reveal(nested)  # revealed: {'content': [{'type': 'text', 'cache_control': {'type': 'ephemeral'}}]}
    """,
    "copies": """
        import copy
        a = [{"x": 1}]
        shallow, deep = list(a), copy.deepcopy(a)
        a[0]["x"] = 2
        reveal(shallow)  # revealed: [{'x': 2}]
        reveal(deep)  # revealed: [{'x': 1}]
    """,
    "functions": """
        import functools
        def f(a, /, b, *args, c="C", **kwargs):
            return f"{a}{b}{args}{c}{kwargs}"
        reveal(f(1, 2, 3, c=4, d=5))  # revealed: 12(3,)4{'d': 5}
        reveal(functools.partial(f, 1)(b="B"))  # revealed: 1B()C{}
        reveal((lambda x: x + "!")("y"))  # revealed: y!
        def outer():
            n = ["in"]
            def inner():
                return n[0]
            n[0] = "changed"
            return inner
        reveal(outer()())  # revealed: changed
        def generator():
            yield "g1"
            yield "g2"
        reveal(" ".join(generator()))  # revealed: g1 g2
    """,
    "a setting's default names an entry": """
        import os
        MODELS = {"small": "claude-haiku-4-5", "large": "claude-opus-4-8"}
        size = os.getenv("SIZE", "small")
        def named(alias):
            if alias:
                found = MODELS.get(alias.strip().lower())
                if found:
                    return found
            return "claude-sonnet-5"
        reveal(named(size))  # revealed: claude-haiku-4-5
        reveal(bool(os.getenv("PLACE", "")))  # revealed: {True | False}
        reveal(MODELS.get(os.getenv("OTHER", "huge"), "none"))  # revealed: {claude-haiku-4-5 | {claude-opus-4-8 | none}}
    """,
    "what a library wraps": """
        import functools
        from tenacity import retry, stop_after_attempt
        def patient(function):
            again = retry(stop=stop_after_attempt(3))(function)
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                try:
                    return again(*args, **kwargs)
                except Exception:
                    raise
            return wrapper
        @patient
        def greet(name):
            return "Hello " + name
        reveal(greet("Bo"))  # revealed: Hello Bo
        from somewhere import registry
        reveal(registry.find(greet))  # revealed: {registry.find(greet)}
    """,
    "classes": """
        from dataclasses import dataclass, field
        from enum import Enum
        class Base:
            kind = "base"
            def __init__(self, name):
                self.name = name
            @property
            def label(self):
                return f"{self.kind}:{self.name}"
        class Child(Base):
            kind = "child"
            def __init__(self, name):
                super().__init__(name.upper())
        reveal(Child("x").label)  # revealed: child:X
        @dataclass
        class Point:
            x: int
            y: list = field(default_factory=list)
        p = Point(1)
        p.y.append(2)
        reveal(p)  # revealed: Point(x=1, y=[2])
        class Model(str, Enum):
            BIG = "opus"
        reveal(Model.BIG.value)  # revealed: opus
    """,
    "branches": """
        mode = input()
        text = "start"
        if mode == "long":
            text += " long"
        reveal(text)  # revealed: start{ long | }
        value = "a" if mode else "b"
        reveal(value)  # revealed: {a | b}
        def pick():
            if mode == "x":
                return "one"
            return "two"
        reveal(pick())  # revealed: {one | two}
        match 3:
            case 1 | 2:
                kind = "low"
            case n if n > 2:
                kind = "high"
        reveal(kind)  # revealed: high
    """,
    "loops": """
        import os
        parts = []
        for name in ["a", "b"]:
            parts.append(name)
        reveal("".join(parts))  # revealed: ab
        total = 0
        while total < 3:
            total += 1
        reveal(total)  # revealed: 3
        lines = []
        for key in os.environ["KEYS"]:
            lines.append(f"- {key}")
        reveal("head " + "; ".join(lines))  # revealed: head {os.environ['KEYS']}
        try:
            risky = "ok"
        except ValueError:
            risky = "failed"
        reveal(risky)  # revealed: ok
    """,
    "backwards": """
        import os
        rows = os.environ["ROWS"].split(",")
        newest_first = [*rows, "system"]
        if os.environ["MORE"]:
            newest_first += ["b", "a"]
        reveal(newest_first[::-1][0])  # revealed: {a | system}
        reveal(list(reversed(newest_first))[0])  # revealed: {a | system}
        newest_first.reverse()
        reveal(newest_first[0])  # revealed: {a | system}
    """,
    "json": """
        import json
        reveal(json.dumps({"b": [1, None, True], "a": "x"}))  # revealed: {"b": [1, null, true], "a": "x"}
        reveal(json.dumps({"b": 1, "a": 2}, sort_keys=True))  # revealed: {"a": 2, "b": 1}
        reveal(json.dumps(["é"], ensure_ascii=False))  # revealed: ["é"]
        reveal(json.loads('{"k": [1]}')["k"][0])  # revealed: 1
    """,
    "clock": """
        from datetime import date, datetime
        now = datetime.now()
        reveal(f"{now:%Y-%m-%d}")  # revealed: {now}
        reveal(date.today().isoformat())  # revealed: {date.today().isoformat()}
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_revealed(name: str, tmp_path: Path) -> None:
    seen, expected = stated(SNIPPETS[name], tmp_path)
    assert expected
    assert seen == expected


CLOCKS = """
import time
from datetime import datetime
now = datetime.now()
reveal(now.strftime("%H:%M"))
reveal(now.strftime("%Y-%m-%d %Z"))
reveal(now.strftime("%B %Y"))
reveal(time.strftime("%Z"))
reveal(str(now.astimezone().tzinfo))
reveal(now.tzname())
"""


def test_how_long_a_moment_stays_what_it_is_written_as(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(CLOCKS, encoding="utf-8")
    lifetimes = [hole.lifetime for _, text in texts(tmp_path) for hole in text.holes()]
    assert lifetimes == [Lifetime.CALL, Lifetime.DAY, *[Lifetime.DEPLOY] * 4]


MOVED = """
from datetime import datetime, timedelta
now = datetime.now()
end = now + timedelta(days=91)
reveal(end.day)
reveal((now - timedelta(days=1)).strftime("%d.%m.%Y"))
reveal((end - now).days)
reveal(timedelta(hours=2) + now)
reveal(end - now)
"""


def test_a_moment_that_is_moved_lives_as_long_as_what_is_written_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"program.py": MOVED})
    lifetimes = [hole.lifetime for _, text in texts(tmp_path) for hole in text.holes()]
    assert lifetimes == [*[Lifetime.DAY] * 3, *[Lifetime.CALL] * 2]


PARTS = """
from datetime import date
from sqlalchemy.orm import Session
row = Session()
reveal(date.today().year - row.born)
reveal(date.today().year + row.lease.years)
"""


def test_what_is_computed_of_an_object_s_part_is_as_little_known_as_that_part(tmp_path: Path) -> None:
    write(tmp_path, {"program.py": PARTS})
    holes = [hole for _, text in texts(tmp_path) for hole in text.holes()]
    assert [(hole.lifetime, hole.reason) for hole in holes] == [(Lifetime.UNKNOWN, Reason.UNMODELLED_CALL)] * 2


ESCAPED = """
import html
from xml.sax.saxutils import escape
from pathlib import Path
told = Path("told.md").read_text() if Path("told.md").exists() else None
reveal(html.escape(told))
reveal(escape(told))
"""


def test_what_is_escaped_lives_as_long_as_before(tmp_path: Path) -> None:
    write(tmp_path, {"program.py": ESCAPED})
    holes = [hole for _, text in texts(tmp_path) for hole in text.holes()]
    assert [(hole.lifetime, hole.reason) for hole in holes] == [(Lifetime.DEPLOY, None)] * 2


def test_what_a_text_does_not_have_is_not_known(tmp_path: Path) -> None:
    write(tmp_path, {"program.py": 'name = "main"\nreveal(f"{name.instruction}")\nreveal(name.encode().decode())\n'})
    (_, missing), (_, same) = texts(tmp_path)
    assert [hole.reason for hole in missing.holes()] == [Reason.MISSING]
    assert same.known == "main"


WALK = """
import json
SCHEMA = {"a": {"b": {}, "c": {}}, "d": {"e": {}}}
def walk(value, schema):
    reveal("step")
    return {key: walk(value[key], schema[key]) for key in value if key in schema}
walk(PLACEHOLDER, SCHEMA)
"""


def test_recursion_follows_data_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "leads", lambda self, function: False)  # as in a program whose requests are sent elsewhere
    known, unknown = tmp_path / "known", tmp_path / "unknown"
    for folder, value in ((known, "SCHEMA"), (unknown, "json.loads(input())")):
        folder.mkdir()
        (folder / "program.py").write_text(WALK.replace("PLACEHOLDER", value), encoding="utf-8")
    assert len(texts(known)) == 6  # the mapping and what its five keys hold
    assert len(texts(unknown)) == 1


def test_what_the_environment_says_by_default_has_the_methods_of_text(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text('import os\nreveal(os.getenv("MODEL", " GPT-x ").strip().lower())\n', encoding="utf-8")
    ((_, text),) = texts(tmp_path)
    (hole,) = text.holes()
    assert (hole.lifetime, hole.content and hole.content.known) == (Lifetime.PROCESS, "gpt-x")


COMPUTED = """
import re, httpx
from html import unescape
page = httpx.get("https://example.org/page").json()
def text_of(page):
    return unescape(re.sub("<[^>]*>", "", page.get("body"))).strip().replace("  ", " ")
reveal(text_of(page))
reveal(text_of(page))
reveal(page.get("body").replace("a", "b"))
reveal(page.get("body").replace("a", "c"))
"""


def test_what_is_computed_of_the_same_is_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"program.py": COMPUTED})
    one, again, first, second = ([hole.identity for hole in text.holes()] for _, text in texts(tmp_path))
    assert one == again
    assert first != second


def test_what_is_kept_under_a_key_does_not_change_as_a_fresh_key_does(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        """
import uuid
kept = {}
fresh = uuid.uuid4().hex
reveal(kept[fresh])
reveal(kept[input()])
reveal(kept[input() + fresh])
"""
    )
    holes = [hole for _, text in texts(tmp_path) for hole in text.holes()]
    assert [(hole.lifetime, hole.cause, hole.reason) for hole in holes] == [
        (Lifetime.UNKNOWN, Cause.VALUE, Reason.EXTERNAL_DATA),
        (Lifetime.CALL, Cause.INPUT, None),
        (Lifetime.CALL, Cause.INPUT, None),
    ]
