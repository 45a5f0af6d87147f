"""The cast of the workspace's tests: a market with a folder of runs, and one person per role."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market

PASSWORD = "seven-tall-shelves"


@pytest.fixture(autouse=True)
def runs(settings: Settings, tmp_path: Path) -> Path:
    """The empty folder of runs of the one market, ``main``."""
    folder = tmp_path / "runs"
    folder.mkdir()
    store = tmp_path / "offtake.duckdb"
    settings.OFFTAKE_MARKETS = (Market(key="main", title="Main", store=store, runs=folder),)
    settings.OFFTAKE_UPLOADS = tmp_path / "uploads"
    return folder


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Throttling starts from nothing."""
    cache.clear()


def person(name: str, role: Role, **more: object) -> User:
    return User.objects.create_user(name, password=PASSWORD, role=role, **more)  # type: ignore[arg-type]  # fields


@pytest.fixture
def ana(db: None) -> User:
    """Marketing, for everything."""
    return person("ana", Role.MARKETING)


@pytest.fixture
def milan(db: None) -> User:
    """Leads sales, for everything."""
    return person("milan", Role.SALES_LEAD)


@pytest.fixture
def jelena(db: None) -> User:
    """Key account manager of one retailer."""
    return person("jelena", Role.KEY_ACCOUNT_MANAGER, retailers=["Korner"])


@pytest.fixture
def petar(db: None) -> User:
    """Field representative of one territory."""
    return person("petar", Role.REP, territories=["North 1"])


@pytest.fixture
def vesna(db: None) -> User:
    """Analyst."""
    return person("vesna", Role.ANALYST)


@pytest.fixture
def olga(db: None) -> User:
    """Looks on."""
    return person("olga", Role.VIEWER)


@pytest.fixture
def dragan(db: None) -> User:
    """Administrator of the workspace; not one of Django's own site administrators."""
    return person("dragan", Role.ADMINISTRATOR)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> dict[str, User]:
    """Everybody, by role."""
    names = ("ana", "milan", "jelena", "petar", "vesna", "olga", "dragan")
    people: list[User] = [request.getfixturevalue(name) for name in names]
    return {user.role: user for user in people}


@pytest.fixture(scope="session")
def company_data(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """The market of a small simulated company; slow to make, so made once."""
    from tests.web import company

    return company.build(tmp_path_factory.mktemp("company"))


@pytest.fixture
def company(company_data: Market, settings: Settings) -> Market:
    """The one market is that of the small company."""
    settings.OFFTAKE_MARKETS = (company_data,)
    return company_data


Visit = Callable[[User | None], Client]


@pytest.fixture
def client_of() -> Visit:
    """Return a client in which somebody is signed in, or a stranger's."""

    def visit(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return visit


@pytest.fixture
def proven() -> Visit:
    """Return a client in which somebody has just proved who they are, with their password."""

    def visit(user: User | None) -> Client:
        client = Client()
        if user is not None:
            sent = {"login": user.get_username(), "password": PASSWORD}
            assert client.post("/accounts/login/", sent).status_code == 302
        return client

    return visit


@pytest.fixture
def signed_in(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    """A complete and secure environment of a production installation."""
    return {
        "OFFTAKE_WEB_MODE": "production",
        "OFFTAKE_WEB_SECRET_KEY": "kV7!pQ2#rT9$wX4%zB6&nM1*" * 3,
        "OFFTAKE_WEB_ALLOWED_HOSTS": "offtake.example.com",
        "OFFTAKE_WEB_DATABASE_URL": f"sqlite:///{tmp_path}/web.sqlite3",
        "OFFTAKE_WEB_STATIC_ROOT": str(tmp_path / "static"),
    }


Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def manage(tmp_path: Path) -> Manage:
    """Run ``python -m offtake_web`` in a fresh process and folder, with the given environment."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OFFTAKE_", "DJANGO_"))
    }

    def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "offtake_web", *arguments],
            env=inherited | environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
