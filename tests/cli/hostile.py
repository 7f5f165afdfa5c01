"""Programs that are hard on an evaluator: each is the body of a file that ends in one call of a model with `text` in it.

Knows source text. Most would never end, or never fit into memory, if anybody ran them.
"""

from __future__ import annotations

HEAD = "import anthropic\n\nclient = anthropic.Anthropic()\n"
CALL = 'client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=str({0}), messages=[{{"role": "user", "content": {0}}}])\n'


def program(body: str, text: str = "text") -> str:
    """A whole file around the body."""
    return f"{HEAD}\n{body}\n\n{CALL.format(text)}"


def _ladder(depth: int) -> str:
    lines = [f"{' ' * level}if flags[{level}]:" for level in range(depth)]
    return "flags = load()\ntext = ''\n" + "\n".join(lines) + f"\n{' ' * depth}text = 'deep'"


# Nesting: what the parser, the tree's walkers and the evaluator recurse on.
DEEP = {
    "parentheses": "text = " + "(" * 5_000 + "'x'" + ")" * 5_000,
    "lists": "text = " + "[" * 5_000 + "]" * 5_000,
    "lists within the parser's limit": "text = " + "[" * 190 + "]" * 190,
    "dicts": "text = " + "{'a': " * 190 + "1" + "}" * 190,
    "sum": "text = " + " + ".join(f"'{number}'" for number in range(3_000)),
    "sum of names": "a = name()\ntext = " + " + ".join(["a"] * 3_000),
    "method chain": "text = 'x'" + ".strip()" * 3_000,
    "unknown chain": "text = start()" + ".then()" * 3_000,
    "attribute chain": "text = start()" + ".next" * 3_000,
    "subscripts": "text = start()" + "[0]" * 3_000,
    "calls": "text = " + "f(" * 190 + "1" + ")" * 190,
    "not": "text = " + "not " * 3_000 + "x",
    "negation": "text = " + "-" * 3_000 + "1",
    "lambdas": "text = " + "lambda: " * 900 + "1",
    "ternaries": "text = " + "".join(f"'{number}' if flag({number}) else " for number in range(900)) + "''",
    "and": "text = " + " and ".join(f"flag({number})" for number in range(3_000)),
    "comparisons": "text = " + " < ".join(f"f({number})" for number in range(3_000)),
    "nested ifs": _ladder(95),
    "too many nested ifs": _ladder(1_000),
    "elif chain": "kind = load()\nif kind == 0:\n    text = '0'\n"
    + "".join(f"elif kind == {number}:\n    text = '{number}'\n" for number in range(1, 2_000)),
    "branches one after the other": "text = ''\n"
    + "".join(f"if flag({number}):\n    text += '{number}'\n" for number in range(3_000)),
    "branches that return": "def build(kind):\n"
    + "".join(f"    if kind == {number}:\n        return '{number}'\n" for number in range(2_000))
    + "text = build(load())",
    "nested functions": "".join(f"{' ' * level}def f{level}():\n" for level in range(90)) + " " * 90 + "return 'x'\ntext = f0()",
    "nested f-strings": "".join(
        f"t{number} = f'{{t{number - 1}}}{{t{number - 1}}}'\n" if number else "t0 = name()\n" for number in range(60)
    )
    + "text = t59",
    "match": "match load():\n" + "".join(f"    case {number}:\n        text = '{number}'\n" for number in range(2_000)),
    "try": "text = ''\n"
    + "".join(f"{' ' * level}try:\n" for level in range(18))
    + " " * 18
    + "text = 'x'\n"
    + "".join(f"{' ' * level}except E{level}:\n{' ' * level} text += '{level}'\n" for level in reversed(range(18))),
    "statements": "text = ''\n" + "text += 'x'\n" * 20_000,
    "one long literal": "text = '" + "word " * 300_000 + "'",
    "a large table": "text = [" + ", ".join(f"{{'id': {number}, 'name': 'n{number}'}}" for number in range(10_000)) + "]",
}

