"""Modules, imports, definitions and who calls whom; parses on demand. Does not know what a value is."""
