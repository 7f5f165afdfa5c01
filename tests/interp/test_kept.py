"""What an audit keeps from entry to entry: nothing of what an entry made and left behind."""

from __future__ import annotations

from auditor.interp.store import ITEMS, Store
from auditor.values.domain import Items
from auditor.values.lifetime import Lifetime
from auditor.values.text import Hole

HOLE = Hole(("#", 1), "user", Lifetime.USER)


def test_addresses_that_hold_nothing_any_more_are_forgotten() -> None:
    store = Store()
    kept = store.allocate()
    store.set(kept, "name", HOLE)
    written = store.written
    with store.layer():
        store.set(kept, "other", HOLE)
        made, loaded = store.allocate(), store.allocate()
        store.set(made, ITEMS, Items((HOLE,)))
        with store.on_base():
            store.set(loaded, "name", HOLE)
    assert store.forget(written) == [made]
    assert store.keys(kept) == ["name"]
    assert store.keys(loaded) == ["name"]
    assert store.written == 2
