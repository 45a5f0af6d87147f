"""What goes wrong, as problem documents (RFC 9457): a kind per cause, each with its advice."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as FormError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja.errors import HttpError, ValidationError

from offtake.errors import OfftakeError, UnknownNameError, UnreadableFileError
from offtake_web.api.frame.faults import faults_of
from offtake_web.common.queries import AGAIN_IN, AWAY
from offtake_web.common.refusals import by_field
from offtake_web.feeds.uploads import NoRoomError
from offtake_web.jobs.actions import JobStateError
from offtake_web.plans.writing import PlanRuleError

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
PLACE = "/api/v1/docs#"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its status, its title, and what to do about it."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "unreadable": Kind(400, _("The request cannot be read"), _(
            "The body is not what its type says: JSON has to be well formed, without NaN, zero "
            "characters and half characters.")),
        "not-signed-in": Kind(401, _("Not signed in"), _(
            "Send a token as “Authorization: Bearer …”. Tokens are made on the page of your "
            "account; they end on a day and can be revoked.")),
        "not-allowed": Kind(403, _("Not allowed"), _(
            "Your role, the scopes of your token or the part of the business that your account "
            "is for do not hold this.")),
        "forged": Kind(403, _("The request may be forged"), _(
            "Who is signed in with a browser has to send its token against forgery as "
            "X-CSRFToken; programs use a token of their own.")),
        "not-found": Kind(404, _("Not found"), _(
            "Nothing lives at this address, or it is not for you to see.")),
        "wrong-method": Kind(405, _("This cannot be done here"), _(
            "The header Allow says what can be done with this address.")),
        "conflict": Kind(409, _("Not possible as things stand"), _(
            "The thing is in a state in which this cannot be done; read it again to see why.")),
        "key-in-use": Kind(409, _("The first request is still being worked on"), _(
            "A request with the same Idempotency-Key has not been answered yet; ask again "
            "shortly.")),
        "stale": Kind(412, _("Somebody has changed this meanwhile"), _(
            "If-Match names a version that is no longer the current one. The answer holds the "
            "current one: bring your change and theirs together, and send it again with the new "
            "ETag.")),
        "too-large": Kind(413, _("Too large"), _(
            "The body is larger than this address takes.")),
        "wrong-type": Kind(415, _("This type is not taken here"), _(
            "Send JSON as application/json, and files as multipart/form-data; a file has to be "
            "of a type that can be read.")),
        "not-valid": Kind(422, _("Some of what was sent is not valid"), _(
            "`errors` names each field, what was got, and what is allowed.")),
        "key-used": Kind(422, _("This key was used for another request"), _(
            "An Idempotency-Key belongs to one request: same address, same body.")),
        "version-needed": Kind(428, _("Say which version you are changing"), _(
            "Send the ETag that you read as If-Match, so that nobody's change is lost.")),
        "too-many": Kind(429, _("Too many requests"), _(
            "Retry-After says after how many seconds to go on.")),
        "failure": Kind(500, _("Something went wrong on our side"), _(
            "The administrator finds the reason in the log of the workspace.")),
        "away": Kind(503, _("The database does not answer"), _(
            "Retry-After says after how many seconds it is worth another try. Whether a change "
            "was made is not known: send it with an Idempotency-Key, or read first.")),
        "no-room": Kind(507, _("No room is left"), _(
            "The disk of the server cannot take the file. An administrator can make room; then "
            "send it again.")),
        "damaged": Kind(503, _("What is asked for cannot be read"), _(
            "A file of the run is damaged or gone; an administrator can publish another run.")),
    }
)  # fmt: skip


class Problem(Exception):  # noqa: N818  # what it is called in the standard
    """Something that ends a request, with what the caller is told.

    Parameters
    ----------
    name
        One of :data:`KINDS`.
    detail
        What happened this time, translated.
    more
        Further members of the document.
    headers
        Of the answer.
    """

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name, detail)
        self.name, self.detail = name, detail
        self.more, self.headers = dict(more or {}), dict(headers or {})


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as a response."""
    kind = KINDS[problem.name]
    document = {
        "type": f"{PLACE}{problem.name}",
        "title": gettext(kind.title),
        "status": kind.status,
        "detail": problem.detail or gettext(kind.advice),
        "instance": request.path,
        **problem.more,
    }
    return HttpResponse(
        json.dumps(document, default=str, ensure_ascii=False),
        status=kind.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def answer_to(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Return what somebody is told of an error, whatever it is."""
    return answer(request, problem_of(error if isinstance(error, Exception) else error()))


def problem_of(error: Exception) -> Problem:
    """Return the problem that an error is."""
    if isinstance(error, Problem):
        return error
    for kinds, make in _MAKERS:
        if isinstance(error, kinds):
            return make(error)
    logger.error("an endpoint failed", exc_info=error)
    return Problem("failure")


Maker = Callable[[Any], Problem]


def _named(name: str) -> Maker:
    return lambda error: Problem(name, _plain(error))


def _silent(name: str) -> Maker:
    return lambda _error: Problem(name)


def _plain(error: Exception) -> str:
    return str(error) if error.args and isinstance(error.args[0], str) else ""


def _invalid(error: ValidationError) -> Problem:
    return Problem("not-valid", more={"errors": faults_of(error.errors)})


def _form_error(error: FormError) -> Problem:
    faults = [
        {"field": "" if field == "__all__" else field, "allowed": text}
        for field, texts in by_field(error).items()
        for text in texts
    ]
    return Problem("not-valid", more={"errors": faults})


def _rule(error: PlanRuleError) -> Problem:
    return Problem("conflict", " ".join(error.messages))


def _away(error: Exception) -> Problem:
    logger.error("the database does not answer", exc_info=error)
    return Problem("away", headers={"Retry-After": str(AGAIN_IN)})


def _from_ninja(error: HttpError) -> Problem:
    return Problem("unreadable" if error.status_code == 400 else "not-allowed")


_MAKERS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Maker], ...] = (
    (ValidationError, _invalid),
    (PlanRuleError, _rule),
    (FormError, _form_error),
    (AWAY, _away),
    (RequestDataTooBig, _silent("too-large")),
    (NoRoomError, _silent("no-room")),
    ((UnreadablePostError, MultiPartParserError, SuspiciousOperation), _silent("unreadable")),
    (PermissionDenied, _named("not-allowed")),
    (Http404, _silent("not-found")),
    (HttpError, _from_ninja),
    (JobStateError, _named("conflict")),
    (UnreadableFileError, _silent("damaged")),
    (UnknownNameError, _named("not-found")),
    (OfftakeError, _named("not-valid")),
)
