"""The questions of the scoreboard, as data. A new table is a new line here."""

from __future__ import annotations

from collections.abc import Iterator

from offtake.calendars import Against
from offtake.pipeline.question import Question, Span, Where

SIDES = ("manufacturer",)
DISPLAYS = {"display_found": "display_compliance", "display_days": "display_compliance_days"}
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
    return (
        *_for_both(),
        *_for_marketing(against),
        *_media(),
        *_brand(),
        *_for_sales(),
        *_shelf(),
        *_field_notes(),
        *_people(),
    )


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


def _media() -> Iterator[Question]:
    for name, measure in (("own_voice", "share_of_voice"), ("own_esov", "esov")):
        yield Question(name=name, measure=measure, where="own_brands", compared=True)
    yield _by_brand("share_of_voice", "share_of_voice", compared=True)
    yield _by_brand("esov", "esov", compared=True)
    yield Question(
        name="media_channels", measure="share_of_voice", by=("channel",), where="own_brands"
    )
    yield Question(
        name="weekly_media", measure="share_of_voice", by=("week",), where="own_brands",
        span="everything",
    )  # fmt: skip


def _brand() -> Iterator[Question]:
    for stage in ("aware", "considered", "tried", "repeat", "loyal"):
        yield _by_brand(f"funnel_{stage}", f"funnel_{stage}")
    for step in ("consideration", "trial", "repeat", "loyalty"):
        yield _by_brand(f"conversion_{step}", f"funnel_conversion_{step}")
    yield _by_brand("mental_share", "mental_share")
    yield _by_brand("mental_vs_physical", "mental_vs_physical")


def _shelf() -> Iterator[Question]:
    for variant in ("time", "shopper", "audit"):
        yield _compared(f"availability_{variant}", f"availability_{variant}")
    for name, measure in DISPLAYS.items():
        yield _display(name, measure)
        yield _display(f"{name}_by_retailer", measure, by=("retailer",))
    yield _display("display_by_maker", "display_compliance", by=SIDES, where="shown")
    yield _compared("weeks_of_cover", "weeks_of_cover")
    yield _versus("share_of_shelf", "share_of_shelf")
    yield _versus("share_of_shelf_cm", "share_of_shelf_cm")
    for name in ("availability_time", "availability_audit", "share_of_shelf", "weeks_of_cover"):
        yield Question(name=f"{name}_by_retailer", measure=name, by=("retailer",), where="own")
    yield _weekly("weekly_availability_time", "availability_time")
    yield _weekly("weekly_availability_audit", "availability_audit")


def _field_notes() -> Iterator[Question]:
    for measure in ("notes_count", "answer_rate", "answer_time_median", "answer_time_p90"):
        yield _of_company(measure, measure, compared=True)
        for by in ("team", "topic"):
            yield _of_company(f"{measure}_by_{by}", measure, by=(by,))


def _people() -> Iterator[Question]:
    for measure in ("quota_attainment", "quota_share_at_100"):
        yield _of_company(measure, measure, by=("metric",), compared=True)
        yield _of_company(f"{measure}_by_team", measure, by=("team", "metric"))
    yield _of_company("over_assignment", "over_assignment", by=("metric",), compared=True)
    for measure in ("headcount", "staff_turnover", "staff_turnover_voluntary"):
        yield _of_company(measure, measure, compared=True)
        yield _of_company(f"{measure}_by_team", measure, by=("team",))


def _compared(name: str, measure: str) -> Question:
    return Question(name=name, measure=measure, where="own", compared=True)


def _versus(name: str, measure: str) -> Question:
    """Ask for ours and the main competitors' figures, with the earlier weeks beside."""
    return Question(name=name, measure=measure, by=SIDES, where="shown", compared=True)


def _identity(name: str, measure: str, span: Span) -> Question:
    return Question(name=f"{name}_{span}", measure=measure, where="own", span=span)


def _weekly(name: str, measure: str) -> Question:
    return Question(name=name, measure=measure, by=("week",), where="own", span="everything")


def _by_brand(name: str, measure: str, *, compared: bool = False) -> Question:
    return Question(name=name, measure=measure, by=("brand",), where="brands", compared=compared)


def _display(
    name: str, measure: str, *, by: tuple[str, ...] = (), where: Where = "own"
) -> Question:
    """Ask what became of agreed displays: a display that nobody looked for counts as missing."""
    return Question(
        name=name, measure=measure, by=by, where=where, compared=not by, beside=("audit_line",)
    )


def _of_company(
    name: str, measure: str, *, by: tuple[str, ...] = (), compared: bool = False
) -> Question:
    return Question(name=name, measure=measure, by=by, where="company", compared=compared)
