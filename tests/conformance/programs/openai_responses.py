# requests: 3
"""A conversation over the Responses API."""

from openai import OpenAI

client = OpenAI()
INSTRUCTIONS = "You are a nutrition coach. Keep answers under fifty words."

conversation = []
for text in ["Is fruit juice healthy?", "How about smoothies?", "And dried fruit?"]:
    conversation.append({"role": "user", "content": text})
    response = client.responses.create(model="gpt-6-sol", instructions=INSTRUCTIONS, input=conversation)
    conversation.append({"role": "assistant", "content": response.output_text})
