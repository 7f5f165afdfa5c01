# requests: 2
"""Settings of a frozen dataclass in a module of their own."""

from app.assistant import Assistant
from app.config import settings

assistant = Assistant(settings)
assistant.answer("How do I reset my password?")
assistant.answer("How do I delete my account?")
