"""The JSON schema of a model of the project, as pydantic 2 writes it.

Types that are plain (texts, numbers, lists, literals, enumerations, other models) give their schema word for word; a field of any
other type is a hole that lives as long as the deployment. What a class configures beyond that makes the whole schema such a hole.
Source: pydantic's reference, "JSON Schema" (docs.pydantic.dev/latest/concepts/json_schema); the tests compare with pydantic 2.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import attributes, classes, enums, known
from auditor.interp.library import introspection
from auditor.values.domain import (
    NONE,
    Arguments,
    ClassValue,
    Const,
    DictRef,
    Entry,
    External,
    ExternalObject,
    ListRef,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.lifetime import Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

PLAIN: dict[str, dict[str, str]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"format": "date-time", "type": "string"},
    "date": {"format": "date", "type": "string"},
    "time": {"format": "time", "type": "string"},
    "UUID": {"format": "uuid", "type": "string"},
    "Path": {"format": "path", "type": "string"},
}
BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf"}
LENGTHS = {
    "string": {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"},
    "array": {"min_length": "minItems", "max_length": "maxItems"},
}
UNDERSTOOD = frozenset(
    {*BOUNDS, "min_length", "max_length", "pattern", "description", "title", "default", "default_factory", "alias", "examples"}
)
CONFIGURED = frozenset({"extra", "frozen", "arbitrary_types_allowed", "validate_assignment", "str_strip_whitespace", "strict"})

Schema = dict[str, Value]


class UnknownSchemaError(Exception):
    """A type whose schema is not known here."""


def of_model(machine: Machine, cls: ClassValue, node: ast.AST, frame: Frame) -> Value:
    """`cls.model_json_schema()`."""
    try:
        return _Writer(machine, node, frame).top(cls)
    except UnknownSchemaError:
        return unknown(machine, cls, node, frame)


def unknown(machine: Machine, cls: ClassValue, node: ast.AST, frame: Frame) -> Value:
    return machine.hole(node, frame, Lifetime.DEPLOY, identity=("schema", cls.address), characters=(20, None))


class _Writer:
    def __init__(self, machine: Machine, node: ast.AST, frame: Frame) -> None:
        self.machine, self.node, self.frame = machine, node, frame
        self.definitions: dict[str, Value | None] = {}

    def top(self, cls: ClassValue) -> Value:
        written = self._model(cls)
        if cls.name in self.definitions:  # it refers to itself: pydantic then writes it as a reference
            raise UnknownSchemaError
        if self.definitions:
            entries = [(name, self.definitions[name] or NONE) for name in sorted(self.definitions)]
            written["$defs"] = self._mapping(dict(entries))
        return self._sorted(written)

    def _mapping(self, schema: Schema) -> DictRef:
        return self.machine.new_dict([Entry(Text.of(name), value) for name, value in schema.items()])

    def _sorted(self, schema: Schema) -> DictRef:
        return self._mapping({name: schema[name] for name in sorted(schema)})

    def _model(self, cls: ClassValue) -> Schema:
        schema: Schema = {"title": Text.of(cls.name), "type": Text.of("object")}
        self._configured(cls, schema)
        text = introspection.docstring(self.machine, cls.node, cls.module, clean=True)  # type: ignore[arg-type]
        if text is not None and text.pieces:
            schema["description"] = text
        properties: Schema = {}
        required: list[Value] = []
        for name, annotation, owner in introspection.field_nodes(self.machine, cls):
            if name == "model_config" or name.startswith("_"):
                continue
            shown, value, needed = self._field(cls, name, annotation, owner)
            properties[shown] = value
            if needed:
                required.append(Text.of(shown))
        schema["properties"] = self._mapping(properties)
        if required:
            schema["required"] = self.machine.new_list(required)
        return schema

    def _configured(self, cls: ClassValue, schema: Schema) -> None:
        if attributes.class_member(self.machine, cls, "Config") is not None:
            raise UnknownSchemaError
        config = attributes.class_member(self.machine, cls, "model_config")
        if config is None:
            return
        if isinstance(config, ExternalObject) and config.arguments is not None:
            given = dict(config.arguments.keywords)
        elif isinstance(config, DictRef):
            entries = self.machine.entries(config).entries
            given = {known.text_of(entry.key) or "": entry.value for entry in entries if isinstance(entry, Entry)}
        else:
            raise UnknownSchemaError
        if not set(given) <= CONFIGURED:
            raise UnknownSchemaError
        extra = known.text_of(given.get("extra"))
        if extra in {"forbid", "allow"}:
            schema["additionalProperties"] = const(extra == "allow")

    # Fields

    def _field(self, cls: ClassValue, name: str, annotation: ast.expr, owner: ClassValue) -> tuple[str, Value, bool]:
        """A field's name in the schema, its schema, and whether it has to be given."""
        inner = introspection.class_frame(self.machine, owner)
        node, extras = _unwrapped(annotation)
        default = attributes.class_member(self.machine, cls, name)
        settings: dict[str, Value] = {}
        if inner is None:
            raise UnknownSchemaError
        for extra in extras:
            settings |= self._settings(self.machine.evaluate(extra, inner))
        if isinstance(default, ExternalObject) and default.cls in classes.FIELDS:
            settings |= self._settings(default)
        elif default is not None:
            settings["default"] = default
        needed = "default" not in settings and "default_factory" not in settings
        shown = known.text_of(settings.get("alias")) or name
        try:
            return shown, self._described(node, inner, settings, shown), needed
        except UnknownSchemaError:
            hole = self.machine.hole(
                self.node,
                self.frame,
                Lifetime.DEPLOY,
                identity=("schema", cls.address, name),
                expression=f"schema of {cls.name}.{name}",
                characters=(10, None),
            )
            return shown, hole, needed

    def _described(self, node: ast.expr, frame: Frame, settings: dict[str, Value], shown: str) -> Value:
        if not set(settings) <= UNDERSTOOD:
            raise UnknownSchemaError
        schema = self.type(node, frame)
        self._bounds(schema, settings)
        self._describe(schema, settings, shown)
        return self._sorted(schema)

    def _settings(self, value: Value) -> dict[str, Value]:
        """What `Field(...)` says."""
        if not (isinstance(value, ExternalObject) and value.cls in classes.FIELDS and value.arguments is not None):
            return {}
        given = {key: one for key, one in value.arguments.keywords if not known.is_none(one) or key == "default"}
        first = known.plain(value.arguments.positional[0]) if value.arguments.positional else None
        if first is not None and not (isinstance(first, Const) and first.value is ...):
            given["default"] = first
        if isinstance(given.get("default"), Const) and getattr(given["default"], "value", None) is ...:
            del given["default"]
        return given

    def _bounds(self, schema: Schema, settings: dict[str, Value]) -> None:
        kind = known.text_of(schema.get("type"))
        names = BOUNDS | LENGTHS.get(kind or "", {})
        for name in (*BOUNDS, "min_length", "max_length", "pattern"):
            if name in settings:
                if kind is None or name not in names:
                    raise UnknownSchemaError
                schema[names[name]] = settings[name]

    def _describe(self, schema: Schema, settings: dict[str, Value], shown: str) -> None:
        if "description" in settings:
            schema["description"] = settings["description"]
        if "examples" in settings:
            schema["examples"] = settings["examples"]
        if "default" in settings:
            default = settings["default"]
            if not isinstance(default, Text | Const | ListRef | DictRef | TupleValue):
                raise UnknownSchemaError
            schema["default"] = Text(default.pieces) if isinstance(default, Text) else default
        if "title" in settings or not self._referring(schema):
            schema["title"] = settings.get("title", Text.of(shown.replace("_", " ").title()))

    def _referring(self, schema: Schema) -> bool:
        """Whether the type is another model or enumeration, or that or nothing: then the title is its own."""
        if "$ref" in schema:
            return True
        union = schema.get("anyOf")
        sides = self.machine.items(union).items if isinstance(union, ListRef) else ()
        if len(sides) != 2:
            return False
        keys = [
            {known.text_of(entry.key) for entry in self.machine.entries(side).entries if isinstance(entry, Entry)}
            for side in sides
            if isinstance(side, DictRef)
        ]
        return {"$ref"} in keys and {"type"} in keys

    # Types

    def type(self, node: ast.expr, frame: Frame) -> Schema:
        match node:
            case ast.Constant(value=None):
                return {"type": Text.of("null")}
            case ast.Constant(value=str()) if (inner := introspection.spelled_out(node)) is not node:
                return self.type(inner, frame)
            case ast.BinOp(op=ast.BitOr()):
                return self._union(_alternatives(node), frame)
            case ast.Subscript(value=outer, slice=inner):
                return self._generic(self._named(outer, frame), inner, frame)
            case ast.Name() | ast.Attribute():
                value = self.machine.evaluate(node, frame)
                if isinstance(value, ClassValue):
                    return self._reference(value)
                return self._plain(self._named(node, frame))
            case _:
                raise UnknownSchemaError

    def _named(self, node: ast.expr, frame: Frame) -> str:
        value = self.machine.evaluate(node, frame)
        return value.name.rsplit(".", 1)[-1] if isinstance(value, External) else "?"

    def _plain(self, name: str) -> Schema:
        if name in PLAIN:
            return {key: Text.of(value) for key, value in PLAIN[name].items()}
        match name:
            case "Any":
                return {}
            case "list" | "List":
                return {"items": self._mapping({}), "type": Text.of("array")}
            case "dict" | "Dict":
                return {"additionalProperties": const(True), "type": Text.of("object")}
            case _:
                raise UnknownSchemaError

    def _generic(self, name: str, inner: ast.expr, frame: Frame) -> Schema:
        match name:
            case "Optional":
                return self._union([inner, ast.Constant(None)], frame)
            case "Union":
                return self._union(inner.elts if isinstance(inner, ast.Tuple) else [inner], frame)
            case "list" | "List" | "Sequence":
                return {"items": self._sorted(self.type(inner, frame)), "type": Text.of("array")}
            case "set" | "Set":
                return {"items": self._sorted(self.type(inner, frame)), "type": Text.of("array"), "uniqueItems": const(True)}
            case "dict" | "Dict" if isinstance(inner, ast.Tuple) and len(inner.elts) == 2:
                values = self.type(inner.elts[1], frame)
                return {"additionalProperties": self._sorted(values) if values else const(True), "type": Text.of("object")}
            case "Literal":
                return self._literal(inner)
            case _:
                raise UnknownSchemaError

    def _union(self, nodes: list[ast.expr], frame: Frame) -> Schema:
        each: list[Value] = [self._sorted(self.type(node, frame)) for node in nodes]
        return {"anyOf": self.machine.new_list(each)}

    def _literal(self, inner: ast.expr) -> Schema:
        nodes = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        raw = [node.value for node in nodes if isinstance(node, ast.Constant)]
        kinds = {type(one).__name__ for one in raw}
        if len(raw) != len(nodes) or len(kinds) != 1 or not kinds <= {"str", "int"}:
            raise UnknownSchemaError
        values: list[Value] = [Text.of(one) if isinstance(one, str) else const(one) for one in raw]
        kind = Text.of(PLAIN[kinds.pop()]["type"])
        return {"const": values[0], "type": kind} if len(values) == 1 else {"enum": self.machine.new_list(values), "type": kind}

    def _reference(self, cls: ClassValue) -> Schema:
        if cls.name not in self.definitions:
            self.definitions[cls.name] = None
            self.definitions[cls.name] = self._sorted(self._enum(cls) if enums.is_enum(self.machine, cls) else self._inner(cls))
        return {"$ref": Text.of(f"#/$defs/{cls.name}")}

    def _inner(self, cls: ClassValue) -> Schema:
        if "BaseModel" not in classes.base_names(self.machine, cls):
            raise UnknownSchemaError
        return self._model(cls)

    def _enum(self, cls: ClassValue) -> Schema:
        values = [enums.value_of(self.machine, member) for _, member in enums.members(self.machine, cls)]
        if not values or not all(isinstance(value, Text) for value in values):
            raise UnknownSchemaError
        schema: Schema = {"title": Text.of(cls.name), "type": Text.of("string"), "enum": self.machine.new_list(values)}
        if len(values) == 1:
            schema["const"] = values[0]
            del schema["enum"]
        text = ast.get_docstring(cls.node) if isinstance(cls.node, ast.ClassDef) else None
        if text:
            schema["description"] = Text.of(inspect.cleandoc(text))
        return schema


