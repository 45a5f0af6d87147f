"""What campaigns did, as tables; numbers that are not known are empty. Intervals hold 80 %."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from offtake.models.columns import Columns, as_table
from offtake.models.shoppers.campaign_effects import WEEKLY, Outcome, Totals
from offtake.models.shoppers.campaign_fit import CampaignFit, CampaignFits, Progress, fit_campaigns
from offtake.models.shoppers.campaign_notes import campaign_notes
from offtake.models.shoppers.campaign_spec import MEASURES, CampaignSpec
from offtake.models.shoppers.campaign_summary import ALL, Summary, summary

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

PERCENT = 100.0
HEADLINE: tuple[tuple[str, Outcome], ...] = (
    *(
        (f"{measure}_{period}", ("products", measure, period))
        for period in ("during", "after")
        for measure in MEASURES
    ),
    ("units", ("products", "units", "total")),
    ("money", ("products", "money", "total")),
    ("money_brand", ("brand", "money", "total")),
    ("money_category", ("category", "money", "total")),
    ("money_store", ("store", "money", "total")),
    ("trips_store", ("store", "trips", "total")),
)
"""Column of ``shopper_campaigns`` to what it tells."""


def campaign_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: CampaignSpec | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return what every campaign that touches a category did to its households, as tables.

    Parameters
    ----------
    store, tables, category
        Where the data are, and which category.
    spec
        How campaigns are judged.
    progress
        Called with what is being done and how far it is (0 to 100).

    Returns
    -------
    dict
        ``shopper_campaigns`` (one row a campaign, and one for all of them), ``_effects`` (every
        outcome and period), ``_weeks`` (by week from the start), ``_checks`` and ``_notes``. Empty
        where no campaign touches the category.

    Raises
    ------
    MissingContractError
        When baskets, products, campaigns or contacts are not loaded.
    BadInputError
        When the category does not exist.
    """
    return tables_of(fit_campaigns(store, tables, category, spec=spec, progress=progress))


def tables_of(found: CampaignFits) -> dict[str, pa.Table]:
    """Return the tables of campaigns that have been fitted; see :func:`campaign_tables`."""
    together = summary(found)
    return {
        "shopper_campaigns": campaign_table(found, together),
        "shopper_campaign_effects": effect_table(found, together),
        "shopper_campaign_weeks": week_table(found),
        "shopper_campaign_checks": check_table(found, together),
        "shopper_campaign_notes": as_table({
            "campaign_id": [each[0] for each in campaign_notes(found)],
            "note": [each[1] for each in campaign_notes(found)],
        }),
    }  # fmt: skip


def campaign_table(found: CampaignFits, together: Summary) -> pa.Table:
    """Return ``shopper_campaigns``: one row a campaign, the last for all of them.

    ``households_during``, ``trips_after`` and the like are what the contacted that could be
    compared did of the promoted products because of it, while it ran and in the weeks after;
    ``units``, ``money`` over both; ``money_brand``, ``money_category``, ``money_store`` and
    ``trips_store`` the same for more than the products. ``*_low`` and ``*_high`` are the ends of
    intervals. ``baseline_units``: what they would have bought anyway; ``lift``: percent of it.
    ``subsidised``: redeeming households that would have bought the products anyway, at least.
    In the row of all, ``contacted`` and ``redeeming_households`` count each household once; what it
    bought (and so the baseline and ``lift``) counts once for every campaign that reached it.
    ``comparable_controls``: how many households, equally weighted, those not contacted are worth.
    """
    rows = [_campaign_row(found, each) for each in found.fits]
    if rows:
        rows.append(_all_row(found, together))
    return _table(rows, _EMPTY)


def _campaign_row(found: CampaignFits, fit: CampaignFit) -> dict[str, Any]:
    plan, at, effects = found.plan, fit.campaign, fit.effects
    one = effects.compared if effects else None
    windows = fit.windows
    row: dict[str, Any] = {
        **_named(found, fit),
        "kind": str(plan.kinds[at]) or None,
        "first_day": plan.start[at].item(),
        "last_day": plan.stop[at].item(),
        "days": int((plan.stop[at] - plan.start[at]).astype(np.int64)) + 1,
        "weeks_during": windows.running if windows else None,
        "weeks_after": windows.after if windows else None,
        "products_promoted": int(plan.products[at]),
        "contacted": fit.contacted,
        "contacted_compared": one.many if one else None,
        "controls": one.controls if one else None,
        "comparable_controls": one.effective if one else None,
        "redemptions": fit.redeemed.coupons,
        "redeeming_households": int(fit.redeemed.households.size),
    }
    row |= (
        _headline(effects.outcomes, effects.totals, found.spec)
        if effects
        else _headline((), None, found.spec)
    )
    row |= _subsidised(found, fit)
    return row | {"grade": fit.grade.letter, "reason": fit.grade.sentence}


