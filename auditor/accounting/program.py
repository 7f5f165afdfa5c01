"""The project's code as the flow of usage needs it: what names mean, which functions matter, where a call leads.

Knows syntax trees and imports. Does not know values.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.accounting import sql
from auditor.accounting.forms import Code, Made, Record
from auditor.limits import BASES_DEPTH, NAMES_HANDED_ON
from auditor.project.project import Project
from auditor.project.syntax import FunctionNode, Module, last_name

Body = FunctionNode | ast.Module


@dataclass(slots=True)
class Unit:
    """One function, or a module's top level (name "")."""

    module: Module
    name: str
    node: Body
    words: frozenset[str] = frozenset()  # names, attributes and strings that occur in it
    stored: frozenset[str] = frozenset()  # names that it binds itself: what they hold begins with each call
    written: dict[int, str] = field(default_factory=dict)  # expressions as text, by the identity of their nodes
    guards: frozenset[str] | None = None  # expressions that it tests
    choosing: bool | None = None  # whether its tests compare texts or ask by a vendor's name

    @property
    def key(self) -> tuple[str, str]:
        return self.module.path, self.name


@dataclass(frozen=True, slots=True)
class Library:
    """A name of a library, dotted."""

    name: str


@dataclass(slots=True)
class _Names:
    """What a module's imports and definitions make of names."""

    imported: dict[str, Code | Library | str] = field(default_factory=dict)  # a string: a module's path


class Program:
    """The modules that were taken in, and how their names hang together. Modules are added while the flow asks for them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.units: dict[tuple[str, str], Unit] = {}
        self._names: dict[str, _Names] = {}
        self._methods: dict[str, list[Code]] = {}
        self._fields: dict[str, list[Code]] = {}

    def add(self, path: str) -> bool:
        """Takes a module in; False where it is there already or cannot be read."""
        if path in self._names:
            return False
        module = self.project.module(path)
        self._names[path] = _Names()
        if module is None:
            return False
        self._names[path].imported = dict(_imports(self.project, module))
        self.units[path, ""] = Unit(module, "", module.tree, *_words(module.tree))
        for name, node in module.functions.items():
            self.units[path, name] = Unit(module, name, node, *_words(node))
            owner = module.owner.get(name)
            if owner is not None:
                self._methods.setdefault(name.rsplit(".", 1)[-1], []).append(Code(path, name))
        for name, cls in module.classes.items():
            for field_name in _declared(cls):
                self._fields.setdefault(field_name, []).append(Code(path, name))
        return True

    @property
    def size(self) -> int:
        """How many modules were taken in."""
        return len(self._names)

    def lookup(self, path: str, name: str) -> Code | Library | str | None:
        """What a name of a module's top level means: code, a library, a module's path; None for a variable or nothing."""
        names = self._names.get(path)
        if names is None:
            return None
        module = self.project.module(path)
        if module is not None and (name in module.functions or name in module.classes):
            return Code(path, name)
        found = names.imported.get(name)
        return self._followed(found) if isinstance(found, Code) else found

    def inside(self, path: str, scope: str, name: str) -> Code | None:
        """The function or class of that name that a function, or one around it, defines in its body."""
        module = self.project.module(path)
        while module is not None and scope:
            inner = f"{scope}.{name}"
            if scope in module.functions and (inner in module.functions or inner in module.classes):
                return Code(path, inner)
            scope = scope.rpartition(".")[0]
        return None

    def _followed(self, code: Code, depth: int = 0) -> Code:
        """Where a name that a package hands on is defined."""
        self.add(code.path)
        module = self.project.module(code.path)
        if module is None or depth > NAMES_HANDED_ON or code.name in module.functions or code.name in module.classes:
            return code
        further = self._names[code.path].imported.get(code.name)
        return self._followed(further, depth + 1) if isinstance(further, Code) else code

    def unit(self, code: Code) -> Unit | None:
        self.add(code.path)
        return self.units.get((code.path, code.name))

    def class_of(self, code: Code) -> ast.ClassDef | None:
        self.add(code.path)
        module = self.project.module(code.path)
        return module.classes.get(code.name) if module is not None else None

    def method(self, owner: Code, name: str, depth: int = 0) -> Code | None:
        """A method of a class or of its bases in the project."""
        cls = self.class_of(owner)
        if cls is None or depth > BASES_DEPTH:
            return None
        if (owner.path, f"{owner.name}.{name}") in self.units:
            return Code(owner.path, f"{owner.name}.{name}")
        for base in cls.bases:
            spelled = last_name(base)
            above = self.lookup(owner.path, spelled) if spelled else None
            found = self.method(above, name, depth + 1) if isinstance(above, Code) and above != owner else None
            if found is not None:
                return found
        return None

    def only_method(self, name: str) -> Code | None:
        """The method of that name, where only one class that was taken in has one."""
        found = self._methods.get(name, [])
        return found[0] if len(found) == 1 else None

    def declares(self, name: str) -> bool:
        """Whether some class of the project has a field of that name."""
        return name in self._fields

    def lacks(self, owner: Code, name: str, depth: int = 0) -> bool:
        """Whether instances of a class certainly have no attribute of that name: all of its bases are known, and none has it."""
        cls = self.class_of(owner)
        if cls is None or depth > BASES_DEPTH or cls.keywords:
            return False
        own = {*_declared(cls), *_assigned(cls)}
        if name in own or not own.isdisjoint(_ANSWERING):
            return False
        for base in cls.bases:
            spelled = last_name(base)
            above = self.lookup(owner.path, spelled) if spelled else None
            if isinstance(above, Code) and above != owner:
                if not self.lacks(above, name, depth + 1):
                    return False
            elif spelled not in _PLAIN_BASES:
                return False
        return True

    def declared_as(self, path: str, annotation: ast.expr | None) -> Record | None:
        """Any instance of the project's class that an annotation names."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str) and annotation.value.isidentifier():
            annotation = ast.Name(annotation.value)
        meant = self.lookup(path, annotation.id) if isinstance(annotation, ast.Name) else None
        known = isinstance(meant, Code) and self.class_of(meant) is not None
        return Record.of(Made(meant.path, meant.name)) if isinstance(meant, Code) and known else None

    def is_property(self, code: Code) -> bool:
        unit = self.unit(code)
        if unit is None or not isinstance(unit.node, ast.FunctionDef):
            return False
        return any(
            last_name(decorator) in {"property", "cached_property", "computed_field", "hybrid_property"}
            for decorator in unit.node.decorator_list
        )


