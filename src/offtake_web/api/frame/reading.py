"""The description of the API as a page shows it: chapters, endpoints, fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is sent or answered."""

    name: str
    kind: str
    needed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One endpoint."""

    name: str
    method: str
    path: str
    summary: str
    paragraphs: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    sent: str
    answered: str
    statuses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The endpoints about one subject."""

    title: str
    entries: tuple[Entry, ...]


def chapters(description: Json) -> list[Chapter]:
    """Return the endpoints by subject, in the order in which the subjects come."""
    by_tag: dict[str, list[Entry]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            entry = _entry(method, path, operation, description["components"])
            by_tag.setdefault(operation["tags"][0], []).append(entry)
    return [Chapter(tag, tuple(by_tag[tag])) for tag in sorted(by_tag)]


def _entry(method: str, path: str, operation: Json, shared: Json) -> Entry:
    good = next(each for status, each in operation["responses"].items() if int(status) < 300)
    return Entry(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        paragraphs=tuple(operation["description"].split("\n\n")),
        parameters=tuple(_parameter(each) for each in operation["parameters"]),
        body=tuple(_body(operation, shared["schemas"])),
        sent=_example(operation.get("requestBody", {})),
        answered=_example(good),
        statuses=tuple(
            (str(status), _followed(each, shared["responses"])["description"])
            for status, each in operation["responses"].items()
        ),
    )


def _parameter(parameter: Json) -> Field:
    text = parameter.get("description", "")
    return Field(parameter["name"], _kind(parameter["schema"]), parameter["required"], text)


def _body(operation: Json, schemas: Json) -> Iterator[Field]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = _followed(content["schema"], schemas)
        needed = schema.get("required", ())
        for name, each in schema.get("properties", {}).items():
            yield Field(name, _kind(each), name in needed, each.get("description", ""))


def _followed(schema: Json, schemas: Json) -> Json:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def _kind(schema: Json) -> str:
    """Say in a few words what a value is."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    parts = schema.get("anyOf", ())
    if parts:
        return " | ".join(_kind(each) for each in parts)
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "")


def _example(body: Json) -> str:
    for content in body.get("content", {}).values():
        if "example" in content:
            return json.dumps(content["example"], indent=2, ensure_ascii=False)
    return ""
