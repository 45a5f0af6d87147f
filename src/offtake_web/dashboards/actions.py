"""Every change of saved views: who may, all or nothing, and with its history."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from offtake_web.accounts.access import demand
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.dashboards.models import SavedView

LONGEST = 2000


class StaleError(Exception):
    """Somebody changed it meanwhile; `current` is how it stands."""

    def __init__(self, current: SavedView) -> None:
        super().__init__(_("It was changed meanwhile."))
        self.current = current


def save_view(market: Market, name: str, address: str, *, shared: bool, by: User) -> SavedView:
    """Keep an address of a market under a name.

    Raises
    ------
    PermissionDenied
        When they may not save views.
    ValidationError
        When the address is of no page of the market, or the name is empty or taken.
    """
    demand(by, "views.save")
    view = SavedView(
        owner=by, market=str(market), name=name.strip(), address=_checked(market, address),
        shared=shared,
    )  # fmt: skip
    view._history_user = by  # type: ignore[attr-defined]  # how simple-history is told
    _store(view)
    return view


def change_view(view: SavedView, *, version: int, by: User, name: str, shared: bool) -> SavedView:
    """Rename a view, or share it, or keep it to oneself.

    Raises
    ------
    StaleError
        When it was changed since `version`.
    SavedView.DoesNotExist
        When it was deleted meanwhile.
    """
    _demand_own(view, by)
    with transaction.atomic():
        current = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
        if current.version != version:
            raise StaleError(current)
        current.name, current.shared, current.version = name.strip(), shared, version + 1
        current._history_user = by  # type: ignore[attr-defined]  # as above
        _store(current)
    return current


def delete_view(view: SavedView, *, by: User) -> None:
    """Forget a view; nothing is left to do where that was done meanwhile."""
    _demand_own(view, by)
    with transaction.atomic():
        current = SavedView.objects.select_for_update(no_key=True).filter(pk=view.pk).first()
        if current is not None:
            current._history_user = by  # type: ignore[attr-defined]  # as above
            current.delete()


def _demand_own(view: SavedView, by: User) -> None:
    demand(by, "views.save")
    if view.owner_id != by.pk:
        raise PermissionDenied(_("Only who saved a view may change it."))


def _checked(market: Market, address: str) -> str:
    """Return the address of a page of a market; nothing that leads elsewhere."""
    path = address.partition("?")[0]
    try:
        resolve(path)
    except Resolver404:
        path = ""
    if not path.startswith(f"/{market}/") or len(address) > LONGEST:
        raise ValidationError({"address": _("This is not a page of this market.")})
    return address


def _store(view: SavedView) -> None:
    view.full_clean(exclude=["owner"])
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise ValidationError({"name": _("You have a view of this name.")}) from error
