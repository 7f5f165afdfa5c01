# requests: 3
# needs: boto3
# latency: 1.1
"""Summaries through InvokeModel with a body in Anthropic's own words; the clock stands in front."""

import json
from datetime import datetime

import boto3
from botocore.exceptions import ClientError

runtime = boto3.client(service_name="bedrock-runtime")
STYLE = "Summarise in two sentences. Never name people. " * 25
modelId = "anthropic.claude-3-5-sonnet-20241022-v2:0"


def summarise(text):
    body = json.dumps(
        {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 300,
            "system": [
                {
                    "type": "text",
                    "text": f"Now: {datetime.now():%H:%M:%S}\n{STYLE}",
                    "cache_control": {"type": "ephemeral"},
                }
            ],
            "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}],
        }
    )
    try:
        response = runtime.invoke_model(body=body, modelId=modelId, accept="application/json", contentType="application/json")
    except ClientError as err:
        print("Could not invoke:", err.response["Error"]["Message"])
        raise
    result = json.loads(response.get("body").read())
    return result["content"][0]["text"]


for report in ["The bridge is closed until May.", "The pool opens early.", "The library has a new roof."]:
    print(summarise(report))
