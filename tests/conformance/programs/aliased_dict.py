# requests: 2
"""The marker is set through another name of the same dictionary."""

import anthropic

client = anthropic.Anthropic()

knowledge = {"type": "text", "text": "Our shop is open from nine to six, Saturdays from ten to two."}
persona = {"type": "text", "text": "You are the voice assistant of a bicycle shop."}
system = [persona, knowledge]

last = system[-1]
last["cache_control"] = {"type": "ephemeral"}
knowledge["text"] += " Closed on public holidays."

request = dict(model="claude-sonnet-5-5", max_tokens=100, system=system)
for question in ("Are you open on Sunday?", "When do you close on Saturday?"):
    request.update(messages=[{"role": "user", "content": question}])
    print(client.messages.create(**request).content[0].text)
