"""Every bound of the analysis, in one place. Reaching one yields an Unknown with reason `limit` and is counted by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults are sized so that a call site costs at most about a second on a laptop."""

    file_bytes: int = 2_000_000  # larger Python files are not parsed; in a notebook its code cells count
    notebook_bytes: int = 60_000_000  # larger notebooks are not read (their outputs count)
    project_files: int = 50_000  # importable files that are indexed under the project's root
    steps: int = 40_000  # evaluated syntax nodes per entry
    site_steps: int = 120_000  # of all entries tried for one function that sends
    depth: int = 24  # calls into the project, nested
    iterations: int = 300  # of a loop whose bounds are known
    turns: int = 3  # symbolic iterations of a loop or replays of a function that sends
    marked_turns: int = 6  # ... while each request carries more breakpoints than the one before: whether that ends
    caller_levels: int = 5  # how far up the callers of a sending function are followed
    entries: int = 24  # tried for one function that sends, while its steps last
    variants: int = 12  # callers of one function; of a call site twice as many replays
    opened: int = 24  # functions that are looked at once more with open defaults, for calls in them that nothing reached
    conditions: int = 6  # undecided conditions of one request that are expanded into variants
    requests: int = 12  # requests kept per replay
    site_pairs: int = 2_000  # pairs of call sites whose prefixes are compared
    text_characters: int = 2_000_000  # of one text
    pieces: int = 4_000  # of one text
    items: int = 4_000  # of one list or mapping
    choices: int = 12  # alternatives of one value
    implementations: int = 3  # of an abstract class that its users are looked at with
    twin_depth: int = 4  # how deep two objects are compared that may be one
    twin_parts: int = 40  # attributes, items or arguments of one object that are compared
    slice_steps: int = 4_000  # of one statement that a constructor's arguments depend on
    slice_statements: int = 16  # ... and how many of them, those next to the call
    graph_nodes: int = 8  # places that hand one function to a graph as a node
    nested_strings: int = 20  # f-strings within fields of f-strings, in syntax newer than the Python that runs
    element_depth: int = 4  # lists and mappings inside of a loop's element that are renewed with it
    pattern_characters: int = 1_000  # of a regular expression that is run on known text
    pattern_tries: int = 10**9  # that a regular expression may make at worst, about a second
    roots: int = 8  # values that a computed one is known to come from
    prompt_file_bytes: int = 4_000_000
    template_characters: int = 1_000_000  # of one Jinja2 template that is parsed
    accounting_files: int = 300  # files in which the handling of usage is followed
    decided_markers: int = 16  # on one side of a test, of which is noted that it decides about them
    accounting_rounds: int = 6  # evaluations of the functions that handle it, until nothing new flows


DEFAULT = Limits()
