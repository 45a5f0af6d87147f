"""Administrators who change people, themselves and each other at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import combinations_with_replacement

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from offtake_web.accounts import actions
from offtake_web.accounts.actions import Details, StaleVersionError
from offtake_web.accounts.links import path_of_link
from offtake_web.accounts.models import Role, Session, SignInRules, User
from tests.web.conftest import person
from tests.web.together import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8  # one round seldom meets the moment at which each would wait for the other
SENT = dict.fromkeys(("new_password1", "new_password2"), "nine-wide-gondolas")
Act = Callable[[], object]


@pytest.fixture
def eva(transactional_db: None) -> User:
    """A second administrator."""
    return person("eva", Role.ADMINISTRATOR)


def sessions(user: User, number: int) -> None:
    Session.objects.filter(user=user).delete()
    later = timezone.now() + timedelta(days=1)
    Session.objects.bulk_create(
        Session(session_key=f"{user}-{each}", session_data="", expire_date=later, user=user)
        for each in range(number)
    )


def renamed(whom: User, username: str, by: User) -> Act:
    now = User.objects.get(pk=whom.pk)
    details = Details(username=username, role=now.role, email=now.email)
    return partial(actions.change_person, now, details, version=now.version, by=by)


def addressed(whom: User, email: str, by: User) -> Act:
    now = User.objects.get(pk=whom.pk)
    details = Details(username=now.username, role=now.role, email=email)
    return partial(actions.change_person, now, details, version=now.version, by=by)


def test_one_name_is_given_once(dragan: User, eva: User) -> None:
    for number in range(ROUNDS):
        new = Details(username=f"mira{number}")
        makers = (dragan, eva, dragan, eva)
        found = together([partial(actions.make_person, new, by=by) for by in makers])
        refused = [each for each in found if isinstance(each, ValidationError)]
        assert len(refused) == 3, found
        assert all(list(each.message_dict) == ["username"] for each in refused)
        assert User.objects.filter(username=new.username).count() == 1


def test_a_name_appointed_on_the_server_is_given_once(dragan: User) -> None:
    """The server's command line waits for nobody's office, so it may look a name up too early."""
    for number in range(ROUNDS):
        new = Details(username=f"mira{number}", email=f"mira{number}@alder.example")
        found = together(
            [
                partial(actions.make_person, new, by=dragan),
                partial(actions.appoint, f"ira{number}", email=new.email),
            ]
        )
        refused = [each for each in found if isinstance(each, ValidationError)]
        assert len(refused) == 1, found
        assert User.objects.filter(email=new.email).count() == 1


def test_one_address_is_given_once(dragan: User, eva: User, ana: User, olga: User) -> None:
    for number in range(ROUNDS):
        email = f"all{number}@alder.example"
        found = together([addressed(ana, email, dragan), addressed(olga, email, eva)])
        assert Counter(type(each) for each in found) == {User: 1, ValidationError: 1}, found


def test_administrators_may_rename_each_other_at_once(dragan: User, eva: User) -> None:
    for number in range(ROUNDS):
        found = together(
            [renamed(dragan, f"dragan{number}", eva), renamed(eva, f"eva{number}", dragan)]
        )
        assert {type(each) for each in found} == {User}, found


def test_somebody_is_renamed_while_they_make_somebody(dragan: User, eva: User) -> None:
    for number in range(ROUNDS):
        new = Details(username=f"one{number}")
        found = together(
            [partial(actions.make_person, new, by=dragan), renamed(dragan, new.username, eva)]
        )
        refused = [each for each in found if isinstance(each, Exception)]
        assert [type(each) for each in refused] == [ValidationError], found


ENDING = ("close_account", "reset_second_factor", "end_sessions", "make_link", "set_password")


@pytest.mark.parametrize("pair", list(combinations_with_replacement(ENDING, 2)))
def test_what_ends_sessions_may_meet(pair: tuple[str, str], dragan: User, ana: User) -> None:
    def act(name: str) -> Act:
        if name == "set_password":
            return partial(actions.set_password, User.objects.get(pk=ana.pk), "nine-wide-gondolas")
        return partial(getattr(actions, name), ana, by=dragan)

    for _ in range(ROUNDS // 2):
        sessions(ana, 200)
        found = together([act(name) for name in pair])
        errors = [each for each in found if isinstance(each, Exception)]
        assert not [each for each in errors if not isinstance(each, ValidationError)], found
        User.objects.update(is_active=True)


def test_the_first_demand_of_a_second_factor_is_made_once(dragan: User, eva: User) -> None:
    for _ in range(ROUNDS):
        SignInRules.objects.all().delete()
        found = together(
            [
                partial(actions.demand_second_factor, [role], version=1, by=by)
                for by, role in ((dragan, "rep"), (eva, "viewer"), (eva, "analyst"))
            ]
        )
        kinds = Counter(type(each) for each in found)
        assert kinds == {SignInRules: 1, StaleVersionError: 2}, found
        kept = SignInRules.objects.get()
        won = next(each for each in found if isinstance(each, SignInRules))
        assert (kept.version, kept.second_factor_for) == (2, won.second_factor_for)


def test_whoever_is_closed_first_closes_nobody(dragan: User, eva: User) -> None:
    person("ira", Role.ADMINISTRATOR)  # so that neither is the last
    for _ in range(ROUNDS):
        found = together(
            [
                partial(actions.close_account, dragan, by=eva),
                partial(actions.close_account, eva, by=dragan),
            ]
        )
        assert Counter(type(each) for each in found) == {User: 1, PermissionDenied: 1}, found
        User.objects.update(is_active=True)


def test_a_link_sets_one_password(ana: User) -> None:
    for number in range(ROUNDS):
        words = [f"nine-wide-gondolas-{number}", f"ten-low-shelves-{number}"]
        found = together(
            [partial(actions.set_password, User.objects.get(pk=ana.pk), word) for word in words]
        )
        assert Counter(type(each) for each in found) == {User: 1, ValidationError: 1}, found


def test_a_link_in_two_browsers_lets_one_set_the_password(ana: User) -> None:
    for _ in range(ROUNDS):
        link = path_of_link(User.objects.get(pk=ana.pk))
        browsers = [Client(), Client()]
        forms = [browser.get(link)["Location"] for browser in browsers]
        found = together(
            [
                partial(browser.post, form, SENT)
                for browser, form in zip(browsers, forms, strict=True)
            ]
        )
        answers = [each for each in found if isinstance(each, HttpResponse)]
        assert sorted(each.status_code for each in answers) == [200, 302], found
        told = next(each for each in answers if each.status_code == 200).content.decode()
        assert "no longer valid" in told
