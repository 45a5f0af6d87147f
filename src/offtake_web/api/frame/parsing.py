"""What is sent, read strictly: nothing that a database or a file could not hold gets any further."""

from __future__ import annotations

import json
from collections.abc import Callable
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
        return super().parse_querydict(data, list_fields, request)  # type: ignore[no-any-return]  # untyped there


def check_names(request: HttpRequest, function: Callable[..., Any]) -> None:
    """Refuse a query that says what the endpoint does not know, which would be passed over else."""
    operation: Operation = function._ninja_operation  # type: ignore[attr-defined]  # where it is kept
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", {})
    }
    unknown = sorted(request.GET.keys() - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or gettext("nothing")
        faults = [{"field": f"query.{name[:100]}", "allowed": allowed} for name in unknown]
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
