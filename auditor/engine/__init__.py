"""Loads and selects rules, runs them, applies suppressions and baseline. Does not know output formats."""
