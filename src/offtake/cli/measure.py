"""``offtake measure``: ask one measure one question."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from offtake.cli.options import (
    DEFAULT_STORE,
    Format,
    FormatOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_records, say
from offtake.units import unit_label

if TYPE_CHECKING:
    from offtake.calendars import Period
    from offtake.measures.measure import Measure
    from offtake.units import Unit


class Compared(StrEnum):
    """What a period can be set against."""

    previous = "previous"
    year_ago = "year-ago"
    restated = "restated"
    nrf_week = "nrf-week"


MeasureArgument = Annotated[str, typer.Argument(metavar="MEASURE", help="See: offtake measures")]
ByOption = Annotated[
    list[str] | None, typer.Option(help="Group by this; repeat or separate by commas.")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(help="Filter: dimension=value, dimension=one|other, dimension!=value."),
]
PeriodOption = Annotated[
    str | None, typer.Option(help="2017, 2017-Q3, 2017-W05..2017-W12, ytd, 'latest 4 weeks'.")
]
AgainstOption = Annotated[Compared | None, typer.Option(help="Set it against an earlier period.")]
SumOverOption = Annotated[
    list[str] | None, typer.Option(help="Sum the values over this grouping again.")
]
EngineOption = Annotated[
    str,
    typer.Option(
        envvar="OFFTAKE_ENGINE",
        help="What works it out: duckdb, spark or local (Spark here), spark://HOST:PORT.",
    ),
]
SparkDataOption = Annotated[
    str | None,
    typer.Option(
        envvar="OFFTAKE_SPARK_DATA",
        help="Exported tables for Spark to read; without it the store is exported first.",
    ),
]


def measure(
    measure_id: MeasureArgument,
    *,
    by: ByOption = None,
    where: WhereOption = None,
    period: PeriodOption = None,
    against: AgainstOption = None,
    sum_over: SumOverOption = None,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    engine: EngineOption = "duckdb",
    spark_data: SparkDataOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Ask a measure of the catalogue by any grouping that makes sense for it."""
    from offtake.calendars import parse_period
    from offtake.data.engine import open_engine
    from offtake.measures.ask import ask
    from offtake.measures.catalogue import measure as find

    found = find(measure_id)
    schema = schema_for(simulated=simulated)
    with open_engine(store, name=engine, spark_data=spark_data, schema=schema) as opened:
        tables = opened.tables()
        weeks = None if period is None else parse_period(period, loaded=tables.span)
        answer = opened.run(
            ask(
                tables,
                measure_id,
                by=_names(by),
                where=where or (),
                period=weeks,
                against=None if against is None else against.value,
                sum_over=_names(sum_over),
            )
        )
    label = "" if form is Format.table else tables.label
    print_records(
        [*answer.column_names, *(["label"] if label else [])],
        [row | ({"label": label} if label else {}) for row in answer.to_pylist()],
        form,
        title="\n".join(filter(None, (tables.label, _title(found, weeks)))),
        units=_units(found),
    )
    if form is Format.table and found.trap:
        say(f"Beware: {found.trap}")


def _units(found: Measure) -> dict[str, Unit]:
    own = dict.fromkeys(("value", "value_against", "change"), found.unit)
    if found.unit == "percent":
        own["change"] = "points"
    return {**own, "change_percent": "percent"}


def _names(given: list[str] | None) -> list[str]:
    return [name.strip() for text in given or () for name in text.split(",") if name.strip()]


def _title(found: Measure, weeks: Period | None) -> str:
    when = "all weeks loaded" if weeks is None else (
        f"{weeks.label}: {weeks.weeks} weeks, {weeks.first_week} to {weeks.last_week} (Mondays)"
    )  # fmt: skip
    return (
        f"{found.title} ({unit_label(found.unit)})\n{found.definition}\n"
        f"value = {found.formula}\nPeriod: {when}"
    )
