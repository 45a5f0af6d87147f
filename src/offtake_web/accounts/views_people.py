"""The pages on which administrators look after people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake_web.accounts import actions, queries
from offtake_web.accounts.access import needs, signed_in
from offtake_web.accounts.actions import StaleVersionError
from offtake_web.accounts.forms import PersonForm, RulesForm, details_of
from offtake_web.accounts.middleware import DUE
from offtake_web.accounts.models import Role, Token, User
from offtake_web.accounts.signin import fresh
from offtake_web.common.paging import paged
from offtake_web.common.refusals import blame

FIELD_WORDS = {
    "username": gettext_lazy("Username"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("E-mail"),
    "role": gettext_lazy("Role"),
    "retailers": gettext_lazy("Retailers"),
    "territories": gettext_lazy("Territories"),
    "brands": gettext_lazy("Brands"),
    "language": gettext_lazy("Language"),
    "is_active": gettext_lazy("open"),
    "is_staff": gettext_lazy("site administration"),
    "is_superuser": gettext_lazy("site administration, everything"),
}
KIND_WORDS = {
    "made": gettext_lazy("made the account"),
    "changed": gettext_lazy("changed"),
    "closed": gettext_lazy("closed the account"),
    "reopened": gettext_lazy("reopened the account"),
    "link": gettext_lazy("made a link to set the password"),
    "password": gettext_lazy("set the password"),
    "second factor": gettext_lazy("reset the second factor"),
    "sessions": gettext_lazy("ended the sessions"),
    "company": gettext_lazy("came through the company's sign-in"),
    "appointed": gettext_lazy("appointed administrator on the server"),
}
Change = Callable[..., object]


def _offered() -> Mapping[str, Sequence[str]]:
    offered: Mapping[str, Sequence[str]] = import_string(settings.OFFTAKE_SCOPE_NAMES)()
    return offered


def _page(request: HttpRequest, template: str, status: int = 200, **shown: Any) -> HttpResponse:
    return render(request, f"accounts/{template}.html", shown, status=status)


@needs("people.manage")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("text", "role", "state")}
    page = paged(request, queries.people(**asked))
    rules = queries.rules()
    form = RulesForm(initial={"roles": rules.second_factor_for, "version": rules.version})
    return _page(request, "people", page=page, asked=asked, roles=Role, rules_form=form)


@needs("people.manage")
@never_cache
@require_http_methods(["GET", "POST"])
@fresh
def person_new(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, offered=_offered())
    if request.method == "POST" and form.is_valid():
        try:
            person, path = actions.make_person(form.details(), by=signed_in(request))
        except ValidationError as error:
            blame(form, error)
        else:
            return _link(request, person, path)
    return _page(request, "person_new", form=form)


def _link(request: HttpRequest, person: User, path: str) -> HttpResponse:
    address = request.build_absolute_uri(path)
    return _page(request, "link", person=person, address=address)


@needs("people.manage")
@never_cache
@require_http_methods(["GET", "POST"])
@fresh
def person(request: HttpRequest, number: int) -> HttpResponse:
    found = get_object_or_404(User, pk=number)
    form = PersonForm(request.POST or None, initial=details_of(found), offered=_offered())
    if request.method != "POST" or not form.is_valid():
        return _person(request, found, form)
    version = form.cleaned_data["version"] or 0
    try:
        actions.change_person(found, form.details(), version=version, by=signed_in(request))
    except StaleVersionError as stale:
        return _stale(request, form, cast("User", stale.current))
    except ValidationError as error:
        blame(form, error)
        return _person(request, found, form)
    messages.success(request, _("Saved."))
    return redirect("person", number=found.pk)


def _stale(request: HttpRequest, form: PersonForm, current: User) -> HttpResponse:
    """Show both: what was sent stays in the form, and what is kept now stands above it."""
    mine, theirs = vars_of(form), details_of(current)
    both = [
        (FIELD_WORDS[name], said(name, value), said(name, theirs[name]))
        for name, value in mine.items()
        if value != theirs[name]
    ]
    sent = request.POST.copy()
    sent["version"] = str(current.version)
    again = PersonForm(sent, initial=theirs, offered=_offered())
    return _person(request, current, again, both=both, status=409)


def vars_of(form: PersonForm) -> dict[str, Any]:
    return asdict(form.details())


def said(name: str, value: object) -> str:
    """Write the value of a field for people."""
    if name == "role":
        return str(Role(value).label) if value in Role.values else str(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value) or _("all")
    return str(value) or "\N{EN DASH}"


def _person(
    request: HttpRequest, found: User, form: PersonForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    history = [
        (entry, KIND_WORDS[entry.kind], _changes(entry)) for entry in queries.history_of(found)
    ]
    shown = {
        "person": found,
        "form": form,
        "history": history,
        "second_factor": queries.has_second_factor(found),
        "sessions": queries.open_sessions(found).count(),
        "tokens": queries.tokens_of(found),
    }
    return _page(request, "person", status=status, **shown, **more)


def _changes(entry: queries.Entry) -> list[tuple[Any, str, str]]:
    return [
        (FIELD_WORDS[name], said(name, old), said(name, new)) for name, old, new in entry.changes
    ]


def _changed(request: HttpRequest, number: int, change: Change, words: str) -> HttpResponse:
    found = get_object_or_404(User, pk=number)
    try:
        change(found, by=signed_in(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, words)
    return redirect("person", number=number)


@needs("people.manage")
@require_POST
@fresh
def person_close(request: HttpRequest, number: int) -> HttpResponse:
    return _changed(request, number, actions.close_account, _("The account is closed."))


@needs("people.manage")
@require_POST
@fresh
def person_reopen(request: HttpRequest, number: int) -> HttpResponse:
    return _changed(request, number, actions.reopen_account, _("The account is open again."))


@needs("people.manage")
@require_POST
@fresh
def person_second_factor(request: HttpRequest, number: int) -> HttpResponse:
    words = _("The second factor is reset, and the sessions are ended.")
    return _changed(request, number, actions.reset_second_factor, words)


@needs("people.manage")
@require_POST
@fresh
def person_sessions(request: HttpRequest, number: int) -> HttpResponse:
    return _changed(request, number, actions.end_sessions, _("The sessions are ended."))


@needs("people.manage")
@require_POST
@fresh
def person_token(request: HttpRequest, number: int, token: int) -> HttpResponse:
    found = get_object_or_404(Token, pk=token, user=number)
    actions.revoke_token(found, by=signed_in(request))
    messages.success(request, _("The token is revoked."))
    return redirect("person", number=number)


@needs("people.manage")
@never_cache
@require_POST
@fresh
def person_link(request: HttpRequest, number: int) -> HttpResponse:
    """Make a link to set a password and show it, this once."""
    found = get_object_or_404(User, pk=number)
    try:
        path = actions.make_link(found, by=signed_in(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("person", number=number)
    return _link(request, found, path)


@needs("people.manage")
@require_POST
@fresh
def people_rules(request: HttpRequest) -> HttpResponse:
    """Demand a second factor of roles."""
    form = RulesForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(str(form.errors))
    given = form.cleaned_data
    me = signed_in(request)
    try:
        actions.demand_second_factor(given["roles"], version=given["version"], by=me)
    except StaleVersionError as stale:
        words = _("%(what)s It now says: %(now)s. Choose again.")
        messages.error(request, words % {"what": stale, "now": stale.current})
        return redirect("people")
    if queries.owes_second_factor(me):
        request.session[DUE] = True
    messages.success(request, _("Saved."))
    return redirect("people")
