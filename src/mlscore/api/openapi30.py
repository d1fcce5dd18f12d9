"""The description of the API in OpenAPI 3.0, for programs that read no 3.1: Salesforce External Services among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Schema = dict[str, Any]
VERSION = "3.0.3"
_OR_NULL = "OrNull"
_REFERENCE = "#/components/schemas/"
_UNKNOWN_TO_IT = ("$defs", "contentEncoding", "contentMediaType", "patternProperties", "propertyNames")
_BESIDE_A_REFERENCE = {"$ref"}


def in_openapi_30(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document in the words of 3.0, which allow and forbid the same.

    3.0 has no type of null, no constants, no tuples, and heeds nothing beside a reference. What may be null as a whole
    gets a schema of its own beside that which may not: `ModelOutOrNull`.
    """
    components = document.get("components", {})
    writer = _Writer(components.get("schemas", {}))
    written = {name: _written_in(name, part, writer.schema) for name, part in document.items()}
    schemas = {name: writer.schema(schema) for name, schema in writer.schemas.items()}
    info = {name: said for name, said in document["info"].items() if name != "summary"}
    with_null = {name + _OR_NULL: _or_null(schemas[name]) for name in sorted(writer.asked_with_null)}
    return {
        **written,
        "openapi": VERSION,
        "info": info,
        "components": {**components, "schemas": {**schemas, **with_null}},
    }


def _each_schema(part: object, write: Callable[[Schema], Schema]) -> object:
    """Return part of a document with each of its schemas written anew; components are their own affair."""
    if isinstance(part, list):
        return [_each_schema(one, write) for one in part]
    if not isinstance(part, dict):
        return part
    return {name: _written_in(name, inner, write) for name, inner in part.items()}


def _written_in(name: str, part: object, write: Callable[[Schema], Schema]) -> object:
    if name in {"components", "example", "examples"}:
        return part
    return write(part) if name == "schema" and isinstance(part, dict) else _each_schema(part, write)


class _Writer:
    """Writes schemas, and remembers which of the named ones are asked for with null."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.schemas = schemas
        self.asked_with_null: set[str] = set()

    def schema(self, schema: Schema) -> Schema:
        """Return a schema in the words of 3.0."""
        written = {name: said for name, said in schema.items() if name not in _UNKNOWN_TO_IT}
        if "properties" in written:
            written["properties"] = {name: self.schema(one) for name, one in written["properties"].items()}
        for name in ("items", "additionalProperties"):
            if isinstance(written.get(name), dict):
                written[name] = self.schema(written[name])
        if "allOf" in written:
            written["allOf"] = [self.schema(one) for one in written["allOf"]]
        self._rewrite(written)
        if "$ref" in written and written.keys() - _BESIDE_A_REFERENCE:
            written["allOf"] = [{"$ref": written.pop("$ref")}]
        return written

    def _rewrite(self, written: Schema) -> None:
        if "const" in written:
            written["enum"] = [written.pop("const")]
        if "examples" in written:
            first, *_ = written.pop("examples")
            written["example"] = first
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if exclusive in written:
                written[bound], written[exclusive] = written[exclusive], True
        if "prefixItems" in written:
            written["items"] = self._any_of(written.pop("prefixItems"))
        if isinstance(written.get("type"), list):
            written["anyOf"] = [{"type": one} for one in written.pop("type")]
        for name in ("anyOf", "oneOf"):
            if name in written:
                written |= self._any_of(written.pop(name), name)

    def _any_of(self, options: Iterable[Schema], name: str = "anyOf") -> Schema:
        asked = list(options)
        left = _without_repeats(self.schema(one) for one in asked if one.get("type") != "null")
        if len(left) < len(asked) and {"type": "null"} in asked:
            left = [self._with_null(one) for one in left]
        return left[0] if len(left) == 1 else {name: left}

    def _with_null(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return _or_null(schema)
        named = schema["$ref"].removeprefix(_REFERENCE)
        self.asked_with_null.add(named)
        return {"$ref": _REFERENCE + named + _OR_NULL}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "nullable": True, **({"enum": [*schema["enum"], None]} if "enum" in schema else {})}


def _without_repeats(options: Iterable[Schema]) -> list[Schema]:
    """Return the options without those that others allow already: every whole number is a number."""
    left: list[Schema] = []
    for one in options:
        if one not in left:
            left.append(one)
    is_number = any(one == {"type": "number"} for one in left)
    return [one for one in left if not (is_number and one == {"type": "integer"})]
