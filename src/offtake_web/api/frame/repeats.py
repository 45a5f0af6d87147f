"""Requests that are sent again: the same key and the same request give the same answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from offtake_web.accounts.access import signed_in
from offtake_web.api.actions import give_back_key, keep_answer, take_key
from offtake_web.api.frame.problems import Problem
from offtake_web.api.models import Answer

HEADER = "Idempotency-Key"
LONGEST_KEY = 100
_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")


def once(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do what is asked, unless it was done under the same key."""
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if not _KEY.fullmatch(key):
        allowed = _("1 to 100 visible ASCII characters")
        fault = {"field": f"header.{HEADER}", "got": key[:100], "allowed": allowed}
        raise Problem("not-valid", more={"errors": [fault]})
    answer, ours = take_key(key, _fingerprint(request), by=signed_in(request))
    return _work(answer, work) if ours else _again(request, answer)


def _fingerprint(request: HttpRequest) -> str:
    match = request.headers.get("If-Match", "")
    start = f"{request.method} {request.get_full_path()}\n{match}\n".encode()
    return hashlib.sha256(start + request.body).hexdigest()


def _work(answer: Answer, work: Callable[[], HttpResponse]) -> HttpResponse:
    done = False
    try:
        response = work()
        done = response.status_code < 400
    finally:
        if not done:
            give_back_key(answer)
    if done:
        headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
        keep_answer(answer, status=response.status_code, headers=headers, body=response.content)
    return response


def _again(request: HttpRequest, answer: Answer) -> HttpResponse:
    if answer.fingerprint != _fingerprint(request):
        raise Problem("key-used")
    if answer.status is None:
        raise Problem("key-in-use", headers={"Retry-After": "1"})
    response = HttpResponse(bytes(answer.body), status=answer.status, headers=answer.headers)
    response["Idempotent-Replayed"] = "true"
    return response
