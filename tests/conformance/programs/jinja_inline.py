# requests: 3
"""An inline template filled per call with what the program knows and what it is told."""

import json
import uuid

import openai
from jinja2 import BaseLoader, DictLoader, Environment, Template

SYSTEM = Template(
    """You label tickets.
{%- if labels %}

Labels:
{%- for label, meaning in labels.items() %}
- {{ label }}: {{ meaning }}
{%- endfor %}
{%- endif %}
Options: {{ options | tojson }}
Run {{ run }}.
""",
    keep_trailing_newline=True,
)
USER = Environment(loader=DictLoader({"user": "{{ text | upper }}\n{% for n in notes %}* {{ n }}\n{% endfor %}"}))
PLAIN = Environment(loader=BaseLoader(), variable_start_string="[[", variable_end_string="]]")
LABELS = {"bug": "something is broken", "wish": "something is missing"}

client = openai.OpenAI()
for text in ["it crashes", "please add dark mode", "hello"]:
    client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {
                "role": "system",
                "content": SYSTEM.render(labels=LABELS, options={"strict": True, "best": 2}, run=uuid.uuid4().hex),
            },
            {"role": "user", "content": USER.get_template("user").render({"text": text, "notes": [text, "end"]})},
            {"role": "user", "content": PLAIN.from_string("{{kept}} [[ x ]]").render(x=json.dumps({"length": len(text)}))},
        ],
    )
