# requests: 2
"""Prompts that travel as files of a package."""

from clerk.desk import Desk

desk = Desk()
desk.handle("A visitor wants a parking permit.")
desk.handle("A visitor lost her badge.")
