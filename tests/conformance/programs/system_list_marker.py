# requests: 3
"""Answer questions about the house rules of a climbing gym."""

from anthropic import Anthropic

HOUSE_RULES = """
Everyone signs in at the desk before climbing. Shoes are worn on the mats at all times.
Lead climbing requires a valid badge. Children under twelve climb with an adult in reach.
Chalk balls only: loose chalk is not allowed. Music is chosen by the staff on shift.
"""

QUESTIONS = ["Can I climb barefoot?", "Is loose chalk fine?", "May my daughter, nine, come alone?"]

client = Anthropic()

for question in QUESTIONS:
    response = client.messages.create(
        model="claude-opus-5-5",
        max_tokens=300,
        system=[
            {"type": "text", "text": "You answer questions of guests of a climbing gym, briefly and kindly."},
            {"type": "text", "text": HOUSE_RULES, "cache_control": {"type": "ephemeral"}},
        ],
        messages=[{"role": "user", "content": question}],
    )
    print(question, "->", response.content[0].text)
