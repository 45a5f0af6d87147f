from __future__ import annotations

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import RequestFactory

from offtake_web.config import asgi, wsgi


@pytest.mark.django_db(transaction=True)  # a server opens its own connection
def test_a_wsgi_server_gets_an_answer() -> None:
    statuses: list[str] = []
    request = RequestFactory().get("/healthz")
    answer = wsgi.application(request.environ, lambda status, headers: statuses.append(status))
    assert statuses == ["200 OK"]
    assert b"".join(answer) == b'{"status": "ok", "database": "ok"}'


def test_an_asgi_server_gets_an_answer() -> None:
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/", "headers": []}

    async def status() -> int:
        server = ApplicationCommunicator(asgi.application, scope)
        await server.send_input({"type": "http.request"})
        started = await server.receive_output(timeout=10)
        await server.wait()
        return int(started["status"])

    assert asyncio.run(status()) == 400  # a request that names no host is refused
