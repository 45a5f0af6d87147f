"""Several servers of one PostgreSQL database that start at the same moment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.db import connection

from tests.web.conftest import Manage
from tests.web.together import together

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NAME = "offtake_started_together"
PREPARE = "from offtake_web.jobs.management.commands.serve import prepare; prepare()"


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of a database in which there is nothing yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME}")
    told = connection.settings_dict
    where = {"host": told["HOST"], "port": told["PORT"]} | told["OPTIONS"]
    query = urlencode({name: each for name, each in where.items() if each})
    user, password = (quote(told[name], safe="") for name in ("USER", "PASSWORD"))
    yield f"postgresql://{user}{':' if password else ''}{password}@/{NAME}?{query}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def test_each_finds_the_database_prepared_once(empty: str, manage: Manage, tmp_path: Path) -> None:
    environ = {"OFFTAKE_WEB_MODE": "development", "OFFTAKE_WEB_DATABASE_URL": empty}
    found = together([partial(manage, environ, "shell", "-c", PREPARE) for _ in range(2)])
    ended = [each for each in found if isinstance(each, subprocess.CompletedProcess)]
    assert [each.returncode for each in ended] == [0, 0], [each.stderr[-500:] for each in ended]
