"""Writes the page on the twin, docs/explanation/the-twin.md, and its pictures.

``python -m docs.twin`` builds a twin, describes it and the real data by the same code, and writes
both side by side. It needs the demo's store (``make demo SERVE=0``) and FreshRetailNet.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from docs.twin_numbers import SPEC, Numbers, numbers
from docs.twin_pictures import pictures
from docs.twin_words import (
    DIFFERENCES,
    INTRODUCTION,
    METHOD,
    OUTAGE_WORDS,
    PUBLISHED_WORDS,
    SHOPPER_WORDS,
    TRUTH_TABLES,
)
from offtake.twin.assumptions import assumption_rows
from offtake.twin.label import TWIN, Label
from offtake.validation.likeness import Line, Side, compare, correlation, distance

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "explanation" / "the-twin.md"
PICTURES = ROOT / "docs" / "explanation" / "the-twin"
STOCK = "freshretailnet_sample.parquet"
POISSON = 1e5
LABEL = Label(TWIN, SPEC.seed).text
RIGHT = "--:"
EXCEPTIONS = 1
"""Categories in which a difference may point the other way and still be called one-sided."""


def page(found: Numbers) -> str:
    """Return the page."""
    return "\n".join(
        [
            INTRODUCTION.format(label=LABEL, spec=_spec_words()),
            METHOD,
            *_compared(found),
            *_by_category(found),
            *_picture("round-trip", "Each dot is a category; on the line both are the same."),
            *_picture("responses", "Estimates with two standard errors either way, by the same "
                      "estimator, and what the twin was given; the largest errors reach beyond."),
            *_picture("season", "Log sales by week, promotions taken out; the line is the season "
                      "with its holidays that the twin was given."),
            *_season_table(found),
            DIFFERENCES,
            OUTAGE_WORDS,
            *_outages(found),
            *_picture("outages", "How long out-of-stocks last, and on which days they start."),
            PUBLISHED_WORDS,
            *_published(found),
            *_picture("bump", "Where the volume of promotions comes from."),
            SHOPPER_WORDS,
            *_shoppers(found),
            *_picture("shoppers", "Penetration and purchase frequency by category."),
            *_truth(),
            *assumptions(),
        ]
    )  # fmt: skip


def _spec_words() -> str:
    return (
        f"{SPEC.stores} stores, {SPEC.weeks} weeks from {SPEC.first_week}, {SPEC.items} items in "
        f"each of ten categories, {SPEC.households:,} households"
    )


def table(heads: Mapping[str, str], rows: list[list[str]]) -> Iterator[str]:
    """Return a Markdown table; `heads` are its columns with their alignment."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "|".join(heads.values()) + "|"
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""


def _picture(name: str, caption: str) -> Iterator[str]:
    yield f"![{caption} Simulated data beside real data.](the-twin/{name}.svg)"
    yield ""
    yield f"*{caption} Simulated numbers: {LABEL}.*"
    yield ""


def shown(value: float, unit: str) -> str:
    """Return a number as the page shows it: shares in percent, two decimals otherwise.

    Examples
    --------
    >>> shown(0.125, "%"), shown(-0.001, "log"), shown(1e6, "k")
    ('12.5', '0.00', 'Poisson')
    """
    if not np.isfinite(value):
        return ""
    if unit == "k" and value > POISSON:
        return "Poisson"
    text = f"{100 * value:.1f}" if unit == "%" else f"{value:.2f}"
    return text.removeprefix("-") if not float(text) else text


def _compared(found: Numbers) -> Iterator[str]:
    yield from ("## The twin's panel beside the real one", "")
    yield (
        "Median over the ten categories, with the lowest and the highest; of a response the mean, "
        "weighed by precision, with its standard error. Correlation is over "
        "categories: near 1, the categories that stand out in the real data stand out in the twin. "
        f"A row is a store, an item and a week. Simulated numbers: {LABEL}."
    )
    yield ""
    heads = {
        "statistic": "---", "unit": "---", "real": RIGHT, "lowest to highest": RIGHT,
        "twin": RIGHT, "lowest to highest ": RIGHT, "correlation": RIGHT, "twin higher in": RIGHT,
    }  # fmt: skip
    lines = compare(found.real, found.twin)
    yield from table(heads, [_line(line) for line in lines])
    yield from _one_sided(lines)


