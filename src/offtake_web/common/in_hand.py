"""How many requests a process is answering now, for work that gives way to them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
_LOCK = threading.Lock()
_COUNT = [0]


def in_hand() -> int:
    return _COUNT[0]


class InHand:
    """Counts the requests that are being answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _add(1)
        try:
            return self.get_response(request)
        finally:
            _add(-1)


def _add(number: int) -> None:
    with _LOCK:
        _COUNT[0] += number
