"""How an endpoint is made: it states its permission, and one way leads to it and back.

The way in: who asks, how often, may they, how much and of which type do they send, which version
do they change. The way back: problems as documents, ETags, and nothing kept by anybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypedDict, TypeVar, Unpack, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.decorators import decorate_view

from offtake_web.accounts.access import Permission, demand, signed_in
from offtake_web.api.frame import repeats, versions
from offtake_web.api.frame.parsing import check_names
from offtake_web.api.frame.problems import Problem, answer_to
from offtake_web.api.frame.rate import count
from offtake_web.api.frame.signin import demand_proof, sign_in
from offtake_web.feeds import uploads

BODY_BYTES = 2**20
JSON, FORM = "application/json", "multipart/form-data"
Function = TypeVar("Function", bound=Callable[..., Any])
Run = Callable[..., HttpResponseBase]


class Terms(TypedDict, total=False):
    """What is said of an endpoint beside its address.

    Parameters
    ----------
    gives
        The schema of its answer; nothing where the answer has no body.
    status
        Of the answer where all is well; 200 unless said.
    problems
        The kinds of problem it may answer with, beside those of every endpoint.
    changes
        Whether it changes one version of a thing: If-Match is then needed.
    takes
        The type of what is sent, where it is not JSON.
    files
        The types of the file that it answers with, where it does not answer with JSON.
    secret
        Whether its answer must not be kept, not even to be repeated.
    any_token
        Whether every token of somebody who may is good for it, whatever its scopes.
    sensitive
        Whether a browser has to prove again who sits before it, as on the pages.
    """

    gives: Any
    status: int
    problems: tuple[str, ...]
    changes: bool
    takes: str
    files: tuple[str, ...]
    secret: bool
    any_token: bool
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One thing that can be done through the API."""

    name: str
    method: str
    path: str
    permission: Permission
    terms: Terms


class Group:
    """Endpoints about one subject."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.router = Router(tags=[tag])
        self.endpoints: list[Endpoint] = []

    def get(
        self, path: str, needs: Permission, **terms: Unpack[Terms]
    ) -> Callable[[Function], Function]:
        return self._add("GET", path, needs, terms)

    def post(
        self, path: str, needs: Permission, **terms: Unpack[Terms]
    ) -> Callable[[Function], Function]:
        return self._add("POST", path, needs, terms)

    def patch(
        self, path: str, needs: Permission, **terms: Unpack[Terms]
    ) -> Callable[[Function], Function]:
        return self._add("PATCH", path, needs, terms)

    def put(
        self, path: str, needs: Permission, **terms: Unpack[Terms]
    ) -> Callable[[Function], Function]:
        return self._add("PUT", path, needs, terms)

    def delete(
        self, path: str, needs: Permission, **terms: Unpack[Terms]
    ) -> Callable[[Function], Function]:
        return self._add("DELETE", path, needs, terms)

    def _add(
        self, method: str, path: str, needs: Permission, terms: Terms
    ) -> Callable[[Function], Function]:
        def decorate(function: Function) -> Function:
            name = function.__name__
            made = Endpoint(name=name, method=method, path=path, permission=needs, terms=terms)
            self.endpoints.append(made)
            register = self.router.api_operation(
                [method],
                path,
                response={terms.get("status", 200): terms.get("gives")},
                operation_id=name,
                summary=_first_line(function),
                description=_rest(function),
            )
            return register(decorate_view(_way(made, function))(function))

        return decorate


def _first_line(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0].removesuffix(".")


def _rest(function: Callable[..., Any]) -> str:
    lines = (function.__doc__ or "").strip().splitlines()[1:]
    return "\n".join(line.strip() for line in lines).strip()


def _way(endpoint: Endpoint, function: Callable[..., Any]) -> Callable[[Run], Run]:
    """Return what leads to an endpoint and back."""

    def decorate(run: Run) -> Run:
        @wraps(run)
        def guarded(request: HttpRequest, **values: Any) -> HttpResponseBase:
            try:
                _let_in(request, endpoint)
                check_names(request, function)
                return _run(request, endpoint, lambda: run(request, **values))
            except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets a document
                return answer_to(request, error)
            finally:
                _discard_files(request)

        return guarded

    return decorate


def _let_in(request: HttpRequest, endpoint: Endpoint) -> None:
    if endpoint.terms.get("takes") == FORM:
        _expect_files(request)
    count(sign_in(request))
    if not endpoint.terms.get("any_token"):
        demand(signed_in(request), endpoint.permission)
    if endpoint.terms.get("sensitive"):
        demand_proof(request)
    if endpoint.method in ("POST", "PUT", "PATCH"):
        _check_body(request, endpoint.terms.get("takes", JSON))
    if endpoint.terms.get("changes"):
        versions.need_version(request)


def _expect_files(request: HttpRequest) -> None:
    """Say where files go before anything is read: the check against forgery reads the body."""
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    if sent > settings.OFFTAKE_UPLOAD_BYTES + BODY_BYTES:
        raise Problem("too-large")
    request.upload_handlers = [uploads.StreamedUpload(request)]


def _discard_files(request: HttpRequest) -> None:
    """Remove the files that nobody kept."""
    for each in getattr(request, "_files", {}).values():
        uploads.discard(each)
    uploads.drop_parts(request)


def _check_body(request: HttpRequest, takes: str) -> None:
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    if takes == JSON and sent > BODY_BYTES:
        raise Problem("too-large")
    if (sent or takes == FORM) and request.content_type != takes:
        raise Problem("wrong-type")


def _run(
    request: HttpRequest, endpoint: Endpoint, work: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    if endpoint.method == "POST" and repeatable(endpoint.terms):
        return repeats.once(request, lambda: _finished(request, work()))
    return _finished(request, work())


def repeatable(terms: Terms) -> bool:
    """Say whether the answers to a POST are kept: neither secrets nor files are."""
    return not terms.get("secret") and terms.get("takes", JSON) == JSON


def _finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """Mark what was answered, unless it comes in parts or holds a secret."""
    whole = cast("HttpResponse", response)
    if response.streaming or response.status_code not in (200, 201) or "ETag" in response:
        return whole
    return versions.mark(request, whole) if not response.headers.get("Cache-Control") else whole
