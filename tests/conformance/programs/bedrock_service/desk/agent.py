from .bedrock import BedrockLLM
from .prompts import HOUSE_RULES, tenant_note


class SupportAgent:
    def __init__(self, llm: BedrockLLM, tenant: str) -> None:
        self.llm = llm
        self.tenant = tenant
        self.messages: list[dict] = []

    def handle(self, text: str) -> str:
        self.messages.append({"role": "user", "content": [{"text": text}]})
        response = self.llm.complete([HOUSE_RULES, tenant_note(self.tenant)], self.messages)
        reply = response["output"]["message"]
        self.messages.append({"role": reply["role"], "content": reply["content"]})
        return reply["content"][0]["text"]
