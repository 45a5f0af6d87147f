"""Tests cannot reach the network; where a local server is needed, loopback alone is open."""

from __future__ import annotations

import socket
import urllib.request

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

# An address kept for documentation: nobody answers there.
NOWHERE = "192.0.2.1"


def test_a_socket_cannot_be_made() -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_a_name_cannot_be_looked_up() -> None:
    with pytest.raises(SocketBlockedError):
        socket.getaddrinfo("example.com", 80)


def test_a_page_cannot_be_fetched() -> None:
    with pytest.raises(SocketBlockedError):
        urllib.request.urlopen(f"http://{NOWHERE}/")


@pytest.mark.allow_hosts(["127.0.0.1", "::1"])
def test_loopback_is_open_where_a_test_asks() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()


@pytest.mark.allow_hosts(["127.0.0.1", "::1"])
def test_open_loopback_opens_nothing_else() -> None:
    with socket.socket() as client, pytest.raises(SocketConnectBlockedError):
        client.connect((NOWHERE, 80))
