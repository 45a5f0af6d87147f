"""A page with words, where Django would answer a person with a bare refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

REASONS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        HTTPStatus.METHOD_NOT_ALLOWED: (
            _("This cannot be done here"),
            _("The address is right, but it does not take this kind of request."),
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            _("Too large"),
            _("What was sent is larger than the workspace takes."),
        ),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
            _("Not a kind of file that can be read"),
            _("Choose a file of one of the kinds that the page names."),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (
            _("Too many tries"),
            _("Wait a few minutes, then try again."),
        ),
    }
)


class ErrorPages:
    """Puts our page where an answer for a person says no and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code not in REASONS or not _is_bare(request, response):
            return response
        title, reason = REASONS[response.status_code]
        words = {"title": gettext(title), "reason": gettext(reason)}
        page = render(request, "common/error.html", words, status=response.status_code)
        if response.has_header("Allow"):
            page["Allow"] = response["Allow"]
        return page


def _is_bare(request: HttpRequest, response: HttpResponse) -> bool:
    return not response.streaming and not response.content and request.accepts("text/html")
