import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    model_id: str
    region: str
    max_tokens: int = 600
    temperature: float = 0.2


def load_settings() -> Settings:
    return Settings(
        model_id=os.getenv("DESK_MODEL_ID", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        region=os.getenv("DESK_REGION", "us-east-1"),
    )