def _imports(project: Project, module: Module) -> Iterator[tuple[str, Code | Library | str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                target = project.resolve(module.path, alias.name)
                short = alias.asname or alias.name.split(".", 1)[0]
                if target is None:
                    yield short, Library(alias.name if alias.asname else short)
                elif alias.asname or "." not in alias.name:
                    yield short, target
        elif isinstance(node, ast.ImportFrom):
            target = project.resolve(module.path, node.module or "", node.level)
            for alias in node.names:
                short = alias.asname or alias.name
                if target is None:
                    yield short, Library(f"{node.module or ''}.{alias.name}")
                    continue
                below = project.submodule(target, alias.name)
                yield short, below if below is not None else Code(target, alias.name)


def _words(node: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """The words that occur below a node, and the names that are bound there."""
    found: set[str] = set()
    stored: set[str] = set()
    for child in ast.walk(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
                stored.add(name)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Constant(value=str() as text) if len(text) < 60:
                found.add(text)
                found.update(sql.words(text))
                found.update(text[1:].split(".") if text.startswith("$") else ())  # a document's field, in a pipeline
            case ast.Constant(value=bytes() as data) if len(data) < 60:
                found.add(data.decode("utf-8", "replace"))
            case ast.Constant(value=str() as text):
                found.update(sql.words(text))
            case ast.keyword(arg=str() as name):
                found.add(name)
            case _:
                pass
    return frozenset(found), frozenset(stored)


def _declared(cls: ast.ClassDef) -> Iterator[str]:
    for statement in cls.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, ast.Assign):
            # A mapper's columns; by a name that tells of nothing, any object's attribute would be the count.
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name) and "tok" in target.id.lower())
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement.name
            for node in ast.walk(statement):
                if (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.ctx, ast.Store)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "self"
                ):
                    yield node.attr


_ANSWERING = frozenset({"__getattr__", "__getattribute__", "__slots__", "model_config"})
"""What makes attributes of a class otherwise than by writing them down, or may."""
_PLAIN_BASES = frozenset({"object", "BaseModel", "NamedTuple", "ABC"})


def _assigned(cls: ast.ClassDef) -> Iterator[str]:
    """What a class's body assigns, and any method to any object: it may be an instance."""
    for node in ast.walk(cls):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def dataclass_fields(cls: ast.ClassDef) -> list[str]:
    """Annotated fields in order: what a dataclass, named tuple or model takes."""
    return [
        statement.target.id
        for statement in cls.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
