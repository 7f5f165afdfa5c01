# requests: 3
# segments: 2
"""A support desk whose system prompt is a family of Jinja2 templates."""

from support.desk import Desk

desk = Desk("Harbour Bikes", ["rentals", "repairs"])
desk.answer("How long may I keep a bike?", premium=True)
desk.answer("Where are you?", premium=True)
desk.answer("My chain broke.", premium=False)
