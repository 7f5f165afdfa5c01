"""Every bound of the analysis, in one place. Reaching one yields an Unknown with reason `limit` and is counted by name."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults are sized so that an entry costs one or two seconds on a laptop at most."""

    file_bytes: int = 2_000_000  # larger Python files are not parsed; in a notebook its code cells count
    notebook_bytes: int = 60_000_000  # larger notebooks are not read (their outputs count)
    project_files: int = 50_000  # importable files that are indexed under the project's root
    unmarked_files: int = 5_000  # ... below a working directory that no pyproject.toml or .git says to be one project
    steps: int = 60_000  # evaluated syntax nodes per entry
    site_steps: int = 240_000  # of all entries tried for one function that sends; of two runs of an entry the better one counts
    run_steps: int = 48_000_000  # of all functions that send, about half an hour: of more than 200 each gets an equal share
    depth: int = 24  # calls into the project, nested
    iterations: int = 300  # of a loop whose bounds are known
    helper_depth: int = 8  # calls of one function, nested, each of another place (a container's `_get(key, factory)`)
    turns: int = 3  # symbolic iterations of a loop or replays of a function that sends
    marked_turns: int = 6  # ... while each request carries more breakpoints than the one before: whether that ends
    caller_levels: int = 5  # how far up the callers of a sending function are followed
    entries: int = 24  # tried for one function that sends, while its steps last
    aimed: int = 8  # calls of one function that its budget was not enough for, and to which a run goes straight
    in_vain: int = 2  # runs of one entry, or for one function that sends, that are repeated and bring no further request
    callers: int = 12  # of one function that are followed
    variants: int = 12  # switches of a call site; twice as many replays
    leading: int = 5_000  # functions that lead to requests, from which on no further level of callers is looked for
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
    slice_statements: int = 32  # ... and how many of them, those next to the call
    graph_nodes: int = 8  # places that hand one function to a graph as a node
    state_keys: int = 12  # of a graph's state, of which is asked what nodes wrote there
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

    def shared_by(self, functions: int) -> Limits:
        """The limits where so many functions send: what one may cost is the same for all, whatever their order.

        Where few send, the whole program does so through them, and more of their callers are followed.
        """
        share = max(LEAST_SITE_STEPS, self.run_steps // max(functions, 1))
        if share < self.site_steps:
            return replace(self, steps=min(self.steps, share), site_steps=share)
        if functions <= FEW_SENDERS:
            most = min(5 * self.site_steps, max(self.site_steps, FEW_SENDERS_STEPS // max(functions, 1)))
            return replace(self, callers=2 * self.callers, entries=4 * self.entries, site_steps=most, variants=2 * self.variants)
        return self


FEW_SENDERS = 20
"""Functions that send, up to which each is one that a program's other functions send through (a client class, a provider)."""
FEW_SENDERS_STEPS = 6_000_000
"""What all of so few may cost together: what twenty cost with somewhat more than a function's budget each."""
LEAST_SITE_STEPS = 4_000
"""What one function that sends may cost however many there are."""

DEFAULT = Limits()


# Bounds of single steps, which no caller chooses: what goes beyond them is unknown, or left out.

# Budgets, shares of what is left of them, and tries

CALL_SHARE = 2
"""A call that leads to no request may take half of what is left of the budget ..."""
COSTLY_CALL_SHARE = 20
"""... and less once the same function took more than that, or where it only takes a response to pieces."""
SPARING_CALL_SHARE = 100
"""... and a hundredth where one is looked at once more for requests that its budget was not enough for ..."""
CONTRIBUTING_SHARE = 5
"""... but a fifth where it makes what those are sent with, and a fifth of that with each assignment in between."""
CONTRIBUTING_LEVELS = 2
"""Assignments, one of what another made, that are followed for that."""
CALLER_RESERVE = 8
"""Of a call that leads to a request, and of one inside of a call that is kept short, an eighth is kept for what follows it."""
LEAST_CALL_STEPS = 200
"""What a call may cost whatever is left of the budget."""
MODULE_STEPS = 40_000
"""Budget of evaluating one module's top level, apart from the entries'."""
LEAST_STATEMENT_STEPS = 500
"""What a statement may cost however many before it cost too much."""
GIVEN_UP_STATEMENTS = 24
"""Statements of one module that may cost too much; behind them only definitions and imports are evaluated."""
WRITER_STEPS = 4_000
"""What running one function that fills a variable may cost."""
STAND_INS = 60_000
"""Holes of a text that is searched."""
WRITERS = 3
"""Functions that are tried, in the order of the source."""
PUTTER_SLICE = 4
"""Statements at their full price that may be evaluated for one that puts something into a container."""
POPULATING_CALLS = 24
"""Calls that are run to fill one container."""
LEADING_NAMES = 48
"""Functions that lead to one, beyond which it is not told what has to do with it."""
POPULATING_LEVELS = 3
"""Functions that may hand on what is put there."""
EXACT_TURNS = 24
"""Turns of `while True` that are run in the hope that it ends by itself."""
SCANNED_NAMES = 40
"""Names for which a project's files are searched one by one, before an index of all their words is made."""
NAMESAKES = 4
"""Functions of one name in a project up to which a method of an unknown object is looked for by its name."""

# Alternatives

LEAVES = 12
"""Alternatives of one value that are told apart; with more it is unknown."""
FEW_LEAVES = 4
"""Values that are told apart however many tests choose among them; classes, functions and objects up to `LEAVES`."""
MANY_LEAVES = 48
"""Alternatives among which such values are looked for."""
NESTED_PIECES = 48
"""Conditional pieces inside of one conditional piece."""
NESTED_ALTERNATIVES = 96
"""Alternatives inside of one alternative of a list or mapping: who compares or walks it meets shared parts again and again."""
OPTIONAL_ITEMS = 3
"""Optional items at the front that are told apart exactly; with more a separator may be out of place."""
COMBINED_CONDITIONS = 3
"""Up to so many conditions every combination is looked at; with more, all true, all false and each one turned."""
ALTERNATING_REQUESTS = 6
"""Requests of which the alternation is looked at: two runs of three turns."""
ASKED_CONDITIONS = 4
"""Of how many conditions a question may hang: each doubles the ways to answer it."""
KINDS = 3
"""Kinds of elements of a stretch that a loop over it tells apart."""

# Depth

FROZEN_DEPTH = 24
"""Levels of nested values that are kept of an argument."""
KNOWN_DEPTH = 12
"""Levels of nested values that are made into values of Python."""
REPEATED_DEPTH = 3
"""Values within what a text repeats that are looked at."""
DATA_DEPTH = 100
"""Levels of nested data that are read."""
JSON_DEPTH = 30
"""Levels of nested values that are written as JSON."""
MEANT_DEPTH = 4
"""Alternatives within alternatives of a value that may be a list of messages."""
TEMPLATE_DEPTH = 4
"""Levels of nested messages in which a template's variables are looked for."""
MRO_DEPTH = 50
"""Classes, one above another, that are put into the order in which members are looked up."""
BASES_DEPTH = 8
"""... and that are asked one after another."""
NAMES_HANDED_ON = 4
"""Packages that hand a name on, one from another, until where it is defined."""
NODE_DELEGATIONS = 2
"""How far a node's result is followed that it has from another function."""
STATE_DEPTH = 2
"""How far what is written into a graph's state is followed from node to node."""
BODY_DEPTH = 3
"""Data classes within data classes that are looked into."""
REQUEST_DEPTH = 5
"""Levels of nested data in which a file's requests are looked for."""
STATEMENT_DEPTH = 60
"""Statements inside of statements; those beyond this are left out of what is known of the handling of usage."""
STATEMENT_LOOPS = 3
"""Loops inside of loops whose bodies are followed twice."""
EXPRESSION_DEPTH = 60
"""Nested expressions; those beyond this are left out of it."""
ACCESSOR_DEPTH = 3
"""Functions that read a field by a name they are given, each for the next one: `_usage(answer, "input_tokens")`."""
ACCESSOR_STATEMENTS = 8
"""Statements of such a function."""

# Size

FROZEN_VALUES = 40_000
"""Values of one argument, shared ones counted as often as they appear: whoever reads the argument meets them as often."""
PURE_CHARACTERS = 100_000
"""Characters of an argument that are still worked on: layout functions are slow."""
FILTER_CHARACTERS = 200_000
"""Characters of known data that a filter is computed for."""
FILTER_WIDTH = 10_000
"""The largest width that is given to a filter."""
INDENT_WIDTH = 1_000
"""Spaces of indentation that a line is really given."""
NUMBER_BITS = 8_192
"""Bits of whole numbers that are still computed; Python itself writes none of more than about 14,000 bits as text."""
SLOW_YAML_CHARACTERS = 200_000
"""Characters of YAML that are read without the C parser."""
EXCERPT_NODES = 200
"""Nodes of an expression that is worth writing out in full to show its first characters."""
LISTED_FILES = 500
"""Files of one folder that are told apart."""
LOCATED_TEXTS = 300
"""Texts of one data file that are looked for in it."""
LOCATED_REPLACEMENTS = 256
"""Replacements in one literal whose own places are kept."""
LOOKED_AT = 8
"""Items of a list that are asked whether they are messages."""
RENDERED_VALUES = 1_024
"""Values of arguments whose JSON text is kept: the requests of a call site have most of them in common."""
TOLD_TESTS = 3
"""Tests that are named of one that hangs on many ..."""
ASKED_TESTS = 64
"""... and how many of those are looked at for that."""
SEEN_EVENTS = 64
"""Requests of which is kept what decides about their arguments."""
NAME_WALKS = 100
"""Names of loops inside of loops that are gone through one with another; with more, one element stands for all."""
WORD_CHARACTERS = 60
"""Characters of a text that may name a field of usage."""
SQL_CHARACTERS = 4_000
"""Characters of a text that may be a statement for a database."""
SQL_TOKENS = 1_000
"""Words and signs of such a statement; of a longer one nothing is known."""
FORMULA_TERMS = 24
"""Terms of one formula of costs."""
