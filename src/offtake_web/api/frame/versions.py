"""ETags: what was read, and which version of it; what is changed names the version it changes."""

from __future__ import annotations

import hashlib
import re
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from offtake_web.api.frame.problems import Problem

Response = TypeVar("Response", bound=HttpResponseBase)
_VERSION = re.compile(r'"(\d{1,9})(?:-[0-9a-f]+)?"')


def versioned(request: HttpRequest, version: int) -> None:
    """Note which version of a thing the answer shows; its ETag begins with it."""
    request.shown_version = version  # type: ignore[attr-defined]  # read by :func:`mark`


def mark(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give an answer its ETag; answer 304 where the caller has it already."""
    digest = hashlib.sha256(response.content).hexdigest()[:20]
    version: int | None = getattr(request, "shown_version", None)
    response["ETag"] = f'"{digest}"' if version is None else f'"{version}-{digest}"'
    if request.method in ("GET", "HEAD") and _has(request, response["ETag"]):
        return _unchanged(response)
    return response


def _has(request: HttpRequest, etag: str) -> bool:
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in asked or etag in [each.removeprefix("W/") for each in asked]


def _unchanged(response: HttpResponse) -> HttpResponse:
    short = HttpResponse(status=304)
    for name in ("ETag", "Link"):
        if name in response:
            short[name] = response[name]
    del short["Content-Type"]
    return short


def need_version(request: HttpRequest) -> None:
    """Refuse a change that does not say what it changes."""
    if not request.headers.get("If-Match"):
        raise Problem("version-needed")


def version_read(request: HttpRequest) -> int:
    """Return the version that a change starts from.

    Raises
    ------
    Problem
        ``version-needed`` when If-Match does not name one version.
    """
    found = _VERSION.fullmatch(request.headers.get("If-Match", "").strip())
    if found is None:
        raise Problem("version-needed", _("If-Match has to be one ETag as it was read."))
    return int(found[1])


def keep_private(response: Response) -> Response:
    """Keep an answer out of everybody's cache but the caller's own, who has to ask again."""
    if "Cache-Control" not in response:
        has_etag = "ETag" in response
        response["Cache-Control"] = "private, no-cache" if has_etag else "private, no-store"
    patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
    return response
