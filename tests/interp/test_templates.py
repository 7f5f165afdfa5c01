# ruff: noqa: E501 - what is revealed is stated on the line that reveals it
"""Jinja2 templates: what the evaluator makes of them, and that it is what Jinja2 makes of them."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from auditor.values.text import Hole, Literal
from tests.interp.revealing import reveal, stated, texts, write

CONTEXT = {
    "name": "Ann <b>",
    "items": ["b", "a", "C"],
    "rows": [{"id": 2, "title": "two", "on": True}, {"id": 1, "title": "one", "on": False}],
    "flag": True,
    "off": False,
    "nothing": None,
    "number": 7,
    "data": {"z": 1, "a": [1, 2, {"k": "v'<"}]},
}

SAME = {
    "plain": "Hello {{ name }}!\n",
    "newline": "a\n\n{{ name }}\n\n",
    "conditions": "{% if flag and not off %}yes{% elif nothing %}maybe{% else %}no{% endif %}{% if off %}x{% endif %}",
    "loop": "{% for x in items %}{{ loop.index }}/{{ loop.length }}:{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "loop else": "{% for x in [] %}{{ x }}{% else %}none{% endfor %}{% for x in missing %}x{% else %}gone{% endfor %}",
    "loop filter": "{% for r in rows if r.on %}{{ loop.index0 }}{{ r.title }}{{ loop.first }}{{ loop.last }}{% endfor %}",
    "loop pairs": "{% for key, value in data.items() %}{{ key }}={{ value }};{% endfor %}",
    "loop neighbours": "{% for x in items %}[{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}]{{ loop.cycle('o', 'e') }}{% endfor %}",
    "nested loops": "{% for r in rows %}{% for x in items %}{{ loop.index }}{% endfor %}-{{ loop.index }} {% endfor %}",
    "scope of set": "{% set x = 1 %}{% for i in items %}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}",
    "namespace": "{% set ns = namespace(n=0, last='') %}{% for i in items %}{% set ns.n = ns.n + 1 %}{% set ns.last = i %}{% endfor %}"
    "{{ ns.n }}{{ ns.last }}",
    "set block": "{% set text %}<{{ name }}>{% endset %}{{ text }}{{ text | upper }}",
    "set block filter": "{% set text | trim | upper %}  {{ name }} {% endset %}[{{ text }}]",
    "with": "{% with a = number, b = name %}{{ a }}{{ b }}{% set c = a %}{{ c }}{% endwith %}{{ a }}{{ c }}",
    "macro": "{% macro tag(text, kind='b', end=true) %}<{{ kind }}>{{ text }}{% if end %}</{{ kind }}>{% endif %}{% endmacro %}"
    "{{ tag('x') }}{{ tag(name, kind='i') }}{{ tag('y', 'u', false) }}{{ tag() }}",
    "call block": "{% macro box(title) %}[{{ title }}: {{ caller('in') }}]{% endmacro %}"
    "{% call(x) box('T') %}{{ name }} {{ x }}{% endcall %}",
    "macro varargs": "{% macro f() %}{{ varargs | join('+') }}{{ kwargs.k }}{% endmacro %}{{ f(1, 2, k=3) }}",
    "filter block": "{% filter upper %}a {{ name }}{% endfilter %}",
    "whitespace": "<ul>\n  {%- for x in items -%}\n  <li>{{ x }}</li>\n  {%- endfor %}\n</ul>\n",
    "raw and comments": "{# gone #}{% raw %}{{ kept }}{% endraw %}",
    "attributes": "{{ rows[0].title }}{{ rows[1]['id'] }}{{ data.a[2].k }}{{ data['z'] }}{{ data.nope }}|{{ data.get('q', 'd') }}",
    "undefined": "[{{ missing }}]{% if missing %}x{% endif %}{{ missing is defined }}{{ name is defined }}{{ missing | default('d') }}",
    "operators": "{{ 1 + 2 * 3 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 5 }} {{ 'a' ~ 1 ~ name }} {{ number > 3 }} {{ 'b' in items }} {{ -1 }}",
    "ternary": "{{ 'a' if flag else 'b' }}{{ 'a' if off }}{{ name or 'x' }}{{ nothing and 'y' }}",
    "filters": "{{ items | join(', ') }} {{ items | sort | join }} {{ items | length }} {{ name | upper }} {{ ' x ' | trim }} "
    "{{ items | first }}{{ items | last }} {{ name | replace('n', 'm') }} {{ 'a b' | title }} {{ number | string }}",
    "filters of rows": "{{ rows | map(attribute='title') | join('/') }} {{ rows | selectattr('on') | map(attribute='id') | list }} "
    "{{ rows | rejectattr('on') | list | length }} {{ rows | sort(attribute='id') | map(attribute='id') | join }} "
    "{{ rows | selectattr('id', 'gt', 1) | map(attribute='title') | first }} {{ items | select('equalto', 'a') | list }}"
    "{{ items | map('upper') | join }} {{ rows | groupby('on') | length }} {{ rows | sum(attribute='id') }}",
    "tojson": "{{ data | tojson }}\n{{ data | tojson(indent=2) }} {{ name | tojson }}",
    "indent": "{{ 'a\nb\n\nc' | indent(2) }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\nb' | indent('> ') }}",
    "text filters": "{{ 'some words to wrap here' | wordwrap(10) }} {{ 'abcdefgh' | truncate(5, true, '.') }} {{ 'x' | center(5) }}|"
    "{{ 3.14159 | round(2) }} {{ '%s-%s' | format(1, name) }} {{ name | e }} {{ name | escape }} {{ '<i>' | safe }} {{ [3,1] | min }}",
    "dict filters": "{{ data | dictsort | length }} {% for k, v in data | dictsort %}{{ k }}{% endfor %} {{ data | items | list | length }}",
    "tests": "{{ number is odd }} {{ number is divisibleby 7 }} {{ name is string }} {{ data is mapping }} {{ items is sequence }} "
    "{{ nothing is none }} {{ number is number }} {{ number is eq 7 }} {{ 'x' is in items }} {{ flag is true }} {{ missing is undefined }}",
    "slices": "{{ items[1:] | join }}{{ name[:3] }}{{ items[-1] }}",
    "ranges": "{% for i in range(1, 4) %}{{ i }}{% endfor %}{{ range(3) | list }} {{ dict(a=1).a }}",
    "literals": "{{ [1, 'a', none, true] }} {{ {'k': 1} }} {{ (1, 2) }} {{ 'it''s' }} {{ 1.5 }}",
    "methods": "{{ name.upper() }} {{ items.index('a') }} {{ 'a,b'.split(',') | join('+') }} {{ name.startswith('Ann') }}",
    "blocks": "{% block a %}A{{ name }}{% endblock %}-{{ self.a() }}",
    "scoped block": "{% for x in items %}{% block b scoped %}{{ x }}{% endblock %}{% endfor %}",
    "autoescape": "{% autoescape true %}{{ name }}{{ name | safe }}{% endautoescape %}{{ name }}",
    "recursive macro": "{% macro down(n) %}{{ n }}{% if n > 5 %}{{ down(n - 1) }}{% endif %}{% endmacro %}{{ down(number) }}",
}
"""Templates whose context is known: the evaluator has to give what Jinja2 gives."""


@pytest.mark.parametrize("name", SAME)
def test_known_contexts_render_as_jinja2_renders_them(name: str, tmp_path: Path) -> None:
    text = SAME[name]
    source = f"import jinja2\nreveal(jinja2.Template({text!r}).render(**{CONTEXT!r}))\n"
    assert reveal(source, tmp_path) == [(2, jinja2.Template(text).render(**CONTEXT).replace("\n", "\\n"))]


OPTIONS = [
    {"trim_blocks": True, "lstrip_blocks": True},
    {"keep_trailing_newline": True},
    {"variable_start_string": "<<", "variable_end_string": ">>"},
    {"autoescape": True},
    {"line_statement_prefix": "#"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_of_the_environment_count(options: dict[str, object], tmp_path: Path) -> None:
    text = "A\n  {% if flag %}\n  {{ name }}\n  {% endif %}\n# if flag\n<< name >>\n# endif\n"
    source = (
        f"import jinja2\nenv = jinja2.Environment(**{options!r})\nreveal(env.from_string(text).render(flag=True, name='<n>'))"
    )
    source = source.replace("(text)", f"({text!r})")
    expected = jinja2.Environment(**options).from_string(text).render(flag=True, name="<n>")  # type: ignore[arg-type]
    assert reveal(source, tmp_path) == [(3, expected.replace("\n", "\\n"))]


FILES = {
    "prompts/base.j2": "{% set who = 'base' %}Head {% block role %}default {{ who }}{% endblock %}\n{% block rules %}R1{% endblock %} end",
    "prompts/middle.j2": "{% extends 'base.j2' %}{% block rules %}{{ super() }} R2{% endblock %}",
    "prompts/agent.j2": "{% extends 'middle.j2' %}{% from 'macros.j2' import bullet as b %}{% import 'macros.j2' as m %}"
    "{% block role %}{{ role }}{% endblock %}{% block rules %}{{ super() }} R3 {{ b('x') }}{{ m.bullet('y') }}{{ m.SIGN }}{% endblock %}",
    "prompts/macros.j2": "{% set SIGN = '*' %}{% macro bullet(text) %}- {{ text }};{% endmacro %}",
    "prompts/include.j2": "{% for t in tools %}{% include 'tool.j2' %}{% endfor %}{% include 'gone.j2' ignore missing %}"
    "{% include ['gone.j2', 'macros.j2'] %}|",
    "prompts/tool.j2": "<{{ t.name }} {{ role }}>",
    "prompts/self.j2": "a{% include 'self.j2' %}",
    "prompts/broken.j2": "Hello {% if %}",
}


@pytest.mark.parametrize("name", ["agent.j2", "include.j2", "middle.j2"])
def test_templates_of_a_folder(name: str, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    context = {"role": "R", "tools": [{"name": "one"}, {"name": "two"}]}
    for loader in (
        "FileSystemLoader('prompts')",
        "FileSystemLoader(Path(__file__).parent / 'prompts')",
        f"DictLoader({_named()!r})",
    ):
        source = "from jinja2 import DictLoader, Environment, FileSystemLoader\nfrom pathlib import Path\n"
        source += f"env = Environment(loader={loader})\n"
        source += f"reveal(env.get_template({name!r}).render(**{context!r}))"
        real = jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path / "prompts")).get_template(name).render(**context)
        assert reveal(source, tmp_path) == [(4, real.replace("\n", "\\n"))]


def _named() -> dict[str, str]:
    return {name.removeprefix("prompts/"): text for name, text in FILES.items()}


SNIPPETS = {
    "unknown values": """
        from jinja2 import Template
        who = input()
        reveal(Template("Hello {{ who }} and {{ who | upper }}, {{ who.name }}").render(who=who))  # revealed: Hello {input()} and {input().upper()}, {input().name}
        reveal(Template("{{ who | slugify }}{{ who | length }}").render({"who": who}))  # revealed: {who | slugify}{who | length}
        reveal(Template("{{ who | default('x') }}{{ no | default('y') }}").render(who=who))  # revealed: {input()}y
    """,
    "conditions": """
        from jinja2 import Template
        mode = input()
        reveal(Template("A{% if mode == 'x' %} long{% else %} short{% endif %} B").render(mode=mode))  # revealed: A{ long |  short} B
        reveal(Template("A{% if mode %} {{ mode }}{% endif %}").render(mode=mode))  # revealed: A{ {input()} | }
        reveal(Template("{{ 'a' if mode else 'b' }}").render(mode=mode))  # revealed: {a | b}
    """,
    "loops": """
        import os
        from jinja2 import Template
        names = ["a", os.environ["B"]]
        reveal(Template("{% for n in names %}- {{ n }}\\n{% endfor %}").render(names=names))  # revealed: - a\\n- {os.environ['B']}\\n
        rows = input()
        reveal(Template("T:{% for r in rows %}{{ r.title }};{% endfor %}!").render(rows=rows))  # revealed: T:{rows}!
        more = ["a"] + (["b"] if rows else [])
        reveal(Template("{% for n in more %}{{ n }}{% endfor %}.").render(more=more))  # revealed: a{b | }.
        reveal(Template("{{ more | join(', ') }}").render(more=more))  # revealed: a{, b | }
    """,
    "spread context": """
        import jinja2
        def build(**kwargs):
            return jinja2.Template("Hi {{ name }} {{ other }}{{ third | default('t') }}").render(name="N", **kwargs)
        reveal(build(other=1))  # revealed: Hi N 1t
        reveal(build(**unknown()))  # revealed: Hi N {other}{{third} | t}
    """,
    "environment": """
        import jinja2
        env = jinja2.Environment()
        env.globals["VERSION"] = 3
        env.filters["shout"] = lambda text: text.upper() + "!"
        env.tests["tiny"] = lambda value: len(value) < 3
        reveal(env.from_string("{{ VERSION }} {{ 'a' | shout }} {{ 'a' is tiny }}").render())  # revealed: 3 A! True
        sandbox = jinja2.sandbox.SandboxedEnvironment(trim_blocks=True)
        reveal(sandbox.from_string("{% if 1 %}\\nx{% endif %}").render())  # revealed: x
    """,
    "text with holes": """
        from jinja2 import Template
        extra = input()
        reveal(Template("Hi {{ name }} " + extra + " {{ name }}").render(name="N"))  # revealed: Hi N {input()} N
        reveal(Template("{{ x" + extra + " }}").render(x=1))  # revealed: {Template('{{ x' + extra + ' }}').render(x=1)}
        reveal(Template(extra).render(x=1))  # revealed: {Template(extra).render(x=1)}
    """,
    "not to be parsed": """
        from jinja2 import Environment
        env = Environment()
        reveal(env.from_string("{% if %}").render(x=input()))  # revealed: {env.from_string('{% if %}').render(x=input())}
        reveal(env.from_string("{% unknown_tag %}").render())  # revealed: {env.from_string('{% unknown_tag %}').render()}
        reveal(env.get_template("nowhere.j2").render())  # revealed: {env.get_template('nowhere.j2').render()}
    """,
    "names of builtins": """
        from jinja2 import Template
        reveal(Template("[{{ input }}{{ id }}{{ format }}]").render())  # revealed: []
        reveal(Template("[{{ input }}]").render(input="I"))  # revealed: [I]
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_partly_known_contexts(name: str, tmp_path: Path) -> None:
    seen, expected = stated(SNIPPETS[name], tmp_path)
    assert expected
    assert seen == expected