# Data that contain themselves.
CYCLES = {
    "list": "import copy, json\nx = []\nx.append(x)\ntext = json.dumps(x) + str(x) + repr(x) + f'{x}'\ny = copy.deepcopy(x)\nprint(x == y, x in x, sorted(x))",
    "sent list": "text = []\ntext.append(text)\ntext.append({'role': 'user', 'content': text})",
    "dict": "import copy, json\nx = {}\nx['x'] = x\ntext = json.dumps(x, indent=2) + str(x) + '%s' % x + '{x}'.format(**x)\ny = copy.deepcopy(x)\nx.update(x)\nz = {**x, **y}",
    "sent dict": "text = {'role': 'user'}\ntext['content'] = [text]",
    "two lists": "text, b = [], []\ntext.append(b)\nb.append(text)\nb += text\ntext.extend(b)\nfor i in text:\n    text.append(i)",
    "tuple of a list": "x = []\nx.append((x, x))\ntext = str(x)",
    "object": "class Node:\n    def __init__(self):\n        self.me = self\n        self.all = [self]\ntext = Node()\nprint(text.__dict__, vars(text))",
    "dataclass": "from dataclasses import dataclass, asdict\n@dataclass\nclass Node:\n    name: str\n    next: object = None\nn = Node('a')\nn.next = n\ntext = f'{n} {asdict(n)}'",
    "text that quotes itself": "text = 'a'\nfor _ in range(200):\n    text = repr(text) + text",
    "class in itself": "class Broken(Broken):\n    pass\ntext = Broken().name",
    "classes in each other": "class A:\n    pass\nclass B(A):\n    pass\nA.__bases__ = (B,)\nclass A(B):\n    pass\nclass B(A):\n    pass\ntext = B().name + A.other",
    "closure over itself": "def make():\n    def inner():\n        return inner\n    return inner\ntext = make()()()()",
    "attribute that is its owner": "class C: pass\nC.c = C\ntext = C.c.c.c().c",
    "default that is itself": "def f(x=None):\n    return f(f)\ntext = f(f)",
    "chain map": "from collections import ChainMap, defaultdict\nd = defaultdict(lambda: d)\nd['a'] = d\ntext = str(ChainMap(d, d)) + str(d['x']['y'])",
    "template of itself": "t = '{t}'\nfor _ in range(100):\n    t = t.format(t=t) + '{t}'\ntext = t",
}

