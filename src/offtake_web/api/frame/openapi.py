"""What the description of the API says beyond what its schemas do: who may, what can go wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from offtake_web.accounts.access import GRANTS
from offtake_web.api.frame.examples import example_of
from offtake_web.api.frame.group import FORM, JSON, Endpoint, repeatable
from offtake_web.api.frame.problems import KINDS, MEDIA_TYPE
from offtake_web.api.frame.repeats import HEADER, LONGEST_KEY

Json = dict[str, Any]
EVERYWHERE = ("unreadable", "not-signed-in", "not-allowed", "too-many")
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
CHANGES_OF = ("PlanChange", "PersonChange")
_CHANGES = ("version-needed", "stale")
_BODY = ("too-large", "wrong-type")
_ETAG = {
    "description": "Send it as If-None-Match to be told that nothing changed.",
    "schema": {"type": "string"},
}
_LINK = {
    "description": "Where the first, previous, next and last page are (RFC 8288).",
    "schema": {"type": "string"},
}
PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Which kind; stable, and a page to read."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened this time."},
        "instance": {"type": "string", "description": "What was asked for."},
        "errors": {
            "type": "array",
            "description": "Where something sent is not valid: each field.",
            "items": {
                "type": "object",
                "required": ["field", "allowed"],
                "properties": {
                    "field": {"type": "string"},
                    "got": {"description": "What was sent; absent where nothing was."},
                    "allowed": {"type": "string"},
                },
            },
        },
        "current": {"description": "Where a version is stale: what the thing is now."},
    },
    "examples": [
        {
            "type": "/api/v1/docs#not-valid",
            "title": KINDS["not-valid"].title,
            "status": 422,
            "detail": KINDS["not-valid"].advice,
            "instance": "/api/v1/markets",
            "errors": [{"field": "query.size", "got": "0", "allowed": "1 or more"}],
        }
    ],
}
SECURITY: Json = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from the page of your account.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "A browser that is signed in; changes need X-CSRFToken as well.",
    },
}


def complete(schema: Json, endpoints: Iterable[Endpoint]) -> Json:
    """Add to a description what ninja does not know."""
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    shared: Json = {"schemas": {**schema["components"]["schemas"], "Problem": PROBLEM}}
    for name in CHANGES_OF:
        for field in shared["schemas"][name]["properties"].values():
            field.pop("default", None)  # what is left out stays as it is
    shared |= {"responses": {}, "securitySchemes": SECURITY}
    for path in schema["paths"].values():
        for operation in path.values():
            _complete_operation(operation, by_name[operation["operationId"]], shared)
    schema["paths"] = dict(sorted(schema["paths"].items()))
    used = _used(schema["paths"], shared["schemas"]) | {"Problem"}
    shared["schemas"] = {name: shared["schemas"][name] for name in sorted(used)}
    shared["responses"] = dict(sorted(shared["responses"].items()))
    schema["components"] = shared
    return schema


def _used(value: object, schemas: Json) -> set[str]:
    """Return the schemas that something refers to, and those that these refer to."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        text = json.dumps(waiting.pop(), default=str)
        new = set(_REFERENCE.findall(text)) - found
        found |= new
        waiting.extend(schemas[name] for name in new)
    return found


def _complete_operation(operation: Json, endpoint: Endpoint, shared: Json) -> None:
    operation["x-permission"] = endpoint.permission
    operation["security"] = [{"token": []}, {"session": []}]
    operation["description"] = "\n\n".join(
        text for text in (operation.get("description", ""), _who(endpoint)) if text
    )
    operation["parameters"] = [*operation["parameters"], *_headers(endpoint)]
    good = operation["responses"][endpoint.terms.get("status", 200)]
    if files := endpoint.terms.get("files"):
        good["content"] = {kind: {"schema": _file_schema(kind)} for kind in files}
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == FORM:
            content["schema"]["additionalProperties"] = False
    _add_examples(operation, good, shared["schemas"])
    _add_headers(good, endpoint)
    if endpoint.method == "GET":
        operation["responses"][304] = {"description": "Not changed since If-None-Match"}
    operation["responses"] |= _problems(endpoint, shared["responses"])


def _who(endpoint: Endpoint) -> str:
    roles = [str(role) for role, granted in GRANTS.items() if endpoint.permission in granted]
    return f"Needs `{endpoint.permission}`: {', '.join(sorted(roles))}."


def _file_schema(kind: str) -> Json:
    if kind == JSON:
        return {"type": "object"}
    return (
        {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}
    )


def _add_examples(operation: Json, good: Json, schemas: Json) -> None:
    bodies = [good, *([operation["requestBody"]] if "requestBody" in operation else [])]
    for body in bodies:
        for kind, content in body.get("content", {}).items():
            if kind == JSON:
                content.setdefault("example", example_of(content["schema"], schemas))


def _add_headers(good: Json, endpoint: Endpoint) -> None:
    headers: Json = {}
    if endpoint.method == "GET" and not endpoint.terms.get("files"):
        headers["ETag"] = _ETAG
    if "Page" in getattr(endpoint.terms.get("gives"), "__name__", ""):
        headers["Link"] = _LINK
    if headers:
        good["headers"] = headers


def _headers(endpoint: Endpoint) -> Iterator[Json]:
    if endpoint.terms.get("changes"):
        text = "The ETag as it was read: which version is changed."
        yield {**_header("If-Match", text, '"3"'), "required": True}
    if endpoint.method == "GET":
        yield _header("If-None-Match", "The ETag of what you have already.", '"3-0123456789"')
    if endpoint.method == "POST" and repeatable(endpoint.terms):
        text = "The same key and the same request give the same answer, for a day."
        yield _header(HEADER, text, "order-2026-11-27-0042", minLength=1, maxLength=LONGEST_KEY)


def _header(name: str, text: str, example: str, **more: int) -> Json:
    schema = {"type": "string", "examples": [example], **more}
    return {"in": "header", "name": name, "required": False, "description": text, "schema": schema}


def _problems(endpoint: Endpoint, shared: Json) -> dict[int, Json]:
    """Return what goes wrong by status; each set of causes is described once."""
    by_status: dict[int, list[str]] = {}
    for name in dict.fromkeys(_names(endpoint)):
        by_status.setdefault(KINDS[name].status, []).append(name)
    found = {}
    for status, names in sorted(by_status.items()):
        key = "_or_".join(names)
        shared[key] = {
            "description": "; ".join(KINDS[name].title for name in names),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        found[status] = {"$ref": f"#/components/responses/{key}"}
    return found


def _names(endpoint: Endpoint) -> Iterator[str]:
    yield from EVERYWHERE
    yield "not-valid"
    if endpoint.method != "GET":
        yield "forged"
    if "{" in endpoint.path:
        yield "not-found"
    if endpoint.method in ("POST", "PUT", "PATCH"):
        yield from _BODY
    if endpoint.terms.get("takes") == FORM:
        yield "no-room"
    if endpoint.method == "POST" and repeatable(endpoint.terms):
        yield from ("key-in-use", "key-used")
    if endpoint.terms.get("changes"):
        yield from _CHANGES
    yield from endpoint.terms.get("problems", ())
