"""Programs without unknown values reveal exactly what Python itself makes of them: each is run by both, line by line.

Known not to be the same, and left out: the repr of members of text enumerations (they are modelled as their text), and what a
handler does that cannot run (it is evaluated for the requests that it may send).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interp.revealing import reveal

SNIPPETS = {
    "literals": r'''
        reveal("a" 'b' """c
d""")
        reveal(r"\n" + "\x41\u00e9\N{BULLET}")
        reveal(f"{'nested ' + 'text'}" f"{{braces}}")
        reveal(b"bytes".decode())
        reveal("été".encode("utf-8").decode("utf-8"))
        reveal((1, 2.5, None, True, "x"))
        reveal(1_000 + 0x10)
    ''',
    "f_strings": """
        x, name, price = 7, "Ada", 1234.5
        reveal(f"{x:>4}|{x:<4}|{x:^5}|{x:04d}|{x:+d}|{x:b}|{x:x}")
        reveal(f"{price:,.2f} {price:.0f} {0.256:.1%}")
        reveal(f"{name!r} {name!s:>6} {name:*^9}")
        width = 8
        reveal(f"{name:>{width}}|{price:{width}.1f}")
        reveal(f"{x=} {x + 1 = }")
        reveal(f"{', '.join(n.upper() for n in ['a', 'b'])}")
        reveal(f"{'yes' if x > 3 else 'no'} {x and name} {not x}")
    """,
    "format_and_percent": """
        reveal("{0}-{1}-{0}".format("a", "b"))
        reveal("{:>5}|{:<5}|{:^5}".format("x", "y", "z"))
        reveal("{p[k]} {l[0]}".format(p={"k": "v"}, l=["first"]))
        reveal("{:{w}}".format("x", w=4) + "|")
        reveal("%s %r %5d %-5s| %05.1f %x %c %%" % ("a", "b", 3, "c", 2.25, 255, "z"))
        reveal("%(name)s is %(age)03d" % {"name": "Bo", "age": 9})
        reveal("%s" % ["list"])
        reveal(format(3.14159, ".3f") + format("x", ">3"))
    """,
    "string_methods": """
        text = "  The quick brown fox  "
        reveal("[" + text.strip() + "][" + text.lstrip() + "][" + text.rstrip() + "]")
        reveal("--x--".strip("-") + "xxabcxx".lstrip("x"))
        reveal(text.title() + text.upper() + text.lower() + text.swapcase() + "abc".capitalize())
        reveal("a-b-c".split("-") + "a b  c".split() + "a,b,c".split(",", 1) + "a,b,c".rsplit(",", 1))
        reveal("one\\ntwo\\n".splitlines())
        reveal("key=value=x".partition("="))
        reveal("key=value=x".rpartition("="))
        reveal("ab".center(6, "*") + "ab".ljust(4, ".") + "ab".rjust(4) + "7".zfill(3))
        reveal("aXbX".replace("X", "-", 1) + "aXbX".replace("X", ""))
        reveal("abc".find("c") + "abc".index("b") + "banana".count("an"))
        reveal([s for s in ("12", "a1", "Ab", "  ") if s.isdigit() or s.isspace()])
        reveal("file.txt".removesuffix(".txt") + "x".join("abc") + "a\\tb".expandtabs(4))
        reveal("abc".endswith(("b", "c")))
        reveal("abc"[::-1] + "abcdef"[::2] + "abcdef"[-3:-1] + "abcdef"[2:])
        reveal("b" in "abc" and "z" not in "abc" and "a" < "b")
        reveal("ab" * 2 + 2 * "c" + "-" * 0)
        reveal("hello".translate(str.maketrans("el", "ip")))
        reveal("straße".casefold())
        reveal(len("text") + ord("a"))
        reveal(chr(65) + str(5) + repr("q") + str(None) + str([1, "a"]))
    """,
    "text_libraries": """
        import inspect, json, re, string, textwrap
        reveal(textwrap.dedent('''
            a
              b
        ''').strip())
        reveal(textwrap.indent("a\\nb", "  ") + textwrap.fill("aaa bbb ccc", 7))
        reveal(textwrap.shorten("one two three four", width=12, placeholder="..."))
        reveal(string.Template("$a ${b}c $$").substitute({"a": 1}, b="B"))
        reveal(string.Template("$a $missing").safe_substitute(a="A"))
        reveal(string.ascii_lowercase[:5] + string.digits)
        reveal(json.dumps({"a": [1, 2.5, "x", None, True], "b": {}}))
        reveal(json.dumps({"b": 1, "a": {"d": 1, "c": 2}}, sort_keys=True, indent=2))
        reveal(json.dumps([1, {"a": "é"}], separators=(",", ":")))
        reveal(json.dumps({"é": 1}, ensure_ascii=False))
        reveal(json.loads('{"k": [1, {"z": "y"}]}')["k"][1]["z"])
        reveal(re.sub(r"\\s+", " ", "a   b \\n c"))
        reveal(inspect.cleandoc("a\\n    b\\n    c"))
    """,
    "regular_expressions": """
        import re
        text = "Dear Ann, your order A-17 and order B-4 left on 2026-11-20."
        order = re.compile(r"(?P<shelf>[A-Z])-(\\d+)")
        reveal(re.search(r"order", text).start())
        reveal(order.search(text).group(0) + order.search(text)["shelf"] + order.search(text)[2])
        reveal(order.search(text).groups())
        reveal(order.search(text).groupdict())
        reveal(order.search(text).group(1, 2))
        reveal(re.match("your", text) is None)
        reveal("yes" if re.match("dear", text, re.IGNORECASE) else "no")
        reveal(re.fullmatch("a b  # c", "ab", flags=re.X | re.I) is not None)
        reveal(order.findall(text))
        reveal(re.findall("[a-z]+", "ab, cd"))
        reveal([m.span() for m in order.finditer(text)])
        reveal(re.split(r",\\s*", "a, b,c", maxsplit=1))
        reveal(re.sub(order, r"<\\2\\g<shelf>>", text))
        reveal(order.sub(lambda m: m.group("shelf").lower(), text, count=1))
        reveal(re.subn("o", "0", "foo"))
        values = {"name": "Ann", "town": "Riga"}
        reveal(re.sub(r"{(\\w+)}", lambda found: values[found[1]], "{name} of {town}"))
        if (found := re.search(r"on (\\S+)\\.", text)):
            reveal(found[1])
    """,
    "list_methods": """
        items = ["b", "a"]
        items.append("c")
        items.extend(("d", "e"))
        items.insert(1, "x")
        reveal(items)
        items.remove("x")
        reveal(items.pop() + items.pop(0))
        reveal(items)
        items.reverse()
        reveal(items)
        items.sort()
        reveal(items)
        items.sort(key=lambda s: -ord(s))
        reveal(items)
        items.sort(key=str, reverse=False)
        reveal(items.index("c") + items.count("a"))
        items[0:1] = ["p", "q"]
        reveal(items)
        items[1:1] = ["in"]
        reveal(items)
        del items[1:3]
        reveal(items)
        items[:] = [1, 2, 3]
        items *= 2
        reveal(items)
        items += (9,)
        reveal(items[1:-1] + items[::3] + items[-1:])
        copy = items.copy()
        items.clear()
        reveal((items, copy, bool(items), len(copy)))
        nested = [[0] * 2 for _ in range(2)]
        nested[0][1] = 5
        reveal(nested)
        a = b = []
        a.append(1)
        reveal((a is b, a == [1], b, 1 in b, 2 not in b))
        first, (second, *others), last = 1, [2, 3, 4], 5
        reveal([first, second, others, last])
        a, b = "x", "y"
        a, b = b, a
        reveal(a + b)
    """,
    "comprehensions": """
        reveal([a * b for a in (1, 2) for b in (10, 20) if a + b != 21])
        reveal({k: v for v, k in enumerate("ab", 1)})
        reveal(sorted({c.lower() for c in "AbBa"}))
        reveal(sum(x for x in range(4)))
        reveal([[y for y in x if y] for x in ([0, 1], [2, 0])])
        reveal([x if x % 2 else -x for x in range(4)])
        x = "outer"
        inner = [x for x in "ab"]
        reveal(x + inner[-1])
        reveal([last := n for n in (1, 2)] + [last])
        reveal(dict(zip("ab", (1, 2))))
        reveal([f"{i}:{a}{b}" for i, (a, b) in enumerate([("x", "y"), ("p", "q")])])
    """,
    "builtins": """
        reveal(list(enumerate("ab", start=5)) + list(zip("ab", "cde")))
        reveal(list(map(str.upper, ["a", "b"])) + list(map(lambda a, b: a + b, "ab", "cd")))
        reveal(list(filter(None, ["a", "", "b"])) + list(filter(str.isdigit, ["1", "x"])))
        reveal((min([3, 1, 2]), max("b", "a"), max(["aa", "b"], key=len), min([], default="none")))
        reveal((sum([1, 2], 10), any([0, ""]), all([]), abs(-3), round(2.567, 1), round(7.5)))
        reveal(sorted(["b", "A", "c"], key=str.lower, reverse=True))
        reveal(list(reversed("abc")) + list(range(5, 0, -2)))
        reveal((int("42"), float("1.5"), bool([]), str(3), divmod(7, 2), pow(2, 5)))
        reveal((isinstance("a", str), isinstance(1, (str, int)), callable(len), hasattr("a", "upper")))
        reveal(next(iter([4, 5])) + next((x for x in [1, 2, 3] if x > 1), 0))
        reveal((tuple("ab"), list({"k": 1}), set([1]), frozenset([2]) == {2}))
        reveal(getattr("a", "upper")() + getattr("a", "nothing", "default"))
        reveal((hex(255), bin(5), chr(97), "".join(sorted("cab"))))
        reveal((type("a").__name__, type([]) is list, type(1) == int))
    """,
    "dict_methods": """
        d = {"a": 1, "b": 2}
        d["c"] = 3
        d["a"] = 10
        reveal(d)
        reveal((d.get("z"), d.get("a"), d.get("z", 0), "a" in d, "z" in d, len(d)))
        reveal((list(d), list(d.keys()), list(d.values()), list(d.items())))
        d.update({"b": 20}, e=5)
        reveal(d)
        reveal((d.pop("e"), d.pop("none", "gone"), d.setdefault("a", 0), d.setdefault("n", [])))
        d["n"].append("x")
        d.setdefault("n", []).append("y")
        reveal(d)
        del d["n"]
        reveal({**d, "x": {**{"y": 1}, "z": 2}})
        reveal(d | {"a": 0})
        d |= {"q": 1}
        reveal(d.popitem())
        reveal(dict.fromkeys(["a", "b"], 0))
        reveal(dict([("p", 1), ("q", 2)], r=3))
        other = d.copy()
        d.clear()
        reveal((d, other, bool(d)))
        reveal({"a": 1} == {"a": 1} and {"a": 1, "b": 2} == {"b": 2, "a": 1})
        nested = {"x": {"y": [1]}}
        nested["x"]["y"][0] += 5
        nested["x"]["new"] = nested["x"]["y"]
        nested["x"]["y"].append("shared")
        reveal(nested)
        reveal(sorted(other.items(), key=lambda pair: -pair[1]))
        reveal([k for k in sorted({"b": 1, "a": 2})])
    """,
    "collections": """
        import itertools
        from collections import ChainMap, OrderedDict, defaultdict, deque, namedtuple
        from types import SimpleNamespace
        d = defaultdict(list)
        for key, value in [("a", 1), ("b", 2), ("a", 3)]:
            d[key].append(value)
        reveal(dict(d))
        counts = defaultdict(int)
        for c in "abca":
            counts[c] += 1
        reveal(dict(counts))
        q = deque([1, 2], maxlen=3)
        q.append(3)
        q.append(4)
        q.appendleft(0)
        reveal(list(q))
        reveal((q.popleft(), q.pop(), len(q)))
        reveal(list(OrderedDict([("x", 1), ("y", 2)])))
        Point = namedtuple("Point", ["x", "y"])
        p = Point(1, y=2)
        reveal((p.x + p.y, p[0], p))
        x, y = p
        reveal(x + y)
        reveal(SimpleNamespace(a=1, b="z").b)
        reveal(ChainMap({"a": 1}, {"a": 2, "b": 3})["b"])
        reveal(list(itertools.chain([1], (2, 3))) + list(itertools.chain.from_iterable(["ab", "c"])))
        reveal(list(itertools.islice([1, 2, 3, 4], 1, 3)) + list(itertools.repeat("r", 2)))
        reveal([(k, list(g)) for k, g in itertools.groupby("aab")])
        turns = itertools.cycle(["a", "b", "c"])
        reveal(next(turns) + next(turns) + next(turns) + next(turns))
        reveal(list(itertools.product("ab", [1, 2])) + list(itertools.combinations("abc", 2)))
        reveal(list(itertools.zip_longest("ab", "c", fillvalue="-")) + list(itertools.accumulate([1, 2, 3])))
    """,
    "sets": """
        s = {1, 2}
        s.add(3)
        s.discard(1)
        s.update([4])
        reveal(sorted(s))
        reveal(sorted(s | {9}) + sorted(s & {3, 4}) + sorted(s - {3}) + sorted(s ^ {2, 7}))
        reveal((2 in s, {2} <= s, s.issuperset({3}), s.isdisjoint({100}), len(s)))
        reveal(sorted({"a", "b"}.union(["c"])) + sorted({"a", "b"}.intersection({"b"})) + sorted({"a"}.difference({"a"})))
    """,
    "functional": """
        import functools, operator
        from types import SimpleNamespace
        from operator import attrgetter, itemgetter, methodcaller
        rows = [{"n": 2, "t": "two"}, {"n": 1, "t": "one"}]
        reveal([row["t"] for row in sorted(rows, key=itemgetter("n"))])
        reveal(list(map(itemgetter("n", "t"), rows)))
        reveal(list(map(methodcaller("upper"), ["a"])) + [attrgetter("a")(SimpleNamespace(a=1))])
        reveal(functools.reduce(lambda a, b: a + b, ["a", "b"], ">"))
        reveal(functools.reduce(operator.add, [1, 2, 3]))
        add = functools.partial(lambda a, b, c=0: (a, b, c), 1, c=3)
        reveal(add(2))
        @functools.lru_cache(maxsize=None)
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        reveal(fib(2))
        def compose(*functions):
            return lambda x: functools.reduce(lambda value, f: f(value), functions, x)
        reveal(compose(str.strip, str.upper, lambda s: s + "!")(" hi "))
    """,
    "functions": """
        def f(a, b=2, *args, c, d=4, **rest):
            return (a, b, args, c, d, rest)
        reveal(f(1, c=3))
        reveal(f(1, 5, 6, 7, c=3, z=9))
        reveal(f(*[1, 2], **{"c": 3, "d": 0}))
        def default(items=[]):
            items.append(1)
            return len(items)
        reveal((default(), default()))
        def outer():
            count = 0
            def inner():
                nonlocal count
                count += 1
                return count
            inner()
            return inner()
        reveal(outer())
        total = 0
        def add():
            global total
            total += 5
        add()
        add()
        reveal(total)
        makers = [lambda n=n: n for n in range(2)]
        reveal([make() for make in makers])
        late = [lambda: n for n in range(2)]
        reveal([make() for make in late])
        def deco(prefix):
            def wrap(function):
                def inner(*args, **kwargs):
                    return prefix + function(*args, **kwargs)
                return inner
            return wrap
        @deco("<")
        @deco(">")
        def g(x):
            return x
        reveal(g("y"))
        def early(n):
            for i in range(10):
                if i == n:
                    return f"found {i}"
            else:
                return "none"
        reveal(early(3) + early(30))
        reveal((lambda *a, **k: (a, k))(1, x=2))
        def documented():
            "What it does."
        reveal((documented.__doc__, documented.__name__, documented()))
    """,
    "generators": """
        from contextlib import contextmanager
        def numbers(n):
            i = 0
            while i < n:
                yield i
                i += 1
            return
        reveal(list(numbers(3)))
        def chained():
            yield "start"
            yield from numbers(2)
            yield "end"
        reveal(list(chained()))
        reveal(", ".join(f"{n}" for n in numbers(3)))
        @contextmanager
        def tag(name):
            yield f"<{name}>"
        with tag("a") as opened, tag("b") as second:
            reveal(opened + second)
        class Manager:
            def __enter__(self):
                return "entered"
            def __exit__(self, *error):
                return False
        with Manager() as value:
            reveal(value)
    """,
    "classes": """
        class A:
            shared = []
            prefix = "A"
            def __init__(self, name="n"):
                self.name = name
                self._hidden = None
            def hello(self):
                return f"{self.prefix}:{self.name}"
            @staticmethod
            def static(x):
                return x * 2
            @classmethod
            def make(cls, name):
                return cls(name + "!")
            @property
            def hidden(self):
                if self._hidden is None:
                    self._hidden = f"made for {self.name}"
                return self._hidden
            @hidden.setter
            def hidden(self, value):
                self._hidden = value.upper()
            def __str__(self):
                return f"<{self.name}>"
            def __repr__(self):
                return f"A({self.name!r})"
            def __len__(self):
                return 3
            def __getitem__(self, key):
                return f"item {key}"
            def __contains__(self, key):
                return key == "in"
            def __iter__(self):
                return iter(["i", "j"])
            def __call__(self, x):
                return f"called {x}"
            def __eq__(self, other):
                return self.name == other.name
            def __add__(self, other):
                return A(self.name + other.name)
            def __bool__(self):
                return self.name != "falsy"
            def __format__(self, spec):
                return f"{spec or 'plain'} {self.name}"
        class B(A):
            prefix = "B"
            def __init__(self, name, extra):
                super().__init__(name)
                self.extra = extra
            def hello(self):
                return super().hello() + "/" + self.extra
        a, b = A("x"), B("y", "z")
        reveal(a.hello() + b.hello())
        reveal(A.static("s") + a.static("t") + A.make("m").name + B.prefix)
        reveal(a.hidden)
        a.hidden = "set"
        reveal(a.hidden)
        reveal(str(a) + repr(b))
        reveal([a])
        reveal((len(a), a["k"], "in" in a, "out" in a, list(a), a("c")))
        reveal((A("q") == A("q"), (a + b).name, bool(A("falsy")), "t" if A("falsy") else "f"))
        reveal(f"{a} {a:long}")
        A.shared.append(1)
        b.shared.append(2)
        reveal(A.shared)
        a.prefix = "own"
        reveal(a.hello() + A.prefix)
        reveal((isinstance(b, A), isinstance(a, B), issubclass(B, A), type(b).__name__, b.__class__.__name__))
        reveal(getattr(b, "extra") + getattr(a, "extra", "-"))
        setattr(a, "dyn", 5)
        reveal((a.dyn, vars(b)["extra"], hasattr(a, "dyn")))
        bound = a.hello
        a.name = "renamed"
        reveal(bound())
        class Meta(type):
            pass
        class Mixin:
            def who(self):
                return "mixin of " + self.name
        class C(Mixin, A):
            pass
        reveal(C("c").who() + C("c").hello())
    """,
    "data_classes": """
        from dataclasses import asdict, astuple, dataclass, field, replace
        from enum import Enum, IntEnum, StrEnum, auto
        from typing import ClassVar, NamedTuple, TypedDict
        @dataclass
        class P:
            x: int
            y: int = 2
            tags: list = field(default_factory=list)
            kind: ClassVar[str] = "point"
            def __post_init__(self):
                self.total = self.x + self.y
        p = P(1)
        p.tags.append("t")
        reveal((p, p.total, P.kind, P(x=5, y=6) == P(5, 6)))
        reveal((asdict(p), astuple(p), replace(p, x=9)))
        @dataclass
        class Q(P):
            z: str = "zed"
        reveal((Q(1, z="end"), Q(3).total))
        class Turn(NamedTuple):
            role: str
            text: str = "hi"
        t = Turn("user")
        reveal((t, t.role, t[1], t._asdict(), t._replace(text="bye").text))
        class TD(TypedDict):
            a: int
        reveal(TD(a=1))
        class Color(Enum):
            RED = "r"
            BLUE = "b"
            @property
            def label(self):
                return f"{self.name}={self.value}"
        reveal((Color.RED.value, Color.RED.name, Color("b").name, Color["BLUE"].value, Color.RED.label))
        reveal([c.value for c in Color])
        reveal((Color.RED is Color.RED, Color.RED == Color.BLUE, Color.RED in (Color.RED,)))
        class S(StrEnum):
            ONE = "one"
        reveal((f"{S.ONE}", S.ONE.upper(), S.ONE == "one", str(S.ONE)))
        class Level(IntEnum):
            LOW = 1
            HIGH = auto()
        reveal((Level.HIGH + 1, Level.HIGH > Level.LOW))
        class Old(str, Enum):
            A = "a"
        reveal((Old.A.value, Old.A == "a"))
    """,
    "control": """
        out = []
        for i in range(6):
            if i == 1:
                continue
            if i == 4:
                break
            out.append(i)
        else:
            out.append("else")
        reveal(out)
        n = 0
        while True:
            n += 1
            if n > 3:
                break
        reveal(n)
        while n > 0:
            n -= 2
        else:
            out.append("done")
        reveal((n, out))
        def kind(value):
            match value:
                case None:
                    return "none"
                case str() as s if s.startswith("x"):
                    return f"x-string {s}"
                case str():
                    return "string"
                case int(n) if n > 5:
                    return f"big {n}"
                case [first, *rest]:
                    return f"list {first} {rest}"
                case {"type": "text", "text": t, **others}:
                    return f"text {t} {others}"
                case 1 | 2:
                    return "small"
                case _:
                    return "other"
        reveal([kind(v) for v in (None, "xa", "b", 7, [1, 2], {"type": "text", "text": "T", "k": 1}, 2, 3.5)])
        def attempt(value):
            try:
                if value == "bad":
                    raise ValueError("no")
                result = "fine"
            except ValueError as error:
                result = f"caught {error}"
            finally:
                out.append("finally")
            return result
        reveal((attempt("good"), attempt("bad")))
        reveal(out)
        a = [1, 2, 3] if out else []
        reveal(a and a[0] or "none")
        if (m := len(a)) > 2 and m < 5:
            reveal(m)
        reveal(1 < m <= 3 != 4)
        assert m
        x = y = 0
        x += 1
        reveal((x, y, x // 2, -7 // 2, 7 % 3, 2 ** 3, 1 / 4, ~x, x | 6, 5 & 4, 1 << 3))
        reveal((None or "default", "" or 0 or [] or "last", "a" and "b", not []))
        del x
        fate = "as it was"
        try:
            pass
        except Exception:
            fate = "never"
        else:
            reveal("else")
        reveal(fate)
        def told(error):
            try:
                raise error
            except (KeyError, IndexError) as e:
                return f"looked up {e}"
            except ArithmeticError:
                return "numbers"
            except Exception as e:
                return f"other {e}"
        class Own(Exception):
            pass
        class Told(Own):
            def __str__(self):
                return "told"
        reveal([told(e) for e in (KeyError("k"), ZeroDivisionError("z"), ValueError("a", 1), RuntimeError())])
        reveal([told(e) for e in (Own("mine"), Told("x"))])
    """,
    "copies": """
        import copy
        a = {"l": [1], "d": {"k": "v"}}
        b, c, d = a, dict(a), copy.deepcopy(a)
        a["l"].append(2)
        a["new"] = 1
        reveal((b, c, d))
        m = [{"c": [1]}]
        n = [{**x} for x in m]
        n[0]["c"] = [9]
        n[0]["e"] = 1
        reveal((m, n))
        o = m[:]
        o.append("own")
        m[0]["c"].append(3)
        reveal((m, o))
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_same_as_python(name: str, tmp_path: Path) -> None:
    source = "\n".join(line.removeprefix("        ") for line in SNIPPETS[name].splitlines())
    assert reveal(source, tmp_path) == in_python(source)


def in_python(source: str) -> list[tuple[int, str]]:
    import sys

    seen: list[tuple[int, str]] = []

    def record(value: object) -> None:
        line = sys._getframe(1).f_lineno
        seen.append((line, str(value).replace("\n", "\\n")))

    program = compile(source, "program.py", "exec", dont_inherit=True)
    exec(program, {"reveal": record, "__name__": "__main__"})
    return seen
