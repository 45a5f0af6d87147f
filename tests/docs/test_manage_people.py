"""The guide to people says what the code grants, and names every setting of signing in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offtake_web.accounts.access import GRANTS, PERMISSIONS, SCOPES, SIDES
from offtake_web.accounts.actions import LONGEST_TOKEN
from offtake_web.accounts.management.commands import administrator
from offtake_web.accounts.models import Role
from offtake_web.config import oidc, settings

GUIDE = Path(__file__).parents[2] / "docs/how-to/manage-people.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """Return the cells of the first table of a section."""
    section = TEXT.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_names_every_role() -> None:
    assert rows("Roles")[0][1:] == [str(role.label) for role in Role]


def test_the_table_names_every_permission() -> None:
    named = [re.findall(r"`(.+)`", row[0]) for row in rows("Roles")[2:-1]]
    assert named == [[permission] for permission in PERMISSIONS]


@pytest.mark.parametrize(("place", "role"), list(enumerate(Role, start=1)))
def test_the_table_says_what_a_role_may(place: int, role: Role) -> None:
    said = {row[0].split("`")[1] for row in rows("Roles")[2:-1] if row[place] == "yes"}
    assert said == GRANTS[role]
    assert rows("Roles")[-1][place] == SIDES.get(role, "")


def test_the_table_of_scopes_is_that_of_tokens() -> None:
    said = {
        row[0].strip("`"): re.findall(r"`([\w.]+)`", row[1])
        for row in rows("Tokens for programs")[2:]
    }
    expected = {
        name: [each for each in PERMISSIONS if each in permissions]
        for name, permissions in SCOPES.items()
    }
    assert {name: sorted(found) for name, found in said.items()} == {
        name: sorted(found) for name, found in expected.items()
    }
    assert LONGEST_TOKEN == 366


def test_every_setting_of_the_company_is_explained() -> None:
    title = "The company's own sign-in (OpenID Connect)"
    said = [row[0].strip("`") for row in rows(title)[2:]]
    assert said == [oidc.PREFIX + name for name in (*oidc.NEEDED, *oidc.OPTIONAL)]


def test_the_numbers_are_those_of_the_settings() -> None:
    assert settings.ACCOUNT_RATE_LIMITS["login_failed"] == "10/m/ip,5/5m/key"
    assert "After 5 wrong ones for a name" in TEXT
    assert "for 5 minutes; after 10 in a minute from one address" in TEXT
    assert "Passwords have 12 characters" in TEXT
    lengths = [each.get("OPTIONS") for each in settings.AUTH_PASSWORD_VALIDATORS]
    assert {"min_length": 12} in lengths


def test_the_command_is_there() -> None:
    assert "python -m offtake_web administrator dragan --email" in TEXT
    assert "administrator" in administrator.Command.help