# What never ends, or ends only when memory does.
ENDLESS = {
    "while true": "while True:\n    pass\ntext = ''",
    "while that grows": "text = ''\nwhile True:\n    text += 'x'\n    if done():\n        break",
    "range": "text = ''\nfor i in range(10**9):\n    text += str(i)",
    "range list": "text = list(range(10**12))",
    "sum of a range": "text = str(sum(range(10**10))) + str([*range(10**10)]) + ','.join(map(str, range(10**10)))",
    "nested loops": "text = ''\nfor a in range(300):\n    for b in range(300):\n        for c in range(300):\n            text += 'x'",
    "doubling text": "text = 'x'\nfor _ in range(10_000):\n    text += text",
    "doubling text with a hole": "text = name()\nfor _ in range(200):\n    text = text + text",
    "doubling list": "text = [1]\nfor _ in range(1_000):\n    text += text",
    "doubling tuple": "text = (1,)\nfor _ in range(1_000):\n    text = text + text",
    "doubling dict": "text = {}\nfor i in range(1_000):\n    text = {i: text, -i: text}",
    "list of three of itself": "text = ['a']\nfor _ in range(30):\n    text = [text, text, text]",
    "messages of three of itself": "x = {'role': 'user', 'content': 'a'}\nfor _ in range(30):\n    x = {'role': 'user', 'content': [x, x, x]}\ntext = [x]",
    "long number": "text = str(0x" + "f" * 10_000 + ") + f'{0x" + "f" * 10_000 + ":d}'",
    "alternation": "import re\ntext = re.sub('(a|aa)+$', 'b', 'a' * 60 + 'c') + re.sub('a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', 'a' * 28)",
    "doubling choices": "text = ''\nfor i in range(100):\n    text = text + 'a' if flag(i) else text + 'b'",
    "long text": "text = 'a' * 10**10",
    "long list": "text = ['a'] * 10**10",
    "long bytes": "text = bytes(10**10)",
    "padding": "text = 'a'.ljust(10**10) + f'{1:>{10**10}}' + '%10000000000d' % 1 + 'a'.zfill(10**10) + '{:9999999999}'.format('x') + 'a'.center(10**9)",
    "replacing": "text = ('a' * 1_000).replace('a', 'a' * 10**6).replace('a', 'a' * 10**6)",
    "joining": "text = ('a' * 10**5).join(['b'] * 10**5)",
    "expanding tabs": "text = '\\t'.expandtabs(10**10)",
    "power": "text = str(9 ** 9 ** 9) + str(10 ** 100_000)",
    "shift": "text = str(1 << 10**10)",
    "powers of powers": "x = 7\nfor _ in range(100):\n    x = x * x\ntext = f'{x}'",
    "factorial": "import math\ntext = str(math.factorial(10**7))",
    "translation": "text = ('a' * 10**5).translate({97: 'b' * 10**6})",
    "indented": "import json, textwrap\ntext = json.dumps([1, 2], indent=10**9) + textwrap.indent('a', ' ' * 10**6 * 10**4)",
    "regular expression": "import re\ntext = re.sub('(a+)+$', 'b', 'a' * 60 + 'c') + str(re.match('(x+x+)+y', 'x' * 60))",
    "splitting": "text = ('a,' * 10**6).split(',')",
    "recursion": "def f(n):\n    return f(n + 1) + 'x'\ntext = f(0)",
    "recursion of two": "def f(n):\n    return g(n) + g(n)\ndef g(n):\n    return f(n) + f(n)\ntext = f(0)",
    "Fibonacci": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\ntext = str(fib(90))",
    "Ackermann": "def a(m, n):\n    if m == 0:\n        return n + 1\n    if n == 0:\n        return a(m - 1, 1)\n    return a(m - 1, a(m, n - 1))\ntext = str(a(4, 4))",
    "generator": "def numbers():\n    n = 0\n    while True:\n        yield n\n        n += 1\ntext = ''\nfor number in numbers():\n    text += str(number)",
    "generator of itself": "def walk(x):\n    yield x\n    yield from walk(x)\ntext = ''.join(walk('a'))",
    "count": "import itertools\ntext = ''.join(str(n) for n in itertools.count()) + str(list(itertools.repeat(1))) + str(list(itertools.product(range(100), repeat=9)))",
    "permutations": "import itertools\ntext = str(list(itertools.permutations(range(30)))) + str(list(itertools.cycle('ab')))",
    "comprehensions": "text = [[[a + b + c for a in range(300)] for b in range(300)] for c in range(300)]",
    "many for in one": "text = [a for a in range(99) for b in range(99) for c in range(99) for d in range(99)]",
    "property": "class C:\n    @property\n    def text(self):\n        return self.text\ntext = C().text",
    "getattr": "class C:\n    def __getattr__(self, name):\n        return getattr(self, name + '_')\ntext = C().text",
    "getattribute": "class C:\n    def __getattribute__(self, name):\n        return self.name\ntext = C().text",
    "call": "class C:\n    def __call__(self):\n        return self()\ntext = C()()",
    "str": "class C:\n    def __str__(self):\n        return f'{self}'\n    __repr__ = __format__ = __str__\ntext = f'{C()} {C()!r} {C():x}'",
    "iter": "class C:\n    def __iter__(self):\n        return iter(self)\ntext = ''.join(C())",
    "iter of itself": "class C:\n    def __iter__(self):\n        return self\n    def __next__(self):\n        return 'x'\ntext = ''.join(C())",
    "getitem": "class C:\n    def __getitem__(self, key):\n        return self[key]\ntext = C()['a']",
    "add": "class C:\n    def __add__(self, other):\n        return self + other\ntext = C() + 'x'",
    "init": "class C:\n    def __init__(self):\n        self.c = C()\ntext = C().c.c.c",
    "new": "class C:\n    def __new__(cls):\n        return C()\ntext = C().c",
    "decorator": "def again(f):\n    return again(again(f))\n@again\ndef g():\n    return ''\ntext = g()",
    "default factory": "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    c: 'C' = field(default_factory=lambda: C())\ntext = str(C())",
    "while over growing list": "items = [1]\ntext = ''\nwhile items:\n    items.append(items.pop())\n    text += 'x'",
    "for over growing list": "items = [1]\ntext = ''\nfor item in items:\n    items.append(item)\n    text += 'x'",
    "context": "class C:\n    def __enter__(self):\n        with self as x:\n            return x\n    def __exit__(self, *a):\n        pass\nwith C() as text:\n    pass",
    "sending recursion": "def ask(text):\n    reply = "
    + CALL.format("text").strip()
    + "\n    return ask(text + reply.content[0].text)\ntext = ask('hello')",
    "sending loops": "text = ''\n"
    + "".join(f"{' ' * level}for i{level} in things():\n" for level in range(8))
    + " " * 8
    + "text = "
    + CALL.format("i7").strip()
    + ".content",
    "sending branches": "text = ''\n"
    + "".join(f"if flag({number}):\n    text += 'x'\n    {CALL.format('text').strip()}\n" for number in range(40)),
    "main of itself": "def main():\n    main()\n    "
    + CALL.format("'x'")
    + "\nif __name__ == '__main__':\n    main()\ntext = ''",
    "exec": "exec('while True: pass')\ntext = eval('1' * 10_000)",
    "mutual properties": "class C:\n    @property\n    def a(self):\n        return self.b + self.b\n    @property\n    def b(self):\n        return self.a + self.a\ntext = C().a",
    "many callers": "def f0(x):\n    return "
    + CALL.format("x").strip()
    + "\n"
    + "".join(f"def f{n}(x):\n    return f{n - 1}(x + 'a') or f{n - 1}(x + 'b')\n" for n in range(1, 30))
    + "text = f29('')",
    "awaiting": "import asyncio\nasync def f():\n    return await f()\ntext = asyncio.run(f())",
}

