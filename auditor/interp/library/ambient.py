"""Objects that a library keeps ready by name: `flask.request`, `flask_login.current_user`, `django.conf.settings`.

Knows how they enter the program: as holes whose lifetime the knowledge tables state. What their attributes are, the tables say
by type; every other attribute lives as long as its object.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp.library import keyed
from auditor.values.domain import Hole
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def value(machine: Machine, name: str, node: ast.AST | None, frame: Frame | None) -> Hole | None:
    """The object of that dotted name, if the tables have one. One object for all of a call; what lives longer is the
    same in each.
    """
    fact = machine.library.objects.get(name)
    if fact is None:
        return None
    lasting = fact.lifetime <= Lifetime.SESSION
    identity = ("ambient", name) if lasting else ("ambient", name, machine.epoch)
    return machine.hole(
        node, frame, fact.lifetime, fact.cause, identity=identity, expression=name.rsplit(".", 1)[-1], type=fact.type
    )


def attribute(machine: Machine, owner: Hole, name: str, found: Hole) -> Hole:
    """`found`, the attribute `name` of `owner`, with the lifetime that the tables give attributes of the owner's type."""
    fact = machine.library.attributes.get((owner.type, name)) if owner.type is not None else None
    if fact is None:
        return part(machine, owner, name, found)
    return replace(
        found,
        lifetime=fact.lifetime,
        cause=fact.cause,
        type=fact.type,
        identity=_lasting(machine, owner, name, fact.lifetime) or found.identity,
    )


def part(machine: Machine, owner: Hole, name: str, found: Hole) -> Hole:
    """`found`, what a request or an event says under a name: who asks is the same in the next one of the same user."""
    lifetime = machine.library.parts.get(name)
    if owner.lifetime is Lifetime.CALL and owner.cause in {Cause.LOOP, Cause.RETRIEVAL} and keyed.for_askers(machine, name):
        # The row's tenant, as rows are given with those that they belong to: the same in each row of theirs.
        return replace(found, lifetime=Lifetime.USER, cause=Cause.VALUE)
    if lifetime is None or owner.lifetime is not Lifetime.CALL:
        return found
    match owner.cause:
        case Cause.INPUT:
            lasting = _lasting(machine, owner, name, lifetime) or found.identity
            return replace(found, lifetime=lifetime, cause=Cause.VALUE, identity=lasting)
        case Cause.LOOP if name != "user":  # in a row of data that is rather what somebody says
            return replace(found, lifetime=lifetime, cause=Cause.VALUE)
        case _:
            return found


def _lasting(machine: Machine, owner: Hole, name: str, lifetime: Lifetime) -> object:
    """A request's user or session is the same in that user's or session's next request."""
    if owner.lifetime is Lifetime.CALL and lifetime <= Lifetime.SESSION:
        return machine.identity(("ambient", owner.type, name))
    return None
