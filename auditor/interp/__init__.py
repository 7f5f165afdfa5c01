"""How Python computes values: one module per construct, state, calls, limits. Does not know LLM APIs."""