# A text of forty parts that are there or not: every operation on it must do without asking for each of its 2**40 readings.
_PARTS = "v = 'abc'\n" + "".join(f"if flag({number}):\n    v += 'x{number},'\n" for number in range(40))
_OPERATIONS = (
    *("d.get(v, 'x')", "d[v]", "{v: 1, 'b': v}", "{**d, v: v}", "sorted({v, 'a'})", "list(dict.fromkeys([v, v]))", "m(v)"),
    *("'a' if v == 'abc' else 'b'", "'a' if v < 'm' else 'b'", "'a' if 'x1' in v else 'b'", "v and 'a' or 'b'", "v in d"),
    *("v.startswith('x1')", "v.endswith(('x1', 'x2'))", "v.isdigit()", "v.find('x')", "v.count('x')", "len(v)", "hash(v)"),
    *("v.upper() + v.title()", "v.strip()", "v.replace('x', 'y')", "v.zfill(9).center(20)", "v.removeprefix('x0')", "v * 3"),
    *(
        "'-'.join(v.split(','))",
        "v.partition('x')[2]",
        "'|'.join(v.splitlines())",
        "''.join(sorted(v))",
        "v[3] + v[2:9] + v[-5:]",
    ),
    *("v.format(1)", "v % 3", "f'{v!r:>10}'", "repr(v)", "v.encode().decode()", "string.Template(v).substitute(a=1)"),
    *("json.dumps(json.loads(v))", "json.dumps({'a': v, 'b': [v, v]})", "yaml.safe_load(v)", "ast.literal_eval(v)", "int(v)"),
    *("re.sub('x', 'y', v)", "re.findall(v, 'abc')", "re.split(',', v)", "jinja2.Template(v).render(a=1)", "textwrap.dedent(v)"),
    *("open(v).read()", "(Path('a') / v).read_text()", "getattr(client, v)", "Kind(v)", "datetime.strptime(v, '%Y')"),
    *("hashlib.sha256(v.encode()).hexdigest()", "''.join(map(str.upper, [v]))", "g(g(g(v)))", "[c for c in v]"),
)
_AROUND = """import ast, hashlib, jinja2, json, re, string, textwrap, yaml
from datetime import datetime
from enum import Enum
from pathlib import Path
class Kind(Enum):
    A = "abc"
    B = "b"
d = {"abc": "1", "b": "2"}
def g(x):
    return x + "1" if x == "q" else x + "2"
def m(x):
    match x:
        case "abc": return "1"
        case "d": return "2"
"""
WIDE = {operation: f"{_AROUND}{_PARTS}text = {operation}" for operation in _OPERATIONS}

# One of fifty names, of which each test takes off one: asked for all its readings at each, it is asked hundreds of times.
_NAMED = "v = name()\n" + "".join(f"v = 'p{n}/' + v if flag({n}) else v.strip() if flag(-{n}) else v\n" for n in range(25))
WIDE["chain of comparisons"] = f"{_AROUND}{_NAMED}text = ''\n" + "".join(
    f"for turn{n} in d:\n    if v == 'p{n}' or v in d or 'p{n}' in v:\n        text += v\n" for n in range(40)
)
