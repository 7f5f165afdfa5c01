from .client import LLMClient
from .prompts import PROMPTS

__all__ = ["LLMClient", "PROMPTS"]
