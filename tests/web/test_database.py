from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, transaction

from offtake_web.accounts.models import User
from offtake_web.config.database import database
from tests.web.together import together


def test_a_relative_sqlite_file() -> None:
    assert database("sqlite:///web.sqlite3")["NAME"] == "web.sqlite3"


def test_an_absolute_sqlite_file() -> None:
    assert database("sqlite:////var/lib/my%20web.sqlite3")["NAME"] == "/var/lib/my web.sqlite3"


def test_a_postgresql_server() -> None:
    found = database("postgresql://ana:p%40ss@db.example.com:5433/offtake?sslmode=require")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert found["NAME"] == "offtake"
    assert (found["USER"], found["PASSWORD"]) == ("ana", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example.com", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://ana:secret@db/offtake", "'mysql', which is not supported"),
        ("offtake.sqlite3", "'', which is not supported"),
        ("sqlite:///", "must be sqlite:///relative/path"),
        ("sqlite://web.sqlite3", "must be sqlite:///relative/path"),
        ("postgresql://ana:secret@db", "names no database"),
        ("postgresql://ana:secret@db:port/offtake", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used(url: str, message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message) as refusal:
        database(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only")


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_is_a_file_where_readers_do_not_wait() -> None:
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert Path(connection.settings_dict["NAME"]).is_file()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 1,  # NORMAL
        "busy_timeout": 20_000,
        "foreign_keys": 1,
    }


@pytest.mark.django_db(transaction=True)
def test_writers_queue_instead_of_failing() -> None:
    """Eight threads read a number and write it back plus one; none is lost and none fails."""
    counter = User.objects.create(username="counter", last_name="0")

    def add_one() -> None:
        with transaction.atomic():
            row = User.objects.select_for_update().get(pk=counter.pk)
            time.sleep(0.02)  # long enough for another thread to read the same number
            row.last_name = str(int(row.last_name) + 1)
            row.save()

    found = together([add_one] * 8)
    counter.refresh_from_db()
    assert found == [None] * 8
    assert counter.last_name == "8"
