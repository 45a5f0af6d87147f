"""Marketing's own subjects on the scoreboard: what was spent on media, and what people think."""

from __future__ import annotations

from offtake.report.exhibits import Charted, Group, kept, spec, tables_of
from offtake.report.figures import By, listing, single_tiles
from offtake.report.run import Row, Run
from offtake.report.words import amount

MEDIA = (
    spec("own_voice", "Media spend", "money", "spend"),
    spec("own_voice", "Share of voice", "percent"),
    spec("own_esov", "Value share", "percent", "value_share"),
    spec("own_esov", "Excess share of voice", "points", style="sign"),
)
VOICES = (
    spec("share_of_voice", "Media spend", "money", "spend"),
    spec("share_of_voice", "Share of voice", "percent"),
    spec("esov", "Value share", "percent", "value_share"),
    spec("esov", "Excess share of voice", "points", style="sign"),
)
CHANNELS = (
    spec("media_channels", "Our spend", "money", "spend"),
    spec("media_channels", "Spend of the category", "money", "market_spend"),
    spec("media_channels", "Share of voice", "percent"),
)
STAGES = (
    spec("funnel_aware", "Know it", "percent"),
    spec("funnel_considered", "Would consider it", "percent"),
    spec("funnel_tried", "Have bought it", "percent"),
    spec("funnel_repeat", "Bought it again", "percent"),
    spec("funnel_loyal", "Buy it most", "percent"),
)
STEPS = (
    spec("conversion_consideration", "Of those who know it, consider it", "percent"),
    spec("conversion_trial", "Of those, have bought it", "percent"),
    spec("conversion_repeat", "Of those, bought it again", "percent"),
    spec("conversion_loyalty", "Of those, buy it most", "percent"),
)
MINDS = (
    spec("mental_share", "Mental share", "percent"),
    spec("mental_vs_physical", "Physical share", "percent", "physical_share"),
    spec("mental_vs_physical", "Mental less physical", "points", style="sign"),
)


def mind_groups(of: Charted) -> tuple[Group, ...]:
    """Return the groups on media and on the brand, those that there are data for."""
    return tuple(group for group in (_media(of), _brand(of)) if group.filled)


def _media(of: Charted) -> Group:
    exhibits = [
        of.exhibit(
            "Media spend and sales by week",
            ["weekly_media", "weekly_sales"],
            text=f"Bars: what our brands spent{_in(of.run)} (left). Line: value sales"
            f"{_in(of.run)} (right). Both begin at zero. That they move together is no proof "
            "that one moves the other.",
            chart="weekly_media",
            wide=True,
        ),
        of.exhibit(
            "Share of voice against share of sales, by brand",
            tables_of(VOICES),
            text="Brands whose share of voice exceeds their share of sales tend to grow.",
            grid=listing(of.run, "Media and sales by brand", _brands(of.run), VOICES),
            wide=True,
        ),
        of.exhibit(
            "Media spend by channel",
            tables_of(CHANNELS),
            text="Where our brands spend, and their part of what the category spends there.",
            grid=listing(of.run, "Spend of our brands by channel", CHANNEL, CHANNELS),
            wide=True,
        ),
    ]
    return Group(
        key="media",
        title="Media",
        sentence=_media_sentence(of.run),
        tiles=single_tiles(of.run, MEDIA),
        exhibits=kept(exhibits),
    )


CHANNEL = By(
    column="channel",
    heading="Channel",
    label=lambda row: str(row["channel"]).capitalize(),
    largest="spend",
)


def _brands(run: Run) -> By:
    frame = run.manifest.frame
    return By(column="brand", heading="Brand", names=frame.shown_brands, own=frame.brands)


def _in(run: Run) -> str:
    currency = run.manifest.frame.currency
    return f", {currency}" if currency else ""


def _media_sentence(run: Run) -> str:
    row = _only(run, "own_esov")
    spent = _only(run, "own_voice")
    if not row or row["value"] is None or spent.get("value") is None:
        return ""
    way = "above" if row["value"] >= 0 else "below"
    return (
        f"Our brands spent {amount(spent['spend'], 'money', run.manifest.frame.currency)} on media "
        f"in the period: {amount(row['share_of_voice'], 'percent')} of what the category spent, "
        f"for {amount(row['value_share'], 'percent')} of its sales. That is "
        f"{amount(abs(row['value']), 'points')} points {way} the share of sales."
    )


def _only(run: Run, table: str) -> Row:
    return next(iter(run.rows(table)), {})


def _brand(of: Charted) -> Group:
    exhibits = [
        of.exhibit(
            "From knowing a brand to buying it most",
            tables_of(STAGES),
            text="Per cent of the people asked, ours above the main rival; the thin lines are "
            "95 % intervals.",
            chart="funnel",
            grid=listing(of.run, "Of the people asked", _brands(of.run), STAGES),
        ),
        of.exhibit(
            "More heads or more stores?",
            tables_of(MINDS),
            text="Mental share: part of all first mentions of a brand. Physical share: part of "
            "the distribution of the same brands. Above zero, more stores are the lever; below "
            "it, more heads.",
            grid=listing(of.run, "Mental against physical share", _brands(of.run), MINDS),
        ),
        of.exhibit(
            "Where people drop out",
            tables_of(STEPS),
            text="Each step as per cent of those who took the step before, with its 95 % interval.",
            grid=listing(of.run, "Conversion from step to step", _brands(of.run), STEPS),
            wide=True,
        ),
    ]
    return Group(
        key="brand",
        title="Brand",
        sentence=_brand_sentence(of.run),
        tiles=(),
        exhibits=kept(exhibits),
    )


def _brand_sentence(run: Run) -> str:
    first = next(iter(run.manifest.frame.brands), "")
    know, most, lever = (
        next((row for row in run.rows(table) if row["brand"] == first), {})
        for table in ("funnel_aware", "funnel_loyal", "mental_vs_physical")
    )
    parts = []
    if know and most:
        parts.append(
            f"Of the people asked, {amount(know['value'], 'percent')} know {first} and "
            f"{amount(most['value'], 'percent')} buy it most."
        )
    if lever and lever["value"] is not None:
        parts.append(_lever(lever))
    return " ".join(parts)


def _lever(row: Row) -> str:
    heads, stores = (amount(row[name], "percent") for name in ("mental_share", "physical_share"))
    more = "stores" if row["value"] >= 0 else "heads"
    return (
        f"It has {heads} of the first mentions and {stores} of the distribution: more {more} are "
        "the lever."
    )
