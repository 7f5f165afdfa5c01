"""From calls, prompt files and request files to symbolic requests. Knows LLM APIs; does not know rules."""
