"""Imports what the sample programs import, once, in the fork server."""

from __future__ import annotations

import anthropic.resources.beta.messages
import anthropic.resources.messages
import anthropic.types
import openai.resources.chat.completions
import openai.resources.responses
import pydantic

__all__ = ["anthropic", "openai", "pydantic"]
