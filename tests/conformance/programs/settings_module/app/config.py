from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    tokens: int = 400
    language: str = "English"


@dataclass(frozen=True)
class Settings:
    model: str = "claude-sonnet-5-5"
    product: str = field(default_factory=lambda: os.getenv("PRODUCT_NAME", "Harbour"))
    limits: Limits = field(default_factory=Limits)

    @property
    def system(self) -> str:
        return f"You support users of {self.product}. Answer in {self.limits.language}."


settings = Settings()
