"""Tokens: shown once, kept as a fingerprint, never more than their owner may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.access import PERMISSIONS, SCOPES, permissions_of, scopes_of
from offtake_web.accounts.actions import make_token, revoke_token
from offtake_web.accounts.models import Role, Token, User
from offtake_web.accounts.queries import token_owner


def test_every_permission_is_in_one_scope() -> None:
    everything = [name for permissions in SCOPES.values() for name in permissions]
    assert sorted(everything) == sorted(PERMISSIONS)


def test_a_token_speaks_for_its_owner_within_its_scopes(ana: User) -> None:
    token, raw = make_token("till", ["read"], by=ana)
    assert token_owner(raw) == (ana, SCOPES["read"])
    assert raw.startswith(f"offtake_{token.prefix}_")


def test_a_token_has_no_permission_that_its_owner_lacks(olga: User) -> None:
    _, raw = make_token("till", ["read", "account"], by=olga)
    found = token_owner(raw)
    assert found is not None
    assert found[1] == permissions_of(olga)
    assert "feeds.view" not in found[1]


def test_the_text_is_not_kept(ana: User) -> None:
    token, raw = make_token("till", ["read"], by=ana)
    kept = " ".join(str(value) for value in Token.objects.values().get(pk=token.pk).values())
    assert raw.rpartition("_")[2] not in kept


@pytest.mark.parametrize(
    "raw", ["", "offtake", "offtake_", "offtake__x", "offtake_abc_d", "Bearer x"]
)
@pytest.mark.django_db
def test_nonsense_is_worth_nothing(raw: str) -> None:
    assert token_owner(raw) is None


def test_the_start_of_a_token_is_worth_nothing(ana: User) -> None:
    token, raw = make_token("till", ["read"], by=ana)
    assert token_owner(raw[:-1]) is None
    assert token_owner(f"offtake_{token.prefix}_") is None
    assert token_owner(raw + "x") is None


def test_a_revoked_token_is_worth_nothing(ana: User) -> None:
    token, raw = make_token("till", ["read"], by=ana)
    revoke_token(token, by=ana)
    assert token_owner(raw) is None


def test_a_token_of_the_past_is_worth_nothing(ana: User) -> None:
    token, raw = make_token("till", ["read"], by=ana, days=1)
    Token.objects.filter(pk=token.pk).update(expires=timezone.now())
    assert token_owner(raw) is None


def test_a_token_of_a_closed_account_is_worth_nothing(ana: User) -> None:
    _, raw = make_token("till", ["read"], by=ana)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert token_owner(raw) is None


def test_a_lost_role_takes_the_token_with_it(ana: User) -> None:
    _, raw = make_token("till", ["read", "plan"], by=ana)
    User.objects.filter(pk=ana.pk).update(role=Role.VIEWER)
    found = token_owner(raw)
    assert found is not None
    assert found[1] == {"figures.view", "plan.view"}


def test_nobody_gets_a_scope_beyond_them(ana: User) -> None:
    assert "people" not in scopes_of(ana)
    with pytest.raises(PermissionDenied, match="more than its owner"):
        make_token("till", ["people"], by=ana)


def test_a_token_cannot_make_a_stronger_one(ana: User) -> None:
    with pytest.raises(PermissionDenied, match="may do more"):
        make_token("child", ["plan"], by=ana, within=SCOPES["account"])
    child, _ = make_token("child", ["account"], by=ana, within=SCOPES["account"])
    assert child.scopes == ["account"]


@pytest.mark.parametrize(
    ("name", "scopes", "days", "field"),
    [
        ("", ["read"], 9, "name"),
        ("x" * 81, ["read"], 9, "name"),
        ("till", [], 9, "scopes"),
        ("till", ["everything"], 9, "scopes"),
        ("till", ["read"], 0, "days"),
        ("till", ["read"], 367, "days"),
    ],
)
def test_what_a_token_needs(ana: User, name: str, scopes: list[str], days: int, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        make_token(name, scopes, by=ana, days=days)
    assert list(refusal.value.message_dict) == [field]


def test_only_the_owner_and_an_administrator_revoke(ana: User, milan: User, dragan: User) -> None:
    token, raw = make_token("till", ["read"], by=ana)
    with pytest.raises(PermissionDenied):
        revoke_token(token, by=milan)
    assert token_owner(raw) is not None
    revoke_token(token, by=dragan)
    assert token_owner(raw) is None


def test_use_is_noted_once_a_minute(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, raw = make_token("till", ["read"], by=ana)
    with django_assert_num_queries(2):
        token_owner(raw)
    token.refresh_from_db()
    assert token.last_used is not None
    with django_assert_num_queries(1):
        token_owner(raw)
    earlier = timezone.now() - timedelta(minutes=2)
    Token.objects.filter(pk=token.pk).update(last_used=earlier)
    token_owner(raw)
    token.refresh_from_db()
    assert token.last_used > earlier
