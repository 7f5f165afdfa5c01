"""Settings."""

MODEL = "claude-sonnet-5-5"
MAX_TOKENS = 4 * 128