def _line(line: Line) -> list[str]:
    unit = line.statistic.unit
    return [
        line.statistic.title,
        unit,
        *_side(line.real, unit),
        *_side(line.twin, unit),
        f"{line.correlation:.2f}" if np.isfinite(line.correlation) and unit != "k" else "",
        f"{line.higher} of {line.categories}",
    ]


def _one_sided(lines: list[Line]) -> Iterator[str]:
    """Name what differs to one side in nearly all categories."""
    lower = [line.statistic.title for line in lines if line.higher <= EXCEPTIONS]
    higher = [line.statistic.title for line in lines if line.higher >= line.categories - EXCEPTIONS]
    yield (
        "What differs to one side in at least nine of the ten categories is hardly an accident of "
        f"the draw. Lower in the twin: {'; '.join(lower) or 'nothing'}. Higher in the twin: "
        f"{'; '.join(higher) or 'nothing'}. Most reasons stand under [what differs by "
        "design](#what-differs-by-design)."
    )
    yield ""


def _side(side: Side, unit: str) -> tuple[str, str]:
    error = f" ± {side.error:.2f}" if np.isfinite(side.error) else ""
    return shown(side.middle, unit) + error, f"{shown(side.low, unit)} to {shown(side.high, unit)}"


BY_CATEGORY = (
    ("rows without a sale, %", "zero_share", "%"),
    ("usual rate, mean, log", "rate_mean", "log"),
    ("usual rate, spread of items, log", "rate_sd", "log"),
    ("rows on display, %", "display_share", "%"),
    ("rows in a leaflet, %", "feature_share", "%"),
    ("run of supported weeks", "event_weeks_mean", "weeks"),
    ("elasticity to the price cut", "elasticity_promoted", "elasticity"),
    ("lift of a display, log", "display", "log"),
    ("lift of a leaflet, log", "feature", "log"),
)


def _by_category(found: Numbers) -> Iterator[str]:
    yield from ("### The round trip, category by category", "")
    yield (
        "Measured on the real panel, given to the twin, and measured again on the twin's panel. "
        "With a standard error where there is one; what the twin is given of a response is the "
        "measured one moved towards all categories by its error."
    )
    heads = {"category": "---", "real": RIGHT, "given": RIGHT, "twin (simulated)": RIGHT}
    for title, key, unit in BY_CATEGORY:
        yield from ("", f"<details><summary>{title}</summary>", "")
        rows = [
            [
                name.capitalize(),
                _with_error(found.real[name].numbers, found.real[name].errors, key, unit),
                shown(found.given[name].get(key, float("nan")), unit),
                _with_error(found.twin[name].numbers, found.twin[name].errors, key, unit),
            ]
            for name in found.categories
        ]
        yield from table(heads, rows)
        yield "</details>"
    yield ""


def _with_error(
    values: Mapping[str, float], errors: Mapping[str, float], key: str, unit: str
) -> str:
    text = shown(values[key], unit)
    return f"{text} ± {errors[key]:.2f}" if key in errors else text


def _season_table(found: Numbers) -> Iterator[str]:
    heads = {
        "category": "---", "weeks, correlation": RIGHT, "weeks, rms difference, log": RIGHT,
        "sd of the real weeks, log": RIGHT, "twin's weeks with what it was given": RIGHT,
    }  # fmt: skip
    rows = []
    for name in found.categories:
        real, twin = found.real[name].weeks, found.twin[name].weeks
        rows.append(
            [
                name.capitalize(),
                f"{correlation(real, twin):.2f}",
                f"{distance(real, twin):.2f}",
                f"{real.std():.2f}",
                f"{correlation(found.calendar[name], twin):.2f}",
            ]
        )
    yield from table(heads, rows)


