"""Rewriting of source with LibCST; comments and format are kept."""
