"""An example of what a schema describes, from the examples that its fields carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
_BY_FORMAT = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T08:30:00Z",
    "binary": "(a file)",
}
_BY_TYPE: dict[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "null": None,
    "object": {},
}


def example_of(schema: Json, schemas: Json) -> object:
    """Return an example of a schema; `schemas` are those that it may refer to."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("const", "default"):
        if name in schema and schema[name] is not None:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return example_of(schema[name][0], schemas)
    return _by_type(schema, schemas)


def _by_type(schema: Json, schemas: Json) -> object:
    kind = schema.get("type")
    if kind == "array":
        return [example_of(schema["items"], schemas)] if "items" in schema else []
    if "properties" in schema:
        return {name: example_of(each, schemas) for name, each in schema["properties"].items()}
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(str(kind)))
