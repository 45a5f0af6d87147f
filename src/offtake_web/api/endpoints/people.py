from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query

from offtake_web.accounts import actions, queries
from offtake_web.accounts.access import signed_in
from offtake_web.accounts.actions import Details, StaleVersionError
from offtake_web.accounts.models import SignInRules, User
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of, page_of_list
from offtake_web.api.frame.problems import Problem
from offtake_web.api.frame.versions import version_read, versioned
from offtake_web.api.schemas.base import Number
from offtake_web.api.schemas.people import (
    LinkMade,
    PeopleAsked,
    PersonChange,
    PersonEvent,
    PersonSent,
    PersonShown,
    RulesSent,
    RulesShown,
)

group = Group("People")
Shown = dict[str, Any]
DETAILS = ("username", "first_name", "last_name", "email", "role", "retailers", "territories",
           "brands")  # fmt: skip


@group.get("/people", "people.manage", gives=Page[PersonShown])
def list_people(
    request: HttpRequest, response: HttpResponse, asked: Annotated[PeopleAsked, Query()]
) -> Shown:
    """People by name."""
    found = queries.people(text=asked.text, role=asked.role, state=asked.state)
    total = found.count()
    link_pages(request, response, total, asked)
    return page_of(found, total, asked, _shown)


@group.post("/people", "people.manage", gives=LinkMade, status=201, secret=True, sensitive=True)
def make_person(request: HttpRequest, response: HttpResponse, sent: PersonSent) -> Shown:
    """Make an account, and the link by which its owner sets a password."""
    made, path = actions.make_person(Details(**sent.dict()), by=signed_in(request))
    response["Location"] = f"/api/v1/people/{made.pk}"
    return _with_link(request, response, made, path)


def _with_link(request: HttpRequest, response: HttpResponse, user: User, path: str) -> Shown:
    response["Cache-Control"] = "private, no-store"
    return {**_again(user.pk), "link": request.build_absolute_uri(path)}


@group.get("/people/{person_id}", "people.manage", gives=PersonShown)
def get_person(request: HttpRequest, person_id: Number) -> Shown:
    """One person."""
    found = _person(person_id)
    versioned(request, found.version)
    return _shown(found)


@group.patch("/people/{person_id}", "people.manage", gives=PersonShown, changes=True,
             sensitive=True)  # fmt: skip
def change_person(request: HttpRequest, person_id: Number, sent: PersonChange) -> Shown:
    """Change who somebody is and which part of the business the account is for."""
    found = _person(person_id)
    before = Details(**{name: getattr(found, name) for name in DETAILS})
    details = replace(before, **sent.dict(exclude_unset=True))
    try:
        actions.change_person(found, details, version=version_read(request), by=signed_in(request))
    except StaleVersionError as stale:
        raise _stale(_again(person_id), stale.current.version) from None
    return _changed(request, person_id)


def _stale(current: Shown, version: int) -> Problem:
    return Problem("stale", more={"current": current}, headers={"ETag": f'"{version}"'})


def _changed(request: HttpRequest, number: int) -> Shown:
    found = _person(number)
    versioned(request, found.version)
    return _shown(found)


@group.post("/people/{person_id}/close", "people.manage", gives=PersonShown, sensitive=True)
def close_account(request: HttpRequest, person_id: Number) -> Shown:
    """Let somebody in no more: sessions end, tokens and links are worth nothing."""
    return _done(request, person_id, actions.close_account)


@group.post("/people/{person_id}/reopen", "people.manage", gives=PersonShown, sensitive=True)
def reopen_account(request: HttpRequest, person_id: Number) -> Shown:
    """Let somebody in again."""
    return _done(request, person_id, actions.reopen_account)


@group.post("/people/{person_id}/second-factor/reset", "people.manage", gives=PersonShown,
            sensitive=True)  # fmt: skip
def reset_second_factor(request: HttpRequest, person_id: Number) -> Shown:
    """Take the second factor off an account whose owner has lost it."""
    return _done(request, person_id, actions.reset_second_factor)


@group.post("/people/{person_id}/sessions/end", "people.manage", gives=PersonShown,
            sensitive=True)  # fmt: skip
def end_sessions(request: HttpRequest, person_id: Number) -> Shown:
    """Sign somebody out everywhere."""
    return _done(request, person_id, actions.end_sessions)


def _done(request: HttpRequest, number: int, action: Callable[..., object]) -> Shown:
    action(_person(number), by=signed_in(request))
    return _changed(request, number)


@group.post("/people/{person_id}/link", "people.manage", gives=LinkMade, secret=True,
            sensitive=True)  # fmt: skip
def make_link(request: HttpRequest, response: HttpResponse, person_id: Number) -> Shown:
    """Make a new link to set a password; older ones are worth nothing from now."""
    found = _person(person_id)
    return _with_link(request, response, found, actions.make_link(found, by=signed_in(request)))


@group.get("/people/{person_id}/history", "people.manage", gives=Page[PersonEvent])
def list_person_history(
    request: HttpRequest, response: HttpResponse, person_id: Number, window: Paged
) -> Shown:
    """What changed of a person, the latest first: who did what when."""
    found = queries.history_of(_person(person_id))
    link_pages(request, response, len(found), window)
    return page_of_list(found, window, _event)


def _event(entry: queries.Entry) -> Shown:
    changes = [
        {"field": name, "before": before, "after": after} for name, before, after in entry.changes
    ]
    return {"at": entry.at, "by": entry.by, "kind": entry.kind, "changes": changes}


@group.get("/sign-in-rules", "people.manage", gives=RulesShown)
def get_rules(request: HttpRequest) -> Shown:
    """Of which roles a second factor is demanded."""
    return _rules(request, queries.rules())


@group.put("/sign-in-rules", "people.manage", gives=RulesShown, changes=True, sensitive=True)
def change_rules(request: HttpRequest, sent: RulesSent) -> Shown:
    """Demand a second factor of some roles.

    Who of them is signed in without one is signed out.
    """
    try:
        rules = actions.demand_second_factor(
            sent.second_factor_for, version=version_read(request), by=signed_in(request)
        )
    except StaleVersionError as stale:
        current = queries.rules()
        raise _stale(_rules(request, current), stale.current.version) from None
    return _rules(request, rules)


def _rules(request: HttpRequest, rules: SignInRules) -> Shown:
    versioned(request, rules.version)
    return {"second_factor_for": rules.second_factor_for, "version": rules.version}


def _person(number: int) -> User:
    found = queries.people().filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _again(number: int) -> Shown:
    return _shown(_person(number))


def _shown(user: User) -> Shown:
    names = ("version", "username", "first_name", "last_name", "email", "role", "second_factor",
             "last_login")  # fmt: skip
    return {
        "id": user.pk,
        "name": str(user),
        "open": user.is_active,
        "part": {name: getattr(user, name) for name in ("retailers", "territories", "brands")},
        **{name: getattr(user, name) for name in names},
    }
