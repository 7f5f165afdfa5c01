# requests: 5
# needs: boto3
# segments: 2
"""A support desk over Bedrock: client wrapper, prompts and settings in modules of their own."""

from desk.agent import SupportAgent
from desk.bedrock import BedrockLLM
from desk.settings import load_settings


def main() -> None:
    settings = load_settings()
    agent = SupportAgent(BedrockLLM(settings), tenant="harbour-office")
    for text in ("My card is locked.", "It still is.", "Now it works."):
        print(agent.handle(text))
    quick = SupportAgent(BedrockLLM(settings, caching=False), tenant="ferry-line")
    print(quick.handle("When do you sail?"))
    print(quick.handle("And on Sunday?"))


if __name__ == "__main__":
    main()
