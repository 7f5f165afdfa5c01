"""Jinja2 templates, as far as they can be understood without running anything.

Jinja2's own parser reads a template; `statements` and `expressions` turn its tree into a tree of Python, as Jinja2's compiler
does, so that the evaluator's loops, branches and joins serve templates too. `environments` finds templates, `rendering` evaluates
them, `filters` and `testing` know what Jinja2's filters and tests do. Jinja2 is imported when a program uses it, not before.
"""
