"""The API as a whole: all groups of endpoints, and the addresses they answer at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import ValidationError, ValidationErrorContext

from offtake_web.api.endpoints import (
    about,
    calendars,
    guardrails,
    jobs,
    loads,
    markets,
    people,
    plan_moves,
    plan_talk,
    plans,
    runs,
    tables,
    tokens,
    views,
    workbooks,
)
from offtake_web.api.frame import openapi
from offtake_web.api.frame.group import Endpoint
from offtake_web.api.frame.parsing import StrictParser
from offtake_web.api.frame.problems import Problem, answer, answer_to
from offtake_web.api.frame.signin import sign_in
from offtake_web.api.frame.versions import keep_private

VERSION = "1"
PREFIX = "/api/v1/"
ABOUT = (
    "Everything that the pages of the workspace can do: read published figures, plan together, "
    "load data and start work. Sign in with a token (`Authorization: Bearer ...`) from the page "
    "of your account. Lists come in pages (`page`, `size`; header `Link`). Answers carry an "
    "`ETag`: send it as `If-None-Match` to be told that nothing changed, and as `If-Match` when "
    "you change something. A POST with an `Idempotency-Key` can be repeated safely. Errors are "
    "problem documents (RFC 9457) in the language that `Accept-Language` asks for."
)
GROUPS = (
    about.group, markets.group, runs.group, tables.group, jobs.group, loads.group,
    workbooks.group, plans.group, plan_moves.group, plan_talk.group, guardrails.group,
    calendars.group, views.group, tokens.group, people.group,
)  # fmt: skip
View = Callable[..., HttpResponseBase]


class Service(NinjaAPI):
    def set_default_exception_handlers(self) -> None:
        """Answer every error in one way."""
        self.add_exception_handler(Exception, answer_to)

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Keep what was got, which ninja leaves out."""
        return ValidationError(
            [
                {**error, "loc": (context.model.__ninja_param_source__, *_place(context, error))}
                for context in error_contexts
                for error in context.pydantic_validation_error.errors(include_url=False)
            ]
        )


def _place(context: ValidationErrorContext[Any], error: Mapping[str, Any]) -> tuple[Any, ...]:
    place: tuple[Any, ...] = error["loc"]
    return context.model.__ninja_flatten_map_reverse__.get(place, place)  # type: ignore[no-any-return]  # untyped there


def endpoints() -> Iterator[Endpoint]:
    """Return everything that can be done through the API."""
    for group in GROUPS:
        yield from group.endpoints


@cache
def service() -> NinjaAPI:
    made = Service(
        title="Offtake",
        version=VERSION,
        description=ABOUT,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
        parser=StrictParser(),
    )
    for group in GROUPS:
        made.add_router("", group.router)
    return made


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description; it is the same for everybody."""
    schema = service().get_openapi_schema(path_prefix=PREFIX)
    return openapi.complete(dict(schema), endpoints())


def addresses() -> list[URLPattern]:
    """Return the addresses of all endpoints, and one for what is none."""
    found = [
        path(
            _route(pattern), _whole(pattern.callback, list(_at(_route(pattern)))), name=pattern.name
        )
        for pattern in service().urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    return [*found, re_path("", _whole(_nothing, []), name="api-nothing")]


def _route(pattern: URLPattern) -> str:
    return str(pattern.pattern)


def _at(route: str) -> Iterator[Endpoint]:
    for endpoint in endpoints():
        if endpoint.path.replace("{", "<").replace("}", ">").strip("/") == route.strip("/"):
            yield endpoint


def _nothing(request: HttpRequest, **_values: object) -> HttpResponse:
    try:
        sign_in(request)
    except Problem as problem:
        return answer(request, problem)
    return answer(request, Problem("not-found"))


def _whole(view: View, here: list[Endpoint]) -> View:
    """Answer HEAD and OPTIONS too, and what cannot be done with a document."""

    @wraps(view)
    def whole(request: HttpRequest, **values: object) -> HttpResponseBase:
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        response = keep_private(_answered(view, request, here, **values))
        return _without_body(response) if head else response

    whole.csrf_exempt = True  # type: ignore[attr-defined]  # sign_in checks it where it matters
    whole.permission = here[0].permission if here else "account.own"  # type: ignore[attr-defined]  # read by a test
    whole.permissions = {each.method: each.permission for each in here}  # type: ignore[attr-defined]  # as above
    return login_not_required(whole)


def _answered(
    view: View, request: HttpRequest, here: list[Endpoint], **values: object
) -> HttpResponseBase:
    allowed = {"Allow": ", ".join(_allowed(here))}
    if request.method == "OPTIONS" and here:
        return HttpResponse(status=204, headers=allowed)
    response = view(request, **values)
    if isinstance(response, HttpResponseNotAllowed):
        return answer(request, Problem("wrong-method", headers=allowed))
    return response


def _allowed(here: list[Endpoint]) -> list[str]:
    methods = {endpoint.method for endpoint in here}
    return sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse):
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response
