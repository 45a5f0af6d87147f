"""The questions of the scoreboard, as data. A new table is a new line here."""

from __future__ import annotations

from collections.abc import Iterator

from offtake.calendars import Against
from offtake.pipeline.question import Question, Span

SIDES = ("manufacturer",)
ITEMS = ("manufacturer", "product_id", "subcategory", "pack_size")


def questions(against: Against) -> tuple[Question, ...]:
    """Return every question of the scoreboard.

    Parameters
    ----------
    against
        What the period is compared with: it decides which gain-loss analysis is asked for.

    Examples
    --------
    >>> [q.measure for q in questions("previous") if q.name == "switching"]
    ['switching']
    """
    return (*_for_both(), *_for_marketing(against), *_for_sales())


def _for_both() -> Iterator[Question]:
    yield _compared("own_sales", "sales_value")
    yield _compared("own_units", "sales_units")
    yield Question(name="category_sales", measure="sales_value", compared=True)
    yield _versus("sales_value", "sales_value")
    yield _versus("value_share", "value_share")
    for span in ("now", "before"):
        yield _identity("household_identity", "household_identity_value", span)
        yield _identity("store_identity", "sales_identity", span)


def _for_marketing(against: Against) -> Iterator[Question]:
    yield _versus("penetration", "penetration")
    yield _versus("purchase_frequency", "purchase_frequency")
    yield _versus("buy_rate_value", "buy_rate_value")
    yield _versus("repeat_rate", "repeat_rate_buyers_with_2plus")
    yield _versus("scr", "scr")
    gain_loss = "switching_year_ago" if against == "year-ago" else "switching"
    yield Question(name="switching", measure=gain_loss, by=SIDES, where="shown")
    yield Question(name="duplication", measure="duplication_of_purchase", by=SIDES, where="shown")
    yield _versus("fair_share_index", "fair_share_index")


def _for_sales() -> Iterator[Question]:
    yield _versus("numeric_distribution", "numeric_distribution")
    yield _versus("weighted_distribution", "weighted_distribution_acv")
    yield _versus("rate_of_sale", "rate_of_sale")
    yield _versus("average_price", "average_price")
    yield _versus("promoted_share", "promoted_share")
    yield Question(
        name="item_distribution", measure="weighted_distribution_acv", by=ITEMS, where="shown"
    )
    yield Question(name="item_rate_of_sale", measure="rate_of_sale", by=ITEMS, where="shown")
    yield Question(name="voids", measure="void_stores", by=("store_id",), where="own")
    yield Question(name="category_by_store", measure="sales_value", by=("store_id",))
    yield _weekly("weekly_sales", "sales_value")
    yield _weekly("weekly_price", "average_price")
    yield _weekly("weekly_regular_price", "regular_price")
    yield _weekly("weekly_display", "display_support")
    yield _weekly("weekly_feature", "feature_support")


def _compared(name: str, measure: str) -> Question:
    return Question(name=name, measure=measure, where="own", compared=True)


def _versus(name: str, measure: str) -> Question:
    """Ask for ours and the main competitors' figures, with the earlier weeks beside."""
    return Question(name=name, measure=measure, by=SIDES, where="shown", compared=True)


def _identity(name: str, measure: str, span: Span) -> Question:
    return Question(name=f"{name}_{span}", measure=measure, where="own", span=span)


def _weekly(name: str, measure: str) -> Question:
    return Question(name=name, measure=measure, by=("week",), where="own", span="everything")
