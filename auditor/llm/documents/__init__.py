"""Prompt files and request files that stand alone: read without any code that sends them.

`formats` takes a file apart into messages, `placeholders` finds what is filled in, `payloads` reads request bodies, `reading`
makes replays of both. What a placeholder stands for is known by its name alone: what rules say of it is of low confidence.
"""
