"""What is sent, read strictly: what a database or a file could not hold gets no further."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from ninja.operation import Operation
from ninja.parser import Parser

from offtake_web.api.frame.problems import Problem

DEEPEST = 20


class StrictParser(Parser):
    """Reads JSON bodies and query strings."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            body = json.loads(request.body, parse_constant=_no_number)
        except RecursionError:
            raise ValueError from None
        _check(body, DEEPEST)
        return body  # type: ignore[no-any-return]  # what it is, the schema checks

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for name, values in data.lists():
            if any(isinstance(value, str) and "\0" in value for value in (name, *values)):
                raise Problem("unreadable")
        return super().parse_querydict(data, list_fields, request)


def check_names(request: HttpRequest, function: Callable[..., Any]) -> None:
    """Refuse a query or form that says what the endpoint does not know; it would be passed over."""
    _check_known("query", request.GET, _known(function, "query"))
    if request.content_type == "multipart/form-data":
        known = _known(function, "form") | _known(function, "file")
        _check_known("form", {**request.POST, **request.FILES}, known)


def _known(function: Callable[..., Any], source: str) -> set[str]:
    operation: Operation = function._ninja_operation  # type: ignore[attr-defined]  # where it is kept
    models = [each for each in operation.models if each.__ninja_param_source__ == source]
    return {
        name
        for model in models
        for name in (getattr(model, "__ninja_flatten_map__", None) or model.model_fields)
    }


def _check_known(source: str, got: Mapping[str, object], known: set[str]) -> None:
    unknown = sorted(got.keys() - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or gettext("nothing")
        faults = [{"field": f"{source}.{name[:100]}", "allowed": allowed} for name in unknown]
        raise Problem("not-valid", more={"errors": faults})


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _check(value: object, deeper: int) -> None:
    if deeper == 0:
        raise ValueError
    if isinstance(value, str):
        value.encode()  # half characters cannot be written
        if "\0" in value:
            raise ValueError
    elif isinstance(value, dict):
        for name, each in value.items():
            _check(name, deeper)
            _check(each, deeper - 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, deeper - 1)