def _function_tool(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`openai.pydantic_function_tool(Model)`: the schema in the form that OpenAI calls strict, whose bytes are the SDK's."""
    cls = known.plain(arguments.positional[0]) if arguments.positional else arguments.keyword("model")
    if not isinstance(cls, ClassValue):
        return None
    described: list[tuple[str, Value]] = [
        ("name", arguments.keyword("name") or Text.of(cls.name)),
        ("strict", const(True)),
        ("parameters", unknown(machine, cls, node, frame)),
    ]
    text = arguments.keyword("description") or introspection.docstring(machine, cls.node, cls.module, clean=False)  # type: ignore[arg-type]
    if text is not None:
        described.append(("description", text))
    function = machine.new_dict([Entry(Text.of(name), value) for name, value in described])
    return machine.new_dict([Entry(Text.of("type"), Text.of("function")), Entry(Text.of("function"), function)])


OVERLAYS: dict[str, Callable[[Machine, Arguments, ast.AST, Frame], Value | None]] = {
    "openai.pydantic_function_tool": _function_tool,
}


def _unwrapped(node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """The type of `Annotated[type, ...]`, and what is said about it."""
    match node:
        case ast.Subscript(
            value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"), slice=ast.Tuple(elts=[inner, *extras])
        ):
            return inner, list(extras)
        case _:
            return node, []


def _alternatives(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_alternatives(left), *_alternatives(right)]
        case _:
            return [node]
