"""Promotions in plain words: what was done, what came of it, whether it paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from offtake.report.promotion_answer import PromotionAnswer
from offtake.report.run import Row
from offtake.report.words import amount, days_label, name_of, signed
from offtake.units import MISSING, Unit, format_value

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "paid": "Paid off",
        "badly_executed": "Badly executed",
        "bad_idea": "Bad idea",
        "open": "Open",
        "no_cost": "No cost loaded",
        "no_margin": "No margin loaded",
    }
)
"""Verdict to its short name."""
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "from_competitors": "competitors",
        "from_other_weeks": "other weeks",
        "from_own_other_items": "the brand's other items",
    }
)
FEW = 10
"""Below this many units, one decimal is written."""
NAMED = 3


def units(value: float | None) -> str:
    """Write units sold; a decimal where there are few.

    Examples
    --------
    >>> units(1234.4), units(0.53), units(-3.04)
    ('1,234', '0.5', '\N{MINUS SIGN}3.0')
    """
    small = value is not None and abs(value) < FEW and value != int(value)
    text = format_value(value, "units", decimals=1 if small else 0)
    return amount(value, "units") if not small else text.replace("-", "\N{MINUS SIGN}", 1)


def written(value: float | None, unit: Unit, currency: str = "") -> str:
    """Write a figure of the page; returns have a sign, units a decimal where there are few."""
    if unit == "ratio":
        return signed(value, "ratio")
    return units(value) if unit == "units" else amount(value, unit, currency)


def span(row: Mapping[str, Any], name: str, unit: Unit, currency: str = "") -> str:
    """Write both ends of an estimate's interval; nothing where it has none.

    Examples
    --------
    >>> span({"base_low": 10.0, "base_high": 20.0}, "base", "units")
    '10 to 20'
    """
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None:
        return ""
    return f"{written(low, unit, currency)} to {written(high, unit, currency)}"


def with_span(row: Mapping[str, Any], name: str, unit: Unit, currency: str = "") -> str:
    """Write an estimate with its interval in brackets."""
    reach = span(row, name, unit, currency)
    value = written(row.get(name), unit, currency)
    return f"{value} ({reach})" if reach else value


def counted(count: float, one: str, many: str = "") -> str:
    """Write how many there are.

    Examples
    --------
    >>> counted(1, "week"), counted(2, "week")
    ('1 week', '2 weeks')
    """
    return f"{count:,.0f} {one if count == 1 else many or f'{one}s'}"


def listed(words: Sequence[str]) -> str:
    """Join words as one says them.

    Examples
    --------
    >>> listed(["price", "display", "feature"])
    'price, display and feature'
    """
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def title(event: Mapping[str, Any]) -> str:
    """Name what was promoted.

    Examples
    --------
    >>> title({"brand": "Acme", "product_id": "P1, P2", "items": 2})
    'Acme P1, P2'
    """
    names = str(event["product_id"]).split(", ")
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{event['brand']} {', '.join(names[:NAMED])}{more}".strip()


def days(event: Mapping[str, Any]) -> str:
    """Name the days of a promotion."""
    return days_label(str(event["first_week"])[:10], str(event["last_week"])[:10])


def retailer(event: Mapping[str, Any]) -> str:
    """Name the retailer, which some sources do not state."""
    return str(event["retailer"]) or "retailer not stated"


def support(event: Mapping[str, Any]) -> str:
    """Say what was done, with the mean depth of its price cut.

    Examples
    --------
    >>> support({"levers": "price cut, display", "price_cut": 20.0})
    'price cut of 20.0% and display'
    """
    words = str(event["levers"]).split(", ")
    depth = event["price_cut"]
    if depth is not None:
        words = [f"price cut of {amount(depth, 'percent')}" if each == "price cut" else each
                 for each in words]  # fmt: skip
    return listed(words) if words != [""] else "support not stated"


def sentence(event: Mapping[str, Any], currency: str) -> str:
    """Say in plain words what a promotion was, what it did and whether it paid.

    Parameters
    ----------
    event
        A row of ``promotion_events``.
    currency
        Sign or code; may be empty.
    """
    where = f" at {event['retailer']}" if event["retailer"] else ""
    opening = (
        f"{title(event)}{where}, {days(event)} ({counted(event['weeks'], 'week')}): "
        f"{support(event)}."
    )
    parts = (
        opening,
        _gain(event),
        _stores(event),
        _money(event, currency),
        judged(event, currency),
    )
    return " ".join(part for part in parts if part)


def _gain(event: Mapping[str, Any]) -> str:
    gain = event["incremental"]
    if gain is None:
        return "What it did to sales is not known."
    base = f"{units(event['base'])} would have sold anyway"
    found = f"{units(gain)} units ({span(event, 'incremental', 'units')})"
    lift = event["lift_in_promoted_stores"]
    if gain <= 0:
        return f"It gained nothing that could be seen: {found}; {base}."
    share = "" if lift is None else f", a lift of {amount(lift, 'percent')} in the stores with it"
    return f"It gained {found}; {base}{share}."


def _stores(event: Mapping[str, Any]) -> str:
    agreed, executed = event["stores_agreed"], event["stores_executed"]
    if not agreed:
        return f"{counted(executed, 'store')} had it; no plan is known for it."
    return f"{counted(agreed, 'store')} agreed to it, and {units(executed)} executed it."


def _money(event: Mapping[str, Any], currency: str) -> str:
    if event["incremental_margin"] is None:
        return ""
    if event["cost"] is None:
        return worth(event, currency)
    margin = with_span(event, "incremental_margin", "money", currency)
    return f"It cost {amount(event['cost'], 'money', currency)} and brought {margin} of margin."


def worth(row: Mapping[str, Any], currency: str, who: tuple[str, str] = ("It", "its")) -> str:
    """Say what margin came in where the cost is not known, and so at which cost it was worth it.

    Examples
    --------
    >>> row = {"incremental_margin": 900.0, "incremental_margin_low": 860.0,
    ...        "incremental_margin_high": 940.0}
    >>> worth(row, "$")
    'It brought $900 ($860 to $940) of margin before its cost: worth it if it cost less than that.'
    """
    margin = with_span(row, "incremental_margin", "money", currency)
    opening = f"{who[0]} brought {margin} of margin before {who[1]} cost"
    low, high = row["incremental_margin_low"], row["incremental_margin_high"]
    if high <= 0:
        return f"{opening}: not worth it at any cost."
    if row["incremental_margin"] <= 0:
        most = amount(high, "money", currency)
        return f"{opening}: hardly worth it at any cost, and surely not above {most}."
    sure = "" if low > 0 else ", but perhaps not at any cost"
    return f"{opening}: worth it if {who[0].lower()} cost less than that{sure}."


def judged(event: Mapping[str, Any], currency: str = "") -> str:
    """Say whether a promotion was a bad idea or badly executed, and on what ground."""
    done = _return(event, "", currency)
    full = _return(event, "_if_fully_executed", currency)
    if event["verdict"] == "bad_idea" and not event.get("stores_agreed", 1):
        return f"A bad idea as it ran: it lost money, {done}."
    return {
        "paid": f"It paid off: {done}, all of the range above 0.",
        "badly_executed": f"Badly executed: as it was it lost money, {done}; in every store "
        f"agreed it would have paid, {full}.",
        "bad_idea": "A bad idea: even in every store agreed it would have lost money, "
        f"{full}; as planned {done}.",
        "open": f"The data do not tell whether it paid: {done} as planned, {full} if fully "
        "executed.",
        "no_cost": "Whether it paid is not known: its cost is not loaded (promotion_cost).",
        "no_margin": "Whether it paid is not known: what a unit of it earns is not loaded "
        "(unit_margin).",
    }[event["verdict"]]


def _return(event: Mapping[str, Any], suffix: str, currency: str) -> str:
    """Write a net return; where nothing was paid there is none, and the margin is all."""
    if event[f"roi_net{suffix}"] is None:
        margin = with_span(event, f"incremental_margin{suffix}", "money", currency)
        return f"margin {margin} at no cost"
    return f"net return {with_span(event, f'roi_net{suffix}', 'ratio')}"


def headline(answer: PromotionAnswer) -> str:
    """Say what all promotions together came to."""
    total, whose = answer.total, name_of(answer.manufacturer) or "All manufacturers"
    if not answer.events or not total:
        return f"No promotions of {whose} in {answer.category} are known."
    opening = (
        f"{whose} ran {counted(total['events'], 'promotion')} in {answer.category}. They sold "
        f"{units(total['incremental'])} extra units ({span(total, 'incremental', 'units')}); "
        f"{amount(total['subsidised_of_promoted'], 'percent')} of what was promoted would have "
        "sold anyway."
    )
    return " ".join(part for part in (opening, origin(total), _returns(answer)) if part)


def origin(row: Mapping[str, Any]) -> str:
    """Say where the extra units came from, the largest part first."""
    if row.get("incremental") is None:
        return ""
    parts = sorted(SOURCES, key=lambda name: -row[name])
    taken = [f"{units(row[name])} from {SOURCES[name]}" for name in parts if row[name] > 0]
    given = [f"{units(-row[name])} to {SOURCES[name]}" for name in parts if row[name] < 0]
    growth = row["category_growth"]
    way = "added to" if growth >= 0 else "taken off"
    parts = [*taken, f"{units(abs(growth))} {way} the category"]
    besides = f"; besides, promotion brought {listed(given)}" if given else ""
    return f"Where the extra came from: {listed(parts)}{besides}."


def _returns(answer: PromotionAnswer) -> str:
    total = answer.total
    if not answer.costed:
        return _before_cost(answer)
    if total["roi_net"] is None:
        margin = with_span(total, "costed_margin", "money", answer.currency)
        return f"{_of_costed(total)}They cost nothing and brought {margin} of margin. " + (
            together(total)
        )
    if not answer.planned:
        done = with_span(total, "roi_net", "ratio")
        return f"{_of_costed(total)}Net return, where 0 breaks even: {done}. {_as_it_ran(total)}"
    return f"{_of_costed(total)}Net return, where 0 breaks even: {_three(total)}. {together(total)}"


def _before_cost(answer: PromotionAnswer) -> str:
    """Say what promotions earned whose cost is not known, and so what they were worth."""
    total = answer.total
    if not answer.margined:
        return "Whether they paid is not known: what a unit earns is not loaded (unit_margin)."
    known = ""
    if total["events_with_margin"] != total["events"]:
        known = f"The margin is known for {units(total['events_with_margin'])} of them. "
    told = worth(total, answer.currency, ("They", "their"))
    return (
        f"{known}{told} Whether they paid is not known: their cost is not loaded (promotion_cost)."
    )


def _as_it_ran(total: Row) -> str:
    """Say the verdict where no plan is known: nothing is said of execution."""
    return "As they ran they lost money." if total["verdict"] == "bad_idea" else together(total)


def _of_costed(total: Row) -> str:
    if total["events_costed"] == total["events"]:
        return ""
    return f"Cost and margin are known for {units(total['events_costed'])} of them. "


def _three(total: Row) -> str:
    return (
        f"{signed(total['roi_net'], 'ratio')} as planned, "
        f"{signed(total['roi_net_where_executed'], 'ratio')} where executed, "
        f"{signed(total['roi_net_if_fully_executed'], 'ratio')} if fully executed"
    )


def together(total: Mapping[str, Any]) -> str:
    """Say the verdict on all promotions together."""
    return {
        "paid": "Together they paid off.",
        "badly_executed": "Together they were badly executed, not a bad idea: in every store "
        "agreed they would have paid.",
        "bad_idea": "Together they were a bad idea: even in every store agreed they would have "
        "lost money.",
        "open": "Whether they paid together, the data do not tell.",
        "no_cost": "Whether they paid is not known.",
        "no_margin": "Whether they paid is not known.",
    }[total["verdict"]]


def break_even(answer: PromotionAnswer) -> str:
    """Say how strongly stores that did not execute must respond for full execution to pay."""
    if not (answer.planned and answer.costed):
        return ""
    ratio, needed = answer.of_category("ratio_of_not_executed"), answer.total["break_even_ratio"]
    told = _told(ratio)
    if needed is None:
        return f"Full execution does not pay back, even with the response counted with. {told}"
    if needed == 0:
        return f"It pays back as it is, whatever the other stores would do. {told}"
    return (
        "Full execution pays back if stores that did not execute would respond at least "
        f"{amount(needed, 'ratio')} times as strongly as counted with. {told}"
    )


def _told(ratio: Mapping[str, Any]) -> str:
    if not ratio:
        return ""
    reach = f"{amount(ratio['low'], 'ratio')} to {amount(ratio['high'], 'ratio')}"
    sure = "" if ratio["known"] else ", which the data hardly tell"
    return (
        f"Counted with is {amount(ratio['value'], 'ratio')} times ({reach}) the response of the "
        f"stores that did{sure}."
    )


def borrowed(share: float | None) -> str:
    """Say how much of an item's responses is the category's.

    Examples
    --------
    >>> borrowed(0.1), borrowed(0.5), borrowed(0.95)
    ('mostly its own', "in part its category's", "mostly its category's")
    """
    if share is None:
        return MISSING
    if share < 1 / 3:
        return "mostly its own"
    return "mostly its category's" if share > 2 / 3 else "in part its category's"