def _all_row(found: CampaignFits, together: Summary) -> dict[str, Any]:
    told = [each for each in found.fits if each.effects is not None]
    return {
        **dict.fromkeys(_EMPTY),
        "campaign_id": ALL,
        "name": f"all campaigns that can be told ({len(told)} of {len(found.fits)})",
        "contacted": _distinct(found),
        "contacted_compared": sum(each.effects.compared.many for each in told if each.effects),
        "redemptions": sum(each.redeemed.coupons for each in found.fits),
        "redeeming_households": int(
            np.unique(np.concatenate([each.redeemed.households for each in found.fits])).size
        ),
        **_headline(together.outcomes, together.totals, found.spec),
        "grade": together.grade.letter,
        "reason": together.grade.sentence,
    }


def _distinct(found: CampaignFits) -> int:
    """Return how many households were sent any of the campaigns."""
    which = np.isin(found.contacts.campaign, [each.campaign for each in found.fits])
    return int(np.unique(found.contacts.household[which]).size)


def _named(found: CampaignFits, fit: CampaignFit) -> dict[str, Any]:
    plan = found.plan
    return {
        "campaign_id": str(plan.ids[fit.campaign]),
        "name": str(plan.names[fit.campaign]) or None,
    }


def _headline(
    outcomes: tuple[Outcome, ...], totals: Totals | None, spec: CampaignSpec
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    reach = totals.reach(spec.level) if totals is not None else np.zeros(len(outcomes))
    for name, outcome in HEADLINE:
        value = off = np.nan
        if totals is not None and outcome in outcomes:
            at = outcomes.index(outcome)
            value, off = float(totals.incremental[at]), float(reach[at] * totals.errors[at])
        row |= {name: value, f"{name}_low": value - off, f"{name}_high": value + off}
    base = lift = off = np.nan
    main = ("products", "units", "total")
    if totals is not None and main in outcomes:
        at = outcomes.index(main)
        base, lift = float(totals.baseline[at]), PERCENT * float(totals.lift[at])
        off = PERCENT * float(reach[at] * totals.lift_errors[at])
    return row | {
        "baseline_units": base, "lift": lift, "lift_low": lift - off, "lift_high": lift + off,
    }  # fmt: skip


def _subsidised(found: CampaignFits, fit: CampaignFit) -> dict[str, Any]:
    """Return redeeming households that would have bought anyway, at least.

    A household that redeemed either bought because of the campaign or would have bought anyway, and
    at most as many bought because of it as there are incremental households.
    """
    low = value = high = share = np.nan
    main = ("products", "households", "during")
    if fit.effects is not None and main in fit.effects.outcomes:
        at = fit.effects.outcomes.index(main)
        totals, one = fit.effects.totals, fit.effects.compared
        contacted = found.contacts.households[one.at[one.contacted]]
        many = int(np.isin(fit.redeemed.households, contacted).sum())
        won, error = float(totals.incremental[at]), float(totals.errors[at])
        reach = float(totals.reach(found.spec.level)[at]) * error
        low, value, high = (
            float(np.clip(many - each, 0, many)) for each in (won + reach, won, won - reach)
        )
        share = PERCENT * value / many if many else np.nan
    return {
        "subsidised": value, "subsidised_low": low, "subsidised_high": high,
        "subsidised_share": share,
    }  # fmt: skip


def effect_table(found: CampaignFits, together: Summary) -> pa.Table:
    """Return ``shopper_campaign_effects``: every scope, measure and period.

    ``scope``: the ``products`` promoted, their ``brand`` (their makers, where the campaign speaks
    for no brand), the ``category``, the whole ``store``. ``period``: ``during``, ``after``,
    ``total``.
    """
    rows: list[dict[str, Any]] = []
    for fit in found.fits:
        if fit.effects is not None:
            named = str(found.plan.ids[fit.campaign])
            rows += _effect_rows(named, fit.effects.outcomes, fit.effects.totals, found.spec)
    if together.totals is not None:
        rows += _effect_rows(ALL, together.outcomes, together.totals, found.spec)
    names = ("campaign_id", "scope", "measure", "period", "bought", "baseline", *_ENDS)
    return _table(rows, names)


_ENDS = tuple(f"{name}{end}" for name in ("incremental", "lift") for end in ("", "_low", "_high"))


def _effect_rows(
    campaign: str, outcomes: tuple[Outcome, ...], totals: Totals, spec: CampaignSpec
) -> list[dict[str, Any]]:
    reach = totals.reach(spec.level)
    low, high = (totals.incremental + sign * reach * totals.errors for sign in (-1, 1))
    lift, lift_off = PERCENT * totals.lift, PERCENT * reach * totals.lift_errors
    return [
        {
            "campaign_id": campaign, "scope": scope, "measure": measure, "period": period,
            "bought": float(totals.bought[at]), "baseline": float(totals.baseline[at]),
            "incremental": float(totals.incremental[at]),
            "incremental_low": float(low[at]), "incremental_high": float(high[at]),
            "lift": float(lift[at]), "lift_low": float(lift[at] - lift_off[at]),
            "lift_high": float(lift[at] + lift_off[at]),
        }
        for at, (scope, measure, period) in enumerate(outcomes)
    ]  # fmt: skip


def week_table(found: CampaignFits) -> pa.Table:
    """Return ``shopper_campaign_weeks``: incremental by week from the start, negative before it.

    ``low`` and ``high`` hold for one week, ``band_low`` and ``band_high`` for all weeks from the
    start on at once. Weeks before the start are compared with their own mean: they show a trend,
    not a level.
    """
    rows: list[dict[str, Any]] = []
    for fit in found.fits:
        if fit.effects is None or fit.windows is None:
            continue
        weeks, running = fit.effects.weeks, fit.windows.running
        reach = weeks.totals.reach(found.spec.level)
        value, error = weeks.totals.incremental, weeks.totals.errors
        for at in range(value.size):
            place, week = divmod(at, weeks.week.size)
            scope, measure = WEEKLY[place]
            step = int(weeks.week[week])
            band = float(weeks.band[place]) * error[at]
            rows.append({
                "campaign_id": str(found.plan.ids[fit.campaign]), "scope": scope,
                "measure": measure, "week": step,
                "period": "before" if step < 0 else "during" if step < running else "after",
                "incremental": float(value[at]),
                "incremental_low": float(value[at] - reach[at] * error[at]),
                "incremental_high": float(value[at] + reach[at] * error[at]),
                "band_low": float(value[at] - band), "band_high": float(value[at] + band),
            })  # fmt: skip
    return _table(rows, (
        "campaign_id", "scope", "measure", "week", "period", "incremental", "incremental_low",
        "incremental_high", "band_low", "band_high",
    ))  # fmt: skip


def check_table(found: CampaignFits, together: Summary) -> pa.Table:
    """Return ``shopper_campaign_checks``: what would give the effects away as wrong.

    ``check``: ``pre_trend`` (did the contacted already move apart?), ``placebo`` (an effect of a
    start before the true one), ``control_category`` (an effect on what it has nothing to do with),
    ``overlap``, ``balance``, ``other_campaigns``; for all campaigns, how often tests fail.
    """
    rows = [
        {
            "campaign_id": campaign, "check": each.kind, "item": each.item, "value": each.value,
            "value_low": each.low, "value_high": each.high, "unit": each.unit,
            "p_value": each.p_value, "passed": each.passed,
        }
        for campaign, checks in (
            *((str(found.plan.ids[fit.campaign]), fit.checks) for fit in found.fits),
            (ALL, together.checks),
        )
        for each in checks
    ]  # fmt: skip
    return _table(rows, (
        "campaign_id", "check", "item", "value", "value_low", "value_high", "unit", "p_value",
        "passed",
    ))  # fmt: skip


_EMPTY = (
    "campaign_id", "name", "kind", "first_day", "last_day", "days", "weeks_during", "weeks_after",
    "products_promoted", "contacted", "contacted_compared", "controls", "comparable_controls",
    "redemptions", "redeeming_households",
    *(f"{name}{end}" for name, _ in HEADLINE for end in ("", "_low", "_high")),
    "baseline_units", "lift", "lift_low", "lift_high", "subsidised", "subsidised_low",
    "subsidised_high", "subsidised_share", "grade", "reason",
)  # fmt: skip
"""Columns of ``shopper_campaigns``."""


def _table(rows: list[dict[str, Any]], names: Iterable[str]) -> pa.Table:
    columns: Columns = {name: [_plain(row.get(name)) for row in rows] for name in names}
    return as_table(columns)


def _plain(value: object) -> object:
    """Return a value; None for a number that is not known."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
