"""Every action that the surfaces' tables may name, and the call that finds and does it."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.llm import configured, gemini_chats
from auditor.llm.configured import ActionCode, Call, kind_of, named
from auditor.values.domain import Arguments, ExternalObject, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.llm.events import Ear

ACTIONS: dict[str, ActionCode] = {**configured.ACTIONS, **gemini_chats.ACTIONS}
"""By an action's `does`."""


def call(ear: Ear, machine: Machine, target: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """The value of a call that the surfaces' tables describe; None where they do not."""
    objects = ear.sdk.objects
    if not target.path and target.arguments is arguments:  # a function or class by its name, nothing made yet
        action = objects.function(target.cls)
        if action is not None:
            return ACTIONS[action.does](Call(ear, machine, action, target, None, arguments, node, frame))
        maker = objects.maker(target.cls)
        return None if maker is None else replace(target, arguments=named(arguments, maker.signature))
    found = kind_of(objects, target.cls)
    if found is None:
        return None
    kind, maker = found
    path = tuple(name for name in target.path if name not in ear.sdk.transparent) or ("__call__",)
    action = objects.method(kind, path)
    if action is None:
        return None
    return ACTIONS[action.does](Call(ear, machine, action, target, maker, arguments, node, frame))
