from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from offtake_web.api.schemas.base import Sent

EXAMPLE_RUN = "20261127T041414812Z-62595e97"


class RunLine(Schema):
    """One run in the list."""

    run_id: str = Field(examples=[EXAMPLE_RUN])
    published: bool
    readable: bool = Field(description="False where its files are damaged.", examples=[True])
    created: str | None = Field(examples=["2026-11-27T04:14:14+00:00"])
    category: str | None = Field(examples=["BAG SNACKS"])
    manufacturer: str | None = Field(examples=["Alder"])
    first_week: str | None = Field(examples=["2024-12-30"])
    last_week: str | None = Field(examples=["2025-12-22"])
    simulated: str | None = Field(
        description="Which simulation its data come from; empty for real data.", examples=[""]
    )
    tables: int = Field(examples=[95])


class FrameShown(Schema):
    """Whose view of which market, over which weeks."""

    category: str
    manufacturer: str
    competitors: list[str]
    weeks: int = Field(examples=[52])
    first_week: str = Field(examples=["2024-12-30"])
    last_week: str = Field(examples=["2025-12-22"])
    before_first_week: str = Field(examples=["2024-01-01"])
    before_last_week: str = Field(examples=["2024-12-23"])
    against: str = Field(examples=["year-ago"])
    data_first_week: str = Field(examples=["2023-12-25"])
    data_last_week: str = Field(examples=["2025-12-22"])
    currency: str = Field(examples=["€"])
    simulated: str = Field(examples=[""])
    brands: list[str]
    rival_brands: list[str]


class LoadBehind(Schema):
    """A load that the run rests on."""

    load_id: int
    contract: str = Field(examples=["sales"])
    file: str = Field(examples=["sales-2026-w47.csv"])
    source: str
    vintage: str = Field(examples=["2026-11-27T04:10:00+00:00"])
    rows_in: int
    loaded: int
    replaced: int
    set_aside: int
    duplicate: int
    combined: int


class GapShown(Schema):
    """A table that could not be made, why, and what to load for it."""

    name: str
    measure: str
    title: str
    reason: str
    load: list[str]


class TableShown(Schema):
    """One table of a run and the question that it answers."""

    name: str = Field(examples=["sales_value_by_brand"])
    measure: str = Field(examples=["sales_value"])
    by: list[str] = Field(examples=[["brand"]])
    where: list[str] = Field(examples=[[]])
    first_week: str = Field(examples=["2024-12-30"])
    last_week: str = Field(examples=["2025-12-22"])
    against: str = Field(examples=[""])
    inputs: list[str] = Field(examples=[["sales"]])
    fingerprint: str = Field(description="Equal prints, equal tables.", examples=["5f1d"])
    sha256: str = Field(examples=["9c56"])
    rows: int = Field(examples=[12])
    seconds: float = Field(examples=[0.2])
    reused_from: str = Field(examples=[""])


class PassportShown(Schema):
    """Everything a reader needs to trust a figure."""

    measure: str = Field(examples=["sales_value"])
    title: str
    definition: str
    formula: str
    unit: str = Field(examples=["money"])
    additivity: str
    variant: str
    caveat: str
    sources: list[str]
    notes: list[str]
    label: str
    vintage: str = Field(examples=["2026-11-27T04:10:00+00:00"])
    weeks: str


class RunShown(RunLine):
    code_version: str = Field(examples=["0.7.0"])
    seeds: list[int] = Field(examples=[[7]])
    frame: FrameShown
    loads: list[LoadBehind]
    gaps: list[GapShown]
    table_names: list[str] = Field(examples=[["sales_value_by_brand"]])
    charts: list[str] = Field(examples=[["weekly_sales"]])
    pages: list[str] = Field(
        description="Pages that hold all they need.", examples=[["scoreboard.html"]]
    )


class Checked(Schema):
    damaged: list[str] = Field(
        description="Files that are not what the manifest says; empty where all is well.",
        examples=[[]],
    )


class DifferenceShown(Schema):
    name: str = Field(examples=["weeks"])
    before: str = Field(examples=["26"])
    after: str = Field(examples=["52"])


class FigureShown(Schema):
    label: str = Field(examples=["Alder"])
    before: float | None
    after: float | None
    change: float | None


class TableChangeShown(Schema):
    name: str
    title: str
    unit: str
    rows_before: int
    rows_after: int
    figures: list[FigureShown] = Field(description="Those that moved most.")


class ComparisonShown(Schema):
    """Two runs side by side: whether the world changed, or the data, the view or the method."""

    before: str = Field(examples=["20261120T041414812Z-1b2c3d4e"])
    after: str = Field(examples=[EXAMPLE_RUN])
    view: list[DifferenceShown]
    weeks: list[DifferenceShown]
    code: list[DifferenceShown]
    loads_new: list[LoadBehind]
    loads_gone: list[LoadBehind]
    tables: list[TableChangeShown] = Field(description="In both, and different.")
    tables_new: list[str]
    tables_gone: list[str]
    same: int = Field(description="Tables that are equal, byte for byte.", examples=[80])


ModelName = Literal[
    "promotion", "availability", "norms", "customers", "won", "campaigns", "funnel", "trends",
    "planning",
]  # fmt: skip


class RefreshSent(Sent):
    """What a refresh looks at; what is left out stays as in the published run."""

    category: str | None = Field(None, min_length=1, max_length=200, examples=["BAG SNACKS"])
    manufacturer: str | None = Field(None, min_length=1, max_length=200, examples=["Alder"])
    weeks: int | None = Field(
        None, ge=1, le=520, description="The latest weeks; left out, as many as can be compared."
    )
    currency: str | None = Field(None, max_length=8, examples=["€"])
    models: list[ModelName] | None = Field(
        None, max_length=20, description="Which models to fit; left out, all.",
        examples=[["promotion"]],
    )  # fmt: skip
    plans_first: bool = Field(
        False, description="Whether the shared plan is taken into the data before."
    )


class ColumnShown(Schema):
    name: str = Field(examples=["brand"])
    type: str = Field(description="As Arrow calls it.", examples=["string"])


class TableDetail(TableShown):
    columns: list[ColumnShown]
    passport: PassportShown | None
    narrowed: bool = Field(
        description="Whether you see the rows of your part of the business only."
    )


class RowsShown(Schema):
    """One page of the rows of a table."""

    run_id: str = Field(description="The run that they are from.", examples=[EXAMPLE_RUN])
    simulated: str = Field(description="Which simulation; empty for real data.", examples=[""])
    columns: list[str] = Field(examples=[["brand", "value"]])
    items: list[dict[str, Any]] = Field(examples=[[{"brand": "Alder", "value": 1234.5}]])
    total: int = Field(examples=[12])
    page: int = Field(examples=[1])
    size: int = Field(examples=[50])
