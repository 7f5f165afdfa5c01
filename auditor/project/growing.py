"""Methods by which Python's own collections get longer. Knows their names, not whose method a call of such a name is."""

from __future__ import annotations

LISTS = frozenset({"append", "extend", "insert", "appendleft", "extendleft"})
"""Of lists and queues."""
ITEMS = LISTS | {"add"}
"""Of sets as well: they put something there without a key."""
ANY = ITEMS | {"setdefault", "update"}
"""Of mappings as well."""
