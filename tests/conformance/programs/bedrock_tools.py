# requests: 6
# needs: boto3
"""A warehouse agent: tools with a cache point, and the loop that answers them."""

import json

import boto3

client = boto3.client("bedrock-runtime")

TOOLS = [
    {
        "toolSpec": {
            "name": "stock_level",
            "description": "How many pieces of an article are in the warehouse.",
            "inputSchema": {
                "json": {
                    "type": "object",
                    "properties": {"article": {"type": "string"}, "depot": {"type": "string"}},
                    "required": ["article"],
                }
            },
        }
    },
    {
        "toolSpec": {
            "name": "reorder",
            "description": "Order more of an article.",
            "inputSchema": {"json": {"type": "object", "properties": {"article": {"type": "string"}}}},
        }
    },
]
tool_config = {"tools": TOOLS + [{"cachePoint": {"type": "default"}}]}


def stock_level(article, depot="main"):
    return {"article": article, "depot": depot, "pieces": 12}


def reorder(article):
    return {"ordered": article}


HANDLERS = {"stock_level": stock_level, "reorder": reorder}


def run(task, max_turns=6):
    messages = [{"role": "user", "content": [{"text": task}]}]
    for _ in range(max_turns):
        response = client.converse(
            modelId="anthropic.claude-3-7-sonnet-20250219-v1:0",
            messages=messages,
            system=[{"text": "You run a warehouse. Use the tools."}],
            toolConfig=tool_config,
        )
        output = response["output"]["message"]
        messages.append(output)
        if response["stopReason"] != "tool_use":
            return output["content"][0]["text"]
        results = []
        for block in output["content"]:
            if "toolUse" not in block:
                continue
            call = block["toolUse"]
            try:
                result = HANDLERS[call["name"]](**call["input"])
                results.append(
                    {
                        "toolResult": {
                            "toolUseId": call["toolUseId"],
                            "content": [{"text": json.dumps(result)}],
                            "status": "success",
                        }
                    }
                )
            except TypeError as error:
                results.append({"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": str(error)}], "status": "error"}})
        messages.append({"role": "user", "content": results})
    raise RuntimeError("no end")


print(run("How many blue mugs are left?"))
print(run("Order mugs."))
