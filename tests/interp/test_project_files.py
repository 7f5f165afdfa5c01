# ruff: noqa: E501 - what is revealed is stated on the line that reveals it
"""Files and text building: what programs read from their project, and how they put prompts together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interp.revealing import stated

SNIPPETS = {
    "resources": """
        --- pkg/__init__.py
        --- pkg/prompts/__init__.py
        --- pkg/prompts/sys.md
        System text
        --- pkg/data/d.txt
        Data text
        --- program.py
        import importlib.resources, pkgutil
        from importlib import resources
        from importlib.resources import files, as_file, open_text
        import pkg, pkg.prompts
        reveal(files("pkg.prompts").joinpath("sys.md").read_text())  # revealed: System text\\n
        reveal((files(pkg) / "data" / "d.txt").read_text(encoding="utf-8"))  # revealed: Data text\\n
        reveal(resources.read_text("pkg.prompts", "sys.md"))  # revealed: System text\\n
        reveal(resources.read_text(pkg.prompts, "sys.md"))  # revealed: System text\\n
        reveal(pkgutil.get_data("pkg", "data/d.txt").decode("utf-8"))  # revealed: Data text\\n
        with resources.open_text("pkg.prompts", "sys.md") as f:
            reveal(f.read())  # revealed: System text\\n
        with as_file(files("pkg").joinpath("data/d.txt")) as path:
            reveal(path.read_text())  # revealed: Data text\\n
        with resources.path("pkg.prompts", "sys.md") as p:
            reveal(p.read_text())  # revealed: System text\\n
        with files("pkg").joinpath("data", "d.txt").open("r") as f:
            reveal(f.read())  # revealed: Data text\\n
    """,
    "one of two files": """
        --- prompts/a.txt
        Alpha
        --- prompts/b.txt
        Bee
        --- program.py
        import os
        from pathlib import Path
        HERE = os.path.dirname(os.path.abspath(__file__))
        given = os.getenv("PROMPT")
        def load(name):
            if given:
                path = os.path.expanduser(given)
                if not os.path.isfile(path):
                    path = os.path.join(HERE, "prompts", name)
            else:
                path = os.path.join(HERE, "prompts", name)
            with open(path) as f:
                return f.read().strip()
        reveal(load("a.txt"))  # revealed: {{{f.read().strip()} | Alpha} | Alpha}
        reveal(open(given or "prompts/b.txt").read())  # revealed: {{content of open(given or 'prompts/b.txt')} | Bee\\n}
        reveal(open(os.getenv("PROMPT", "prompts/b.txt")).read())  # revealed: {{content of open(os.getenv('PROMPT', 'prompts/b.txt'))} | Bee\\n}
        reveal(Path(os.getenv("PROMPT") or Path(HERE) / "prompts" / "a.txt").read_text())  # revealed: {{content of Path(os.getenv('PROMPT') or Path(HERE) / 'prompts' / 'a.txt').read_text()} | Alpha\\n}
        reveal((Path(os.getenv("FOLDER", "prompts")) / "a.txt").read_text())  # revealed: {{content of (Path(os.getenv('FOLDER', 'prompts')) / 'a.txt').read_text()} | Alpha\\n}
        reveal(open("prompts/a.txt" if given == "a" else "prompts/b.txt").read())  # revealed: {Alpha\\n | Bee\\n}
        reveal(open(os.getenv("PROMPT", "elsewhere/c.txt")).read())  # revealed: {content of open(os.getenv('PROMPT', 'elsewhere/c.txt'))}
        reveal(open(os.environ["PROMPT"]).read())  # revealed: {content of open(os.environ['PROMPT'])}
    """,
    "started in the folder of a package": """
        --- bot/__init__.py
        --- bot/prompts.py
        GREETING = "Hello"
        --- bot/logging.py
        INFO = "ours"
        --- bot/workers/__init__.py
        --- bot/workers/chat.py
        import logging
        import prompts
        from prompts import GREETING
        INFO = logging.INFO
        TEXT = GREETING + " " + prompts.GREETING
        --- program.py
        from bot.workers.chat import INFO, TEXT
        reveal(TEXT)  # revealed: Hello Hello
        reveal(f"{INFO}")  # revealed: {INFO}
        --- bot/main.py
        from workers.chat import INFO, TEXT
        if __name__ == "__main__":
            reveal(TEXT)
    """,
    "opens": """
        --- prompts/a.txt
        Alpha
        Beta
        --- prompts/b.txt
        Bee
        --- program.py
        import os, io, codecs
        from pathlib import Path
        HERE = os.path.dirname(os.path.abspath(__file__))
        reveal(open("prompts/a.txt").read())  # revealed: Alpha\\nBeta\\n
        reveal(open(os.path.join(HERE, "prompts", "a.txt"), encoding="utf-8").read().strip())  # revealed: Alpha\\nBeta
        with open(Path(__file__).parent / "prompts" / "b.txt", "r") as f:
            text = f.read()
        reveal(text)  # revealed: Bee\\n
        with open("prompts/a.txt") as f:
            lines = [l.strip() for l in f]
        reveal(lines)  # revealed: ['Alpha', 'Beta']
        with open("prompts/a.txt") as f:
            reveal(f.readlines())  # revealed: ['Alpha\\n', 'Beta\\n']
        with open("prompts/a.txt") as f:
            first = f.readline()
        reveal(first)  # revealed: Alpha\\n
        reveal("".join(open("prompts/a.txt")))  # revealed: Alpha\\nBeta\\n
        reveal(Path("prompts").joinpath("b.txt").read_text().rstrip("\\n"))  # revealed: Bee
        reveal(Path("prompts/a.txt").read_text().splitlines())  # revealed: ['Alpha', 'Beta']
        reveal(Path("prompts/a.txt").stem)  # revealed: a
        p = Path(__file__).resolve().parent / "prompts"
        reveal((p / "missing.txt").read_text() if (p / "missing.txt").exists() else "default")  # revealed: {{content of prompts/missing.txt} | default}
        reveal("yes" if (p / "a.txt").exists() else "no")  # revealed: yes
        reveal("yes" if os.path.exists("prompts/b.txt") else "no")  # revealed: yes
        def load(name):
            path = p / f"{name}.txt"
            if not path.is_file():
                raise FileNotFoundError(path)
            return path.read_text()
        reveal(load("b"))  # revealed: Bee\\n
        reveal((p / "a.txt").open().read())  # revealed: Alpha\\nBeta\\n
        with (p / "a.txt").open() as f:
            reveal(f.read())  # revealed: Alpha\\nBeta\\n
        reveal((p / "a").with_suffix(".txt").read_text())  # revealed: Alpha\\nBeta\\n
        try:
            with open("prompts/none.txt") as f:
                t = f.read()
        except FileNotFoundError:
            t = "fallback"
        reveal(t)  # revealed: {content of prompts/none.txt}
    """,
    "globbing": """
        --- prompts/b.txt
        Bee
        --- prompts/a.txt
        Ay
        --- prompts/sub/c.md
        Sea
        --- program.py
        import os, glob
        from pathlib import Path
        D = Path(__file__).parent / "prompts"
        reveal("|".join(p.read_text().strip() for p in sorted(D.glob("*.txt"))))  # revealed: Ay|Bee
        reveal({p.stem: p.read_text().strip() for p in sorted(D.iterdir()) if p.suffix == ".txt"})  # revealed: {'a': 'Ay', 'b': 'Bee'}
        out = ""
        for f in sorted(os.listdir("prompts")):
            if f.endswith(".txt"):
                with open(os.path.join("prompts", f)) as fh:
                    out += fh.read()
        reveal(out)  # revealed: Ay\\nBee\\n
        reveal("|".join(sorted(p.name for p in D.rglob("*.md"))))  # revealed: c.md
        reveal("|".join(p.read_text().strip() for p in D.glob("*.txt")))  # revealed: {D.glob('*.txt')}
        reveal(sorted(glob.glob("prompts/*.txt"))[0])  # revealed: prompts/a.txt
        PROMPTS = {p.stem: p.read_text() for p in D.glob("*.txt")}
        reveal(PROMPTS["a"])  # revealed: Ay\\n
        texts = [open(f).read() for f in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "prompts", "*.txt")))]
        reveal("".join(texts))  # revealed: Ay\\nBee\\n
    """,
    "data": """
        --- c.yaml
        system: |
          You are {role}.
          Second line.
        tools:
          - name: a
            enabled: true
          - name: b
        empty:
        --- c.json
        {"k": ["v", 1], "n": null}
        --- c.toml
        [a]
        b = "x"
        --- c.ini
        [s]
        key = value
        --- rows.jsonl
        {"q": "one"}
        {"q": "two"}
        --- rows.csv
        name,age
        ann,3
        bob,4
        --- program.py
        import yaml, json, configparser, csv
        from pathlib import Path
        try:
            import tomllib
        except ImportError:
            import tomli as tomllib
        with open("c.yaml") as f:
            cfg = yaml.safe_load(f)
        reveal(cfg["system"].format(role="R"))  # revealed: You are R.\\nSecond line.\\n
        reveal([t["name"] for t in cfg["tools"] if t.get("enabled")])  # revealed: ['a']
        reveal(yaml.load(open("c.yaml"), Loader=yaml.FullLoader)["empty"])  # revealed: None
        reveal(yaml.safe_load(Path("c.yaml").read_text())["tools"][1])  # revealed: {'name': 'b'}
        with open("c.toml", "rb") as f:
            reveal(tomllib.load(f)["a"]["b"])  # revealed: x
        reveal(json.load(open("c.json"))["k"])  # revealed: ['v', 1]
        c = configparser.ConfigParser()
        c.read("c.ini")
        reveal(c["s"]["key"] + c.get("s", "key"))  # revealed: valuevalue
        rows = [json.loads(line) for line in open("rows.jsonl")]
        reveal([r["q"] for r in rows])  # revealed: ['one', 'two']
        with open("rows.csv") as f:
            reveal([r["name"] for r in csv.DictReader(f)])  # revealed: ['ann', 'bob']
        from ruamel.yaml import YAML
        reveal(YAML(typ="safe").load(Path("c.yaml"))["tools"][0]["name"])  # revealed: a
    """,
    "builders": """
        import io, textwrap, inspect
        who = input()
        buf = io.StringIO()
        buf.write("Hello ")
        buf.write(f"{who}\\n")
        print("third", "x", file=buf)
        reveal(buf.getvalue())  # revealed: Hello {input()}\\nthird x\\n
        parts = ["a"]
        if who:
            parts.append("b")
        parts.extend(["c", "d"])
        reveal("\\n".join(parts))  # revealed: a{\\nb | }\\nc\\nd
        sections = {"Role": "R", "Rules": None, "End": "E"}
        reveal("\\n\\n".join(f"# {k}\\n{v}" for k, v in sections.items() if v))  # revealed: # Role\\nR\\n\\n# End\\nE
        def tag(name, text):
            return f"<{name}>\\n{text}\\n</{name}>"
        reveal(tag("doc", who))  # revealed: <doc>\\n{input()}\\n</doc>
        reveal(textwrap.fill("aaa bbb ccc", 7))  # revealed: aaa bbb\\nccc
        reveal(textwrap.dedent(f"\\n    x {who}\\n      y\\n").strip())  # revealed: x {input()}\\n  y
        reveal(textwrap.shorten("hello big world", width=12, placeholder="..."))  # revealed: hello big...
        reveal(inspect.cleandoc("\\n    a\\n      b"))  # revealed: a\\n  b
        lines = []
        for i, r in enumerate(["x", "y"], 1):
            lines.append(f"{i}. {r}")
        reveal("\\n".join(lines))  # revealed: 1. x\\n2. y
        from xml.sax.saxutils import escape
        import html
        reveal(escape("<a>") + html.escape("<b>"))  # revealed: &lt;a&gt;&lt;b&gt;
        s = "x"
        s = f"{s}y"
        s += "\\n" * 2
        reveal(s)  # revealed: xy\\n\\n
        reveal("{}".format("a").ljust(3, ".") + "|")  # revealed: a..|
        reveal("-" * 3 + "=".join(["1", "2"]))  # revealed: ---1=2
    """,
    "jsons": """
        import json
        from dataclasses import dataclass, asdict
        from pydantic import BaseModel
        who = input()
        class M(BaseModel):
            a: str
            b: list[int] = []
        @dataclass
        class D:
            x: int
            y: str
        reveal(json.dumps({"q": who, "n": 1}))  # revealed: {"q": {input()}, "n": 1}
        reveal(json.dumps([M(a="1").model_dump(), asdict(D(1, "z"))]))  # revealed: [{"a": "1", "b": []}, {"x": 1, "y": "z"}]
        reveal(M(a=who).model_dump_json())  # revealed: {"a":{input()},"b":[]}
        reveal(json.dumps({"b": 1, "a": [1, {"c": None}]}, indent=2))  # revealed: {\\n  "b": 1,\\n  "a": [\\n    1,\\n    {\\n      "c": null\\n    }\\n  ]\\n}
        reveal(json.dumps({"a": "é"}))  # revealed: {"a": "\\u00e9"}
        reveal(json.dumps((1, 2), separators=(",", ":")))  # revealed: [1,2]
        reveal(json.dumps({2: 2, True: None, None: 3}))  # revealed: {"2": 2, "true": null, "null": 3}
        reveal(json.dumps([], indent=2) + json.dumps({}, indent=2))  # revealed: []{}
        reveal(json.dumps("a\\nb"))  # revealed: "a\\nb"
        reveal(json.dumps({"d": D(1, "z")}, default=asdict))  # revealed: {"d": {"x": 1, "y": "z"}}
        reveal(json.dumps({"s": {1, 2}}, default=list))  # revealed: {"s": [1, 2]}
        reveal(json.dumps({"s": D(1, "z")}, default=lambda o: "x"))  # revealed: {"s": "x"}
        reveal(str({"a": who}))  # revealed: {'a': {input()}}
    """,
    "base64": """
        --- img.png
        notreal
        --- program.py
        import base64
        data = base64.b64encode(open("img.png", "rb").read()).decode("utf-8")
        reveal(data)  # revealed: {base64.b64encode(open('img.png', 'rb').read()).decode('utf-8')}
        block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
        reveal(block["source"]["data"])  # revealed: {base64.b64encode(open('img.png', 'rb').read()).decode('utf-8')}
    """,
    "classloader": """
        --- prompts/x.txt
        X text
        --- program.py
        from pathlib import Path
        from functools import lru_cache
        class Prompts:
            def __init__(self, folder="prompts"):
                self.folder = Path(folder)
                self._cache = {}
            def get(self, name, **kw):
                if name not in self._cache:
                    self._cache[name] = (self.folder / f"{name}.txt").read_text()
                return self._cache[name].format(**kw)
            def __getattr__(self, name):
                return self.get(name)
            def __getitem__(self, name):
                return self.get(name)
        p = Prompts()
        reveal(p.get("x"))  # revealed: X text\\n
        reveal(p.x)  # revealed: X text\\n
        reveal(p["x"])  # revealed: X text\\n
        @lru_cache
        def load(n):
            with open(Path(__file__).parent / "prompts" / n) as f:
                return f.read()
        reveal(load("x.txt"))  # revealed: X text\\n
        def base():
            for parent in Path(__file__).resolve().parents:
                if (parent / "prompts").is_dir():
                    return parent
        reveal((base() / "prompts" / "x.txt").read_text())  # revealed: X text\\n
        ROOT = Path(__file__).parents[0]
        reveal((ROOT / "prompts/x.txt").read_text())  # revealed: X text\\n
        reveal(open(f"{ROOT}/prompts/x.txt").read())  # revealed: X text\\n
        reveal(open(str(ROOT / "prompts") + "/x.txt").read())  # revealed: X text\\n
        reveal(Path(ROOT, "prompts", "x.txt").read_text())  # revealed: X text\\n
        import os
        reveal(open(os.path.join(os.getcwd(), "prompts", "x.txt")).read())  # revealed: X text\\n
        reveal((Path.cwd() / "prompts" / "x.txt").read_text())  # revealed: X text\\n
        reveal(open(__file__.replace("program.py", "prompts/x.txt")).read())  # revealed: X text\\n
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_revealed(name: str, tmp_path: Path) -> None:
    seen, expected = stated(SNIPPETS[name], tmp_path)
    assert expected
    assert seen == expected
