# ruff: noqa: E501 - what is revealed is stated on the line that reveals it
"""State and configuration: settings, command lines, enumerations, memos, registries, schemas, prompt objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interp.revealing import stated

SNIPPETS = {
    "pydantic settings": """
        from pydantic_settings import BaseSettings, SettingsConfigDict
        from pydantic import Field
        class Settings(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="APP_")
            model: str = "claude-x"
            prompt: str = Field(default="You help.", alias="P")
            key: str
            limit: int = 5
            names: list[str] = ["a", "b"]
            provider: str = "openai"
            store: str = Field(default="memory")
            notes: str | None = None
        settings = Settings()
        reveal(settings.model)  # revealed: claude-x
        reveal(settings.prompt)  # revealed: You help.
        reveal(settings.key)  # revealed: {Settings.key}
        reveal(settings.limit)  # revealed: 5
        reveal(settings.names)  # revealed: ['a', 'b']
        reveal(settings.provider)  # revealed: {Settings.provider}
        reveal(settings.store)  # revealed: {Settings.store}
        reveal(settings.notes)  # revealed: {Settings.notes}
        reveal(settings.notes or "nothing")  # revealed: {{Settings.notes} | nothing}
        reveal(Settings(notes=None).notes or "nothing")  # revealed: nothing
        reveal(Settings(model="m", store="disk").store)  # revealed: disk
    """,
    "an attribute of the class until a branch sets it": """
        import os
        class Tone:
            prompt = "Brief."
            model = "a"
            def set(self, loud):
                if loud:
                    self.prompt = "LOUD."
        tone = Tone()
        tone.set(os.getenv("LOUD"))
        reveal(tone.prompt)  # revealed: {LOUD. | Brief.}
        reveal(tone.model)  # revealed: a
        tone.prompt = "Calm."
        reveal(tone.prompt)  # revealed: Calm.
        if os.getenv("NEW"):
            other = Tone()
            other.prompt = "New."
            tone = other
        reveal(tone.prompt)  # revealed: {New. | Calm.}
        reveal(Tone().prompt)  # revealed: Brief.
    """,
    "getenv": """
        import os
        reveal(os.getenv("X", "dflt"))  # revealed: {$X}
        reveal(os.environ.get("X", "dflt"))  # revealed: {$X}
        reveal(os.environ["X"])  # revealed: {os.environ['X']}
        reveal(os.getenv("X") or "fallback")  # revealed: {{$X} | fallback}
        reveal(os.environ.get("A", os.environ.get("B", "c")))  # revealed: {$A}
        flag = os.getenv("FLAG", "0") == "1"
        reveal("a" if flag else "b")  # revealed: {a | b}
        reveal(int(os.getenv("N", "3")))  # revealed: {int(os.getenv('N', '3'))}
    """,
    "what a test of one of two says of both": """
        import os
        name = (os.getenv("NAME") or "").strip()
        if name:
            reveal(f"[{name}]")  # revealed: [{(os.getenv('NAME') or '').strip()}]
        else:
            reveal(f"[{name}]")  # revealed: [{{(os.getenv('NAME') or '').strip()} | }]
    """,
    "what a search leaves that ends by break": """
        import sys
        found = None
        for line in sys.stdin:
            if line == "x":
                found = "line"
                break
        reveal(found)  # revealed: {line | None}
        if found:
            reveal("something")  # revealed: something
        else:
            reveal("nothing")  # revealed: nothing
    """,
    "what decides whether the rest of a turn is left out": """
        import os, sys
        quick = bool(os.environ["QUICK"])
        for line in sys.stdin:
            if quick:
                continue
            print(line)
        reveal("quick" if quick else "slow")  # revealed: {quick | slow}
    """,
    "what an earlier element of a stretch left": """
        import sys
        found, begun = [], None
        for line in sys.stdin:
            if line.startswith("#"):
                begun = {"name": "part"}
            elif line.startswith("."):
                if begun:
                    found.append(begun["name"])
                    begun = None
        reveal(found)  # revealed: [{?}]
    """,
    "argparse": """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--model", default="claude-x")
        parser.add_argument("-t", "--temp", type=float, default=0.5)
        parser.add_argument("--system-prompt", "-s", default="Be nice", help="x")
        parser.add_argument("--verbose", action="store_true")
        parser.add_argument("question")
        group = parser.add_argument_group("g")
        group.add_argument("--depth", type=int, default=3)
        args = parser.parse_args()
        reveal(args.model)  # revealed: {args.model}
        reveal(args.system_prompt)  # revealed: {args.system_prompt}
        reveal(args.question)  # revealed: {args.question}
        reveal("v" if args.verbose else "q")  # revealed: {v | q}
        reveal(args.depth)  # revealed: {args.depth}
        reveal(vars(args)["model"])  # revealed: {model}
    """,
    "enums": """
        from enum import Enum, StrEnum, auto
        class Mode(Enum):
            FAST = "fast"
            SLOW = "slow"
        class S(str, Enum):
            A = "aa"
        class T(StrEnum):
            B = "bb"
            C = auto()
        reveal(Mode.FAST.value)  # revealed: fast
        reveal(f"{Mode.FAST}")  # revealed: Mode.FAST
        reveal(Mode.FAST.name)  # revealed: FAST
        reveal(f"{S.A}")  # revealed: S.A
        reveal(f"{S.A.value} {T.B} {T.C}")  # revealed: aa bb c
        reveal(Mode("fast").value)  # revealed: fast
        reveal(Mode["SLOW"].value)  # revealed: slow
        reveal([m.value for m in Mode])  # revealed: ['fast', 'slow']
        reveal([m.name for m in Mode])  # revealed: ['FAST', 'SLOW']
        reveal("yes" if Mode.FAST == Mode.FAST else "no")  # revealed: yes
        reveal("yes" if Mode.FAST is Mode.SLOW else "no")  # revealed: no
        reveal({Mode.FAST: "f", Mode.SLOW: "s"}[Mode.SLOW])  # revealed: s
        reveal("x" + S.A)  # revealed: xaa
    """,
    "enum methods": """
        from enum import Enum
        class Model(Enum):
            BIG = ("opus", 5)
            SMALL = ("haiku", 1)
            def __init__(self, title, price):
                self.title = title
                self.price = price
            @property
            def label(self):
                return f"{self.title}@{self.price}"
            @classmethod
            def default(cls):
                return cls.SMALL
        reveal(Model.BIG.title)  # revealed: opus
        reveal(Model.default().label)  # revealed: haiku@1
    """,
    "memo": """
        _client = None
        def get_client():
            global _client
            if _client is None:
                _client = make_text()
            return _client
        def make_text():
            return "client"
        reveal(get_client())  # revealed: client
        reveal(get_client())  # revealed: client
    """,
    "lru": """
        import functools, uuid
        @functools.lru_cache(maxsize=None)
        def prompt(name):
            return f"{name}-{uuid.uuid4()}"
        a = prompt("x")
        b = prompt("x")
        reveal("same" if a == b else "other")  # revealed: same
        class C:
            @functools.cached_property
            def ident(self):
                return uuid.uuid4().hex
            @functools.lru_cache
            def m(self):
                return uuid.uuid4().hex
        c = C()
        reveal("same" if c.ident == c.ident else "other")  # revealed: same
        reveal("same" if c.m() == c.m() else "other")  # revealed: same
    """,
    "singleton": """
        class Config:
            _instance = None
            def __new__(cls, *args, **kwargs):
                if cls._instance is None:
                    cls._instance = super().__new__(cls)
                    cls._instance.name = "cfg"
                return cls._instance
        class Reg:
            _inst = None
            def __init__(self):
                self.items = []
            @classmethod
            def get_instance(cls):
                if cls._inst is None:
                    cls._inst = cls()
                return cls._inst
        reveal(Config().name)  # revealed: cfg
        Config().name = "changed"
        reveal(Config().name)  # revealed: changed
        Reg.get_instance().items.append("a")
        Reg.get_instance().items.append("b")
        reveal(Reg.get_instance().items)  # revealed: ['a', 'b']
    """,
    "registry": """
        REGISTRY = {}
        def register(name):
            def wrap(fn):
                REGISTRY[name] = fn
                return fn
            return wrap
        @register("b")
        def bee():
            '''Bee doc.'''
            return "B"
        @register("a")
        def ay():
            '''Ay doc.'''
            return "A"
        reveal(list(REGISTRY))  # revealed: ['b', 'a']
        reveal(", ".join(f"{n}: {f.__doc__}" for n, f in REGISTRY.items()))  # revealed: b: Bee doc., a: Ay doc.
        reveal(REGISTRY["a"]())  # revealed: A
        class Plugin:
            known = []
            def __init_subclass__(cls, **kw):
                Plugin.known.append(cls.__name__)
        class One(Plugin): pass
        class Two(Plugin): pass
        reveal(Plugin.known)  # revealed: ['One', 'Two']
        reveal([c.__name__ for c in Plugin.__subclasses__()])  # revealed: ['One', 'Two']
    """,
    "class registry": """
        class Tools:
            def __init__(self):
                self.tools = {}
            def tool(self, fn):
                self.tools[fn.__name__] = fn
                return fn
            def schemas(self):
                return [{"name": n, "description": f.__doc__} for n, f in self.tools.items()]
        tools = Tools()
        @tools.tool
        def search(q: str) -> str:
            '''Searches.'''
        @tools.tool
        def fetch(url: str) -> str:
            '''Fetches.'''
        reveal(tools.schemas())  # revealed: [{'name': 'search', 'description': 'Searches.'}, {'name': 'fetch', 'description': 'Fetches.'}]
    """,
    "inspect sig": """
        import inspect, typing
        TYPES = {str: "string", int: "integer", bool: "boolean"}
        def schema(fn):
            sig = inspect.signature(fn)
            props = {}
            required = []
            for name, p in sig.parameters.items():
                props[name] = {"type": TYPES.get(p.annotation, "string")}
                if p.default is inspect.Parameter.empty:
                    required.append(name)
            return {"name": fn.__name__, "description": inspect.getdoc(fn), "input_schema": {"type": "object", "properties": props, "required": required}}
        def weather(city: str, days: int = 3, metric: bool = True) -> str:
            '''Get the weather.

            More.
            '''
        reveal(schema(weather)["name"])  # revealed: weather
        reveal(schema(weather)["description"])  # revealed: Get the weather.\\n\\nMore.
        reveal(schema(weather)["input_schema"])  # revealed: {'type': 'object', 'properties': {'city': {'type': 'string'}, 'days': {'type': 'integer'}, 'metric': {'type': 'boolean'}}, 'required': ['city']}
        hints = typing.get_type_hints(weather)
        reveal(list(hints))  # revealed: ['city', 'days', 'metric', 'return']
        reveal(weather.__annotations__["city"].__name__)  # revealed: str
        reveal(list(inspect.signature(weather).parameters))  # revealed: ['city', 'days', 'metric']
    """,
    "model schema": """
        from pydantic import BaseModel, Field
        class Weather(BaseModel):
            '''Arguments.'''
            city: str = Field(description="The city")
            days: int = 3
        tool = {"name": "w", "input_schema": Weather.model_json_schema()}
        reveal(tool)  # revealed: {'name': 'w', 'input_schema': {'description': 'Arguments.', 'properties': {'city': {'description': 'The city', 'title': 'City', 'type': 'string'}, 'days': {'default': 3, 'title': 'Days', 'type': 'integer'}}, 'required': ['city'], 'title': 'Weather', 'type': 'object'}}
        reveal(Weather.__name__)  # revealed: Weather
        reveal(Weather.__doc__)  # revealed: Arguments.
        reveal(list(Weather.model_fields))  # revealed: ['city', 'days']
        reveal(Weather(city="X").model_dump_json())  # revealed: {"city":"X","days":3}
        reveal(Weather(city="X").model_dump_json(indent=2))  # revealed: {\\n  "city": "X",\\n  "days": 3\\n}
    """,
    "nested models": """
        --- settings.yaml
        llm:
          model: claude-sonnet-4-6
        dimensions:
          - key: reach
          - key: effort
            label: Effort
        profiles:
          lean: {key: small}
        --- program.py
        from __future__ import annotations
        from typing import Optional
        import yaml
        from pydantic import BaseModel, Field
        class Model(BaseModel):
            model: str
            budget: int = 5
        class Dimension(BaseModel):
            key: str
            label: str = "none"
        class Settings(BaseModel):
            llm: Model
            dimensions: list[Dimension] = Field(default_factory=list)
            profiles: dict[str, Dimension] | None = None
            spare: Optional[Model] = None
            raw: dict = {}
        def settings() -> Settings:
            with open("settings.yaml") as file:
                return Settings(**yaml.safe_load(file), raw={"model": "m"})
        reveal(settings().llm.model)  # revealed: claude-sonnet-4-6
        reveal(settings().llm.budget)  # revealed: 5
        reveal([d.key + "/" + d.label for d in settings().dimensions])  # revealed: ['reach/none', 'effort/Effort']
        reveal(settings().profiles["lean"].key)  # revealed: small
        reveal(settings().raw["model"])  # revealed: m
        reveal(Settings.model_validate({"llm": {"model": "x"}, "spare": {"model": "y"}}).spare.model)  # revealed: y
        reveal(Settings(llm=Model(model="z")).model_dump()["llm"]["budget"])  # revealed: 5
    """,
    "dataclass config": """
        from dataclasses import dataclass, field, asdict, fields
        import os
        @dataclass(frozen=True)
        class Cfg:
            model: str = "m"
            key: str = os.getenv("KEY", "k")
            prompts: dict = field(default_factory=lambda: {"a": "A"})
            extra: str = field(default="e")
        cfg = Cfg()
        reveal(cfg.model)  # revealed: m
        reveal(cfg.prompts["a"])  # revealed: A
        reveal(cfg.extra)  # revealed: e
        reveal(asdict(cfg)["model"])  # revealed: m
        reveal([f.name for f in fields(Cfg)])  # revealed: ['model', 'key', 'prompts', 'extra']
        reveal(getattr(cfg, "model"))  # revealed: m
    """,
    "constants": """
        --- config.py
        MODEL = "m"
        PROMPT = f"Use {MODEL}."
        class Config:
            NAME = "n"
            NESTED = {"a": 1}
        --- program.py
        import config
        from config import Config, PROMPT
        reveal(PROMPT)  # revealed: Use m.
        reveal(config.Config.NAME + str(Config.NESTED["a"]))  # revealed: n1
    """,
    "dynaconf": """
        --- settings.toml
        [default]
        model = "m"
        [review]
        system = "Sys {{x}}"
        [development]
        model = "dev"
        --- program.py
        from dynaconf import Dynaconf
        settings = Dynaconf(settings_files=["settings.toml"], environments=False)
        reveal(settings.review.system)  # revealed: Sys {{x}}
        reveal(settings.get("review").system)  # revealed: Sys {{x}}
        reveal(settings.REVIEW["system"])  # revealed: Sys {{x}}
    """,
    "omegaconf": """
        --- conf.yaml
        model:
          name: m
          prompt: "You are ${model.name}"
        --- program.py
        from omegaconf import OmegaConf
        cfg = OmegaConf.load("conf.yaml")
        reveal(cfg.model.name)  # revealed: m
        reveal(cfg["model"]["name"])  # revealed: m
    """,
    "hydra": """
        --- conf/config.yaml
        prompt: Be brief
        model: {name: m}
        --- program.py
        import hydra
        @hydra.main(config_path="conf", config_name="config", version_base=None)
        def main(cfg):
            reveal(cfg.prompt)  # revealed: Be brief
            reveal(cfg.model.name)  # revealed: m
        main()
    """,
    "lazy": """
        class Service:
            def __init__(self):
                self._prompt = None
            @property
            def prompt(self):
                if self._prompt is None:
                    self._prompt = "built"
                return self._prompt
            def __getattr__(self, name):
                return "dyn " + name
        s = Service()
        reveal(s.prompt)  # revealed: built
        reveal(s.other)  # revealed: dyn other
    """,
    "prompt template": """
        from langchain_core.prompts import PromptTemplate
        from llama_index.core import PromptTemplate as LI
        who = input()
        p = PromptTemplate(template="Hi {name} of {place}", input_variables=["name", "place"])
        reveal(p.format(name=who, place="X"))  # revealed: Hi {input()} of X
        q = PromptTemplate.from_template("Tell {x}")
        reveal(q.format(x=1))  # revealed: Tell 1
        reveal(q.partial(x="p").format())  # revealed: Tell p
        reveal(PromptTemplate.from_template("J {{ x }}", template_format="jinja2").format(x=3))  # revealed: J 3
        reveal(LI("Q {q}").format(q=who))  # revealed: Q {input()}
        reveal(p.template)  # revealed: Hi {name} of {place}
        reveal(q.invoke({"x": 2}).to_string())  # revealed: Tell 2
        reveal(q.invoke({"x": 2}).text)  # revealed: Tell 2
    """,
    "string template": """
        from string import Template
        reveal(Template("a $b").safe_substitute({"b": 1}))  # revealed: a 1
        reveal(Template("a $b $c").safe_substitute(b=1))  # revealed: a 1 $c
        class D(dict):
            def __missing__(self, key):
                return "{" + key + "}"
        reveal("{a} {b}".format_map(D(a=1)))  # revealed: 1 {b}
    """,
    "a container that makes what others need": """
        class Container:
            def __init__(self):
                self.made = {}
            def _get(self, key, make):
                if key not in self.made:
                    self.made[key] = make()
                return self.made[key]
            @property
            def name(self):
                return self._get("name", lambda: "Ann")
            @property
            def greeting(self):
                return self._get("greeting", lambda: f"I am {self.name}.")
            @property
            def letter(self):
                return self._get("letter", lambda: f"Hello. {self.greeting}")
            @property
            def book(self):
                return self._get("book", lambda: f"Chapter 1. {self.letter}")
            @property
            def shelf(self):
                return self._get("shelf", lambda: f"Books: {self.book}")
            def around(self, depth):
                return f"({self.around(depth + 1)})"
        reveal(Container().shelf)  # revealed: Books: Chapter 1. Hello. I am Ann.
        reveal(Container().around(0))  # revealed: ((({Container.around()})))
    """,
    "flags": """
        import os
        DEBUG = os.environ.get("DEBUG", "").lower() in ("1", "true")
        SYSTEM = "Base."
        if DEBUG:
            SYSTEM += " Debug."
        reveal(SYSTEM)  # revealed: Base.{ Debug. | }
        class Features:
            new = True
            old = False
        reveal("n" if Features.new and not Features.old else "o")  # revealed: n
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_revealed(name: str, tmp_path: Path) -> None:
    seen, expected = stated(SNIPPETS[name], tmp_path)
    assert expected
    assert seen == expected
