# requests: 3
# needs: boto3
"""Sorts incoming post with Claude on Bedrock; the rules are cached."""

import boto3

MODEL_ID = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
RULES = """You sort the post of a town hall.
Answer with one of: taxes, parking, gardens, other.
""" + "\n".join(f"- Letters about street {number} go to office {number % 7}." for number in range(40))

bedrock = boto3.client("bedrock-runtime", region_name="eu-west-1")


def sort_letter(letter: str) -> str:
    response = bedrock.converse(
        modelId=MODEL_ID,
        system=[{"text": RULES}, {"cachePoint": {"type": "default"}}],
        messages=[{"role": "user", "content": [{"text": f"<letter>{letter}</letter>"}]}],
        inferenceConfig={"maxTokens": 20, "temperature": 0},
    )
    usage = response["usage"]
    print(usage["inputTokens"], usage.get("cacheReadInputTokens", 0))
    return response["output"]["message"]["content"][0]["text"]


if __name__ == "__main__":
    for letter in ("My hedge is too high.", "I got a fine.", "When is the market?"):
        print(sort_letter(letter))