def _outages(found: Numbers) -> Iterator[str]:
    real, twin = found.stock_real, found.stock_twin
    heads = {
        "out-of-stocks": "---",
        "unit": "---",
        "FreshRetailNet": RIGHT,
        "twin (simulated)": RIGHT,
    }
    rows = [["out of stock", "% of open time", *(shown(s.level, "%") for s in (real, twin))]]
    for place, share in enumerate((10, 25, 50, 75, 90)):
        hours = (f"{s.quantiles[place]:.0f}" for s in (real, twin))
        rows.append([f"duration, {share} % are shorter or as long", "open hours", *hours])
    slopes = (f"{s.promotion_slope:.2f} ± {s.promotion_slope_se:.2f}" for s in (real, twin))
    rows.append(["starts, by depth of the price cut", "log-odds per unit", *slopes])
    weekend = (f"{s.weekday[5:].mean() / s.weekday[:5].mean():.2f}" for s in (real, twin))
    rows.append(["starts on Saturday and Sunday over other days", "ratio", *weekend])
    rows.append(["series of store and item", "number", f"{real.series:,}", f"{twin.series:,}"])
    yield from table(heads, rows)


def _published(found: Numbers) -> Iterator[str]:
    done, volume, media = found.execution, found.bump, found.media
    others = volume.own_other_items + volume.competitors
    heads = {"what": "---", "unit": "---", "published": RIGHT, "twin (simulated)": RIGHT}
    media_words = f"{media.mean:.2f} ({media.low:.2f} to {media.high:.2f} by brand)"
    rows = [
        ["displays that never reach the floor", "%", "29", shown(done.never, "%")],
        ["agreed days that the others stand", "%", "62", shown(done.days, "%")],
        ["promotion volume from other items", "%", "33 and 22", shown(others, "%")],
        ["promotion volume from other weeks", "%", "33 and 6", shown(volume.other_weeks, "%")],
        ["promotion volume that is growth", "%", "33 and 72", shown(volume.growth, "%")],
        ["elasticity to advertising", "elasticity", "0.12", media_words],
    ]
    yield from table(heads, rows)


def _shoppers(found: Numbers) -> Iterator[str]:
    heads = {
        "category": "---", "% that buy, real": RIGHT, "twin": RIGHT, "purchases, real": RIGHT,
        "twin ": RIGHT, "NBD shape, real": RIGHT, "twin  ": RIGHT,
        "share of requirements, %, real": RIGHT, "twin   ": RIGHT,
    }  # fmt: skip
    rows = []
    for name in found.categories:
        one, other = found.shoppers_real[name], found.shoppers_twin[name]
        cells = [
            (shown(s.penetration, "%"), f"{s.frequency:.1f}", f"{s.shape:.2f}",
             shown(s.loyalty, "%"))
            for s in (one, other)
        ]  # fmt: skip
        pairs = [cell for both in zip(*cells, strict=True) for cell in both]
        rows.append([name.capitalize(), *pairs])
    yield from table(heads, rows)


def _truth() -> Iterator[str]:
    yield from ("## What the truth tables hold", "")
    yield "`demand` and `effect` are written with `--truth rows` only."
    yield ""
    yield from table(
        {"truth table": "---", "holds": "---"},
        [[f"`{name}`", meaning] for name, meaning in TRUTH_TABLES.items()],
    )


def assumptions() -> Iterator[str]:
    """Return the table of the named assumptions, from the code."""
    yield from ("## Named assumptions", "")
    yield (
        "Everything in the twin that is not measured on real data, from "
        "`offtake.twin.assumptions`. A value said to be published is a literature mean; the "
        "others are our judgement."
    )
    yield ""
    heads = {"assumption": "---", "value": RIGHT, "unit": "---", "why": "---"}
    rows = [
        [f"`{row['assumption']}`", f"{row['value']:g}", str(row["unit"]), str(row["why"])]
        for row in assumption_rows()
    ]
    yield from table(heads, rows)


def main() -> None:
    """Write the page and its pictures."""
    data = os.environ.get("OFFTAKE_REFERENCE_DATA", str(ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, default=ROOT / "demo" / "offtake.duckdb")
    parser.add_argument("--freshretailnet", type=Path, default=Path(data) / STOCK)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = numbers(asked.store, asked.freshretailnet, Path(folder) / "twin")
    PICTURES.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(found), encoding="utf-8")
    for name, svg in pictures(found).items():
        (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
