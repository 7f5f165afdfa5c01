# requests: 3
# stdin: What is a fugue?|And a canon?|Who wrote most of them?|quit
# needs: boto3
"""A terminal chat that prints while the model speaks and keeps what was said."""

import os
import sys

import boto3

MODEL = os.environ.get("BEDROCK_MODEL", "anthropic.claude-sonnet-4-20250514-v1:0")
SYSTEM = [
    {"text": "You teach the theory of music. Keep answers to three sentences."},
    {"cachePoint": {"type": "default"}},
]


def stream_reply(client, messages):
    response = client.converse_stream(
        modelId=MODEL,
        messages=messages,
        system=SYSTEM,
        inferenceConfig={"maxTokens": 512},
    )
    text = ""
    for event in response["stream"]:
        if "contentBlockDelta" in event:
            delta = event["contentBlockDelta"]["delta"]
            if "text" in delta:
                sys.stdout.write(delta["text"])
                text += delta["text"]
        elif "metadata" in event:
            print(f"\n[{event['metadata']['usage']['outputTokens']} tokens]", file=sys.stderr)
    return text


def main():
    client = boto3.client("bedrock-runtime")
    messages = []
    while True:
        question = input("you> ")
        if question.strip() in {"quit", "exit"}:
            break
        messages.append({"role": "user", "content": [{"text": question}]})
        reply = stream_reply(client, messages)
        messages.append({"role": "assistant", "content": [{"text": reply}]})


main()
