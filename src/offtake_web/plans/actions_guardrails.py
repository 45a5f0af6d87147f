"""Changes of the guardrails of a market; who sets a limit is never who lets a plan pass it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from offtake.decisions.planning.guardrails import Rule, check_rule
from offtake_web.accounts.access import demand, scope_of
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.guardrails import APPROVERS, SET, TERMS, may_be_named, one_of, standard
from offtake_web.plans.models import Kind, MarketGuardrail
from offtake_web.plans.writing import remember


class StaleGuardrailError(Exception):
    """A guardrail has changed since its reader saw it; ``current`` is how it is now."""

    def __init__(self, current: MarketGuardrail) -> None:
        super().__init__(_("Somebody else changed this guardrail meanwhile."))
        self.current = current


def change_guardrail(
    market: Market, rule: Rule, values: Mapping[str, Any], *, version: int, by: User
) -> MarketGuardrail:
    """Set a guardrail of a market, from the version that somebody saw.

    Parameters
    ----------
    market, rule
        Which guardrail.
    values
        Of ``on``, ``limit`` (in the unit of the rule), ``kinds`` (none is all), ``role`` and
        ``person`` (None is anybody of the role); what is left out stays.
    version
        What they saw.
    by
        Who sets it.

    Raises
    ------
    PermissionDenied
        If they may not, or their account is for a part of the business alone.
    StaleGuardrailError
        If others changed it meanwhile.
    ValidationError
        By field, if a value is not allowed.
    """
    demand(by, "plan.rules")
    if not scope_of(by).everything:
        raise PermissionDenied(
            _("Guardrails hold for all of the business, your account for a part.")
        )
    try:
        with transaction.atomic():
            return _change(_held(market, rule), values, version=version, by=by)
    except IntegrityError:  # two people made the market's own guardrail of a rule at once
        raise StaleGuardrailError(one_of(market.key, rule)) from None


def _held(market: Market, rule: Rule) -> MarketGuardrail:
    own = (
        MarketGuardrail.objects.select_for_update(no_key=True)
        .filter(market=market.key, rule=rule)
        .first()
    )
    return own or standard(market.key, rule)


def _change(
    row: MarketGuardrail, values: Mapping[str, Any], *, version: int, by: User
) -> MarketGuardrail:
    if row.version != version:
        raise StaleGuardrailError(row)
    wanted = {name: values[name] for name in SET if name in values}
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return row
    if row._state.adding:
        remember(row, by=by, what=gettext_noop("the standard"))
        row.save()
    named = wanted.get("person", row.person) != row.person
    for name, value in wanted.items():
        setattr(row, name, value)
    _check(row, named=named)
    row.version += 1
    remember(row, by=by, what=gettext_noop("changed"))
    row.save()
    return row


def _check(row: MarketGuardrail, *, named: bool) -> None:
    """Refuse what is not allowed; somebody named earlier, who may approve no more, may stay."""
    wrong: dict[str, list[str]] = {}
    if text := _wrong_limit(row):
        wrong["limit"] = [text]
    unknown = [str(each) for each in row.kinds if each not in Kind.values]
    if unknown:
        wrong["kinds"] = [_got(", ".join(unknown), ", ".join(Kind.values))]
    if row.role not in APPROVERS:
        wrong["role"] = [_got(row.role, ", ".join(APPROVERS))]
    if named and row.person and not may_be_named(row.person):
        wrong["person"] = [_("%(who)s may not approve every plan.") % {"who": row.person}]
    if wrong:
        raise ValidationError(wrong)


def _wrong_limit(row: MarketGuardrail) -> str:
    term, limit = TERMS[check_rule(row.rule)], row.limit
    if limit is None:
        return _("A guardrail that holds needs a limit.") if row.on else ""
    if term.low <= limit <= term.high and round(limit, term.places) == limit:
        return ""
    ends = {"low": term.words(term.low), "high": term.words(term.high), "places": term.places}
    if term.places:
        words = _("%(low)s to %(high)s, with %(places)s decimal places at most") % ends
    else:
        words = _("%(low)s to %(high)s, without decimal places") % ends
    return _got(f"{limit:.15g}", words)


def _got(got: str, allowed: str) -> str:
    return _("Got %(got)s; allowed: %(allowed)s.") % {"got": got, "allowed": allowed}
