"""The cast of the workspace's tests: a folder of runs, and Ana, who is signed in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from offtake_web.accounts.models import User

PASSWORD = "seven-tall-shelves"


@pytest.fixture(autouse=True)
def runs(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder of runs."""
    settings.OFFTAKE_RUNS = tmp_path / "runs"
    settings.OFFTAKE_RUNS.mkdir()
    return settings.OFFTAKE_RUNS


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana", password=PASSWORD)


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
