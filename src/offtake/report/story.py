"""What moved, in plain words, from the tables of a run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from offtake.report.charts import HOUSEHOLD_LABELS, STORE_LABELS
from offtake.report.run import Row, Run
from offtake.report.words import Change, against_label, amount, change, days_label, name_of, signed

SPLITS = ("households_decomposition", "stores_decomposition")
SAME = 0.005
"""How far two totals may be apart and still be of the same sales, as a fraction."""
PHRASES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "households": ("more households shopped at all", "fewer households shopped at all"),
        "penetration": (
            "a larger part of households bought it",
            "a smaller part of households bought it",
        ),
        "buy_rate": ("each buyer spent more", "each buyer spent less"),
        "stores_in_universe": ("more stores traded", "fewer stores traded"),
        "distribution_fraction": ("more of the stores sold it", "fewer of the stores sold it"),
        "rate_of_sale": (
            "it sold faster where it was sold",
            "it sold more slowly where it was sold",
        ),
        "weeks": ("there were more weeks", "there were fewer weeks"),
        "average_price": ("shoppers paid more per unit", "shoppers paid less per unit"),
    }
)
"""Factor to what is said of it when it added to sales, and when it took from them."""


def headline(run: Run) -> str:
    """Say what we sold and how our share moved."""
    frame, sales = run.manifest.frame, _first(run, "own_sales")
    moved = change(sales, "money")
    text = (
        f"{name_of(frame.manufacturer)} sold {amount(sales['value'], 'money', frame.currency)} of "
        f"{frame.category} in the period, {_than(moved)} in {against_label(frame)}."
    )
    share = own_row(run, "value_share")
    if share and share["value"] is not None:
        text += f" {_share_sentence(share)}"
    return text


def _first(run: Run, table: str) -> Row:
    rows = run.rows(table)
    return rows[0] if rows else {"value": None, "change": None, "change_percent": None}


def own_row(run: Run, table: str) -> Row:
    """Return our row of a table by manufacturer; empty where there is none."""
    own = run.manifest.frame.manufacturer
    return next((row for row in run.rows(table) if row["manufacturer"] == own), {})


def _than(moved: Change) -> str:
    if moved.direction == "flat":
        return "as much as"
    if not moved.direction:
        return "against nothing"
    return f"{moved.text[1:]} {'more' if moved.direction == 'up' else 'less'} than"


def _share_sentence(share: Row) -> str:
    moved = change(share, "percent")
    level = amount(share["value"], "percent")
    if moved.direction not in ("up", "down"):
        return f"Its share of the category stayed at {level}."
    verb = "grew" if moved.direction == "up" else "fell"
    points = moved.text[1:].replace("pts", "points")
    return f"Its share of the category {verb} {points} to {level}."


def panel_share(run: Run) -> float | None:
    """Return what part of the sales in stores the households bought that the run knows.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    float or None
        A fraction; None where both are the same sales, or one of them is not known.
    """
    totals = [rows[0]["total_after"] for name in SPLITS if (rows := run.rows(name))]
    if len(totals) < len(SPLITS) or not totals[1]:
        return None
    share = float(totals[0] / totals[1])
    return None if abs(share - 1) <= SAME else share


def through(run: Run, table: str) -> str:
    """Say which factor moved sales most, and what went the other way.

    Parameters
    ----------
    run
        The run.
    table
        ``households_decomposition`` or ``stores_decomposition``.

    Returns
    -------
    str
        One sentence; empty where the table is missing or nothing moved.
    """
    rows = sorted(run.rows(table), key=lambda row: -abs(row["part"]))
    if not rows or round(rows[0]["part"], 2) == 0:
        return ""
    currency = run.manifest.frame.currency
    side = "households" if table.startswith("households") else "stores"
    if side == "households" and panel_share(run) is not None:
        side = "the households of the panel"
    text = f"Seen through {side}, what counted most is that {_phrase(rows[0], currency)}"
    other = next((row for row in rows[1:] if row["part"] * rows[0]["part"] < 0), None)
    if other is None or round(other["part"], 2) == 0:
        return f"{text}."
    return f"{text}; against that, {_phrase(other, currency)}."


def _phrase(row: Row, currency: str) -> str:
    more, less = PHRASES[row["factor"]]
    return f"{more if row['part'] > 0 else less} ({_part(row, currency)})"


def _part(row: Row, currency: str) -> str:
    return signed(row["part"], "money", currency, scale=row["total_after"])


def marketing(run: Run) -> str:
    """Say how many households buy us, and whether they are moving to or from competitors."""
    parts = []
    reach = own_row(run, "penetration")
    if reach:
        parts.append(
            f"{amount(reach['value'], 'percent')} of households bought it in the period"
            f"{_moved(change(reach, 'percent'))}."
        )
    switching = own_row(run, "switching")
    if switching:
        net = switching["net_switching"]
        way = "from" if net > 0 else "to"
        parts.append(
            f"Of a change of {signed(switching['value'], 'units')} units, net switching {way} "
            f"competitors accounts for {signed(net, 'units')}."
        )
    parts.append(_fair_share(own_row(run, "fair_share_index")))
    return " ".join(part for part in parts if part)


def _moved(moved: Change) -> str:
    if moved.direction == "flat":
        return ", as before"
    return f" ({moved.text.replace('pts', 'points')})" if moved.direction else ""


def _fair_share(row: Row) -> str:
    if not row or row["value"] is None:
        return ""
    level = "more than" if row["value"] > 100.5 else "less than" if row["value"] < 99.5 else "just"
    return (
        f"It has {amount(row['share_of_support'], 'percent')} of the category's promotion support "
        f"for {amount(row['share_of_sales'], 'percent')} of its sales: {level} its fair share "
        f"(index {amount(row['value'], 'index')})."
    )


def sales(run: Run) -> str:
    """Say where we are sold, how fast, and what is missing."""
    parts = []
    reach = own_row(run, "numeric_distribution")
    if reach:
        parts.append(
            f"{amount(reach['value'], 'percent')} of stores sold it"
            f"{_moved(change(reach, 'percent'))}"
            f"{_at_speed(own_row(run, 'rate_of_sale'))}."
        )
    if "voids_by_store" in run.table_names:
        parts.append(_voids(run.rows("voids_by_store"), run))
    return " ".join(parts)


def _at_speed(row: Row) -> str:
    return f", at {amount(row['value'], 'per_store_week')} units a week each" if row else ""


def _voids(rows: list[Row], run: Run) -> str:
    if not rows:
        return "Every store that sold the category sold it too."
    count = f"{len(rows):,} store{'s' if len(rows) > 1 else ''}"
    top = amount(rows[0]["category_sales"], "money", run.manifest.frame.currency)
    return f"{count} sold the category without it; the largest of them sold {top} of the category."


def period(run: Run) -> str:
    """Say in words which days the period covers."""
    frame = run.manifest.frame
    return days_label(frame.first_week, frame.last_week)


FACTOR_LABELS: Mapping[str, str] = MappingProxyType({**HOUSEHOLD_LABELS, **STORE_LABELS})
"""Factor to the words that stand for it on the page."""