def test_pieces_stand_where_the_template_says(tmp_path: Path) -> None:
    write(tmp_path, {"prompts/sys.j2": "Line one\nline {{ now }}\n{% if now %}three{% endif %}\n"})
    program = """
from datetime import datetime
from jinja2 import Environment, FileSystemLoader
env = Environment(loader=FileSystemLoader("prompts"))
reveal(env.get_template("sys.j2").render(now=datetime.now()))
"""
    write(tmp_path, {"program.py": program})
    ((_, text),) = texts(tmp_path)
    literals = [piece for piece in text.pieces if isinstance(piece, Literal)]
    (hole,) = (piece for piece in text.pieces if isinstance(piece, Hole))
    assert literals[0].place is not None
    assert literals[0].place.path == "prompts/sys.j2"
    assert literals[0].place.line == 1
    assert hole.place is not None
    assert hole.place.path == "program.py"
    assert [(step.place.path, step.place.line, step.place.column) for step in hole.trace] == [("prompts/sys.j2", 2, 9)]


HOSTILE = {
    "include": "{% include 'x.j2' %}{% include 'x.j2' %}",
    "extends": "{% extends 'x.j2' %}{% block a %}{{ super() }}{{ self.a() }}{{ self.a() }}{% endblock %}",
    "import": "{% import 'x.j2' as x %}{{ x.y() }}",
    "macro": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "deep": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "nested": "{% if a %}" * 1500 + "x" + "{% endif %}" * 1500,
    "loops": "{% for a in range(999999) %}" * 6 + "x" + "{% endfor %}" * 6,
    "width": "{{ 'x' | center(999999999) }}{{ 'x' * 999999999 }}{{ '%999999999d' | format(1) }}{{ 'a\nb' | indent(999999999) }}",
    "power": "{{ 9 ** 9 ** 9 ** 9 }}",
    "mark": "\ue0005\ue001 {{ x }}",
    "brackets": "{{" * 50_000,
    "null": "a\0b{{ x }}",
    "large": "word {{ x }} " * 20_000,
    "too large": "word {{ x }} " * 80_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_templates_end(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"t/x.j2": HOSTILE[name]})
    program = "import jinja2\nenv = jinja2.Environment(loader=jinja2.FileSystemLoader('t'))\nx = input()\n"
    program += "try:\n  text = env.get_template('x.j2').render(x=x, a=x)\nfinally:\n  pass\nreveal('end')"
    assert reveal(program, tmp_path)[-1] == (8, "end")


def test_recursion_is_known_as_such(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    program = "import jinja2\nenv = jinja2.Environment(loader=jinja2.FileSystemLoader('prompts'))\nreveal(env.get_template('self.j2').render())"
    assert reveal(program, tmp_path) == [(3, "aaa{self.j2}")]
