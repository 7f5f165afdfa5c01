# requests: 2
"""A service gets its gateway and its prompts from outside."""

from dataclasses import dataclass
from typing import Protocol

import anthropic


class Gateway(Protocol):
    def complete(self, system: str, prompt: str) -> str: ...


@dataclass(frozen=True)
class Prompts:
    system: str
    question: str = "Which risk is greatest in: {plan}?"


class AnthropicGateway:
    def __init__(self, client: anthropic.Anthropic, model: str) -> None:
        self.client, self.model = client, model

    def complete(self, system: str, prompt: str) -> str:
        response = self.client.messages.create(
            model=self.model, max_tokens=300, system=system, messages=[{"role": "user", "content": prompt}]
        )
        return response.content[0].text


class RiskService:
    def __init__(self, gateway: Gateway, prompts: Prompts) -> None:
        self.gateway = gateway
        self.prompts = prompts

    def assess(self, plan: str) -> str:
        return self.gateway.complete(self.prompts.system, self.prompts.question.format(plan=plan))


def build() -> RiskService:
    gateway = AnthropicGateway(anthropic.Anthropic(), "claude-opus-4-8")
    return RiskService(gateway=gateway, prompts=Prompts("You are a careful project auditor."))


if __name__ == "__main__":
    service = build()
    for plan in ("a footbridge", "a ferry"):
        print(service.assess(plan))
