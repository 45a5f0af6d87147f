from __future__ import annotations

import io
import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Query, Schema
from pydantic import Field

from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.endpoints.runs import run_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, Window, link_pages, page_of_list
from offtake_web.api.frame.problems import Problem
from offtake_web.api.schemas.base import Key, RunName
from offtake_web.api.schemas.runs import PassportShown, RowsShown, TableDetail, TableShown
from offtake_web.dashboards.listing import Asked, Rows, find
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.runs import exports

group = Group("Figures")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
TableName = Annotated[
    str, Path(description="The name of the table.", examples=["promotion_events"])
]


class Cut(Schema):
    """Which rows and columns of a table."""

    columns: list[str] = Field(
        [], max_length=200, description="Only these columns, in this order; none for all.",
        examples=[["brand", "value"]],
    )  # fmt: skip
    where: list[str] = Field(
        [],
        max_length=20,
        description="Wishes as `column=wish`, as on the pages: a part of a text or the whole of it "
        "after a further `=`; a number or day, one after `>=`, `>`, `<=` or `<`, or two with `..` "
        "between; yes or no; `-` for rows without a value.",
        examples=[["retailer=Korner", "value=>=100"]],
    )
    sort: str = Field(
        "", max_length=100, description="A column; falling with a minus in front.",
        examples=["-value"],
    )  # fmt: skip


class RowsAsked(Window, Cut):
    """A page of the rows that are asked for."""


class FileAsked(Cut):
    """The rows that are asked for as a file."""

    format: Literal["csv", "xlsx", "parquet"] = Field("csv", description="The type of file.")


@group.get("/markets/{market}/runs/{run}/tables", "figures.view", gives=Page[TableShown])
def list_tables(
    request: HttpRequest, response: HttpResponse, market: Key, run: RunName, window: Paged
) -> dict[str, Any]:
    """The tables of a run."""
    tables = run_at(request, market_at(market), run).manifest.tables
    link_pages(request, response, len(tables), window)
    return page_of_list(tables, window, asdict)


@group.get("/markets/{market}/runs/{run}/tables/{table}", "figures.view", gives=TableDetail)
def get_table(request: HttpRequest, market: Key, run: RunName, table: TableName) -> dict[str, Any]:
    """One table of a run: the question it answers, its columns, and the passport of its figures."""
    found, rows = _table(request, market, run, table)
    entry = found.entry(table)
    passport = found.manifest.passports.get(entry.measure)
    return {
        **asdict(entry),
        "columns": [{"name": each.name, "type": str(each.type)} for each in rows.schema],
        "passport": asdict(passport) if passport else None,
        "narrowed": found.narrows(table),
    }


@group.get("/markets/{market}/runs/{run}/tables/{table}/rows", "figures.view", gives=RowsShown)
def list_rows(
    request: HttpRequest,
    response: HttpResponse,
    market: Key,
    run: RunName,
    table: TableName,
    asked: Annotated[RowsAsked, Query()],
) -> dict[str, Any]:
    """Rows of a table.

    Only those of your part of the business, where the table says what they belong to.
    """
    found, whole = _table(request, market, run, table)
    cut = _cut(whole, asked)
    link_pages(request, response, cut.num_rows, asked)
    return {
        **page_of_list(Rows(cut), asked, _plain),
        "run_id": found.run_id,
        "simulated": found.manifest.frame.simulated,
        "columns": cut.column_names,
    }


@group.get("/markets/{market}/runs/{run}/tables/{table}/file", "figures.view",
           files=("text/csv", EXCEL, PARQUET), problems=("too-large",))  # fmt: skip
def get_table_file(
    request: HttpRequest,
    market: Key,
    run: RunName,
    table: TableName,
    asked: Annotated[FileAsked, Query()],
) -> HttpResponse:
    """Rows of a table as CSV, Excel or Parquet.

    What is simulated says so in every row and in the file's name.
    """
    found, whole = _table(request, market, run, table)
    rows = exports.labelled(found, _cut(whole, asked))
    content, kind = _file(found, table, rows, asked.format)
    name = exports.file_name(found, table, asked.format)
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _file(run: ScopedRun, name: str, rows: pa.Table, ending: str) -> tuple[bytes, str]:
    if ending == "csv":
        return exports.as_csv(rows), "text/csv; charset=utf-8"
    if ending == "parquet":
        target = io.BytesIO()
        pq.write_table(rows, target)
        return target.getvalue(), PARQUET
    if not exports.fits_excel(rows.num_rows, rows.num_columns):
        raise Problem("too-large")
    return exports.as_excel(rows, exports.about(run, name)), EXCEL


@group.get("/markets/{market}/runs/{run}/passports", "figures.view", gives=Page[PassportShown])
def list_passports(
    request: HttpRequest, response: HttpResponse, market: Key, run: RunName, window: Paged
) -> dict[str, Any]:
    """The passports of a run: definition, source, vintage and method of every figure."""
    passports = run_at(request, market_at(market), run).manifest.passports
    link_pages(request, response, len(passports), window)
    return page_of_list([passports[name] for name in sorted(passports)], window, asdict)


@group.get("/markets/{market}/runs/{run}/passports/{measure_id}", "figures.view",
           gives=PassportShown)  # fmt: skip
def get_passport(
    request: HttpRequest,
    market: Key,
    run: RunName,
    measure_id: Annotated[str, Path(examples=["sales_value"])],
) -> dict[str, Any]:
    """One passport."""
    found = run_at(request, market_at(market), run).manifest.passports.get(measure_id)
    if found is None:
        raise Http404
    return asdict(found)


def _table(request: HttpRequest, market: str, run: str, name: str) -> tuple[ScopedRun, pa.Table]:
    found = run_at(request, market_at(market), run)
    if name not in found.table_names:
        raise Http404
    return found, found.table(name)


def _cut(table: pa.Table, asked: Cut) -> pa.Table:
    where = dict(_wish(each, table.column_names) for each in asked.where)
    names = [*asked.columns, *([asked.sort.removeprefix("-")] if asked.sort else [])]
    _check_known(names, table.column_names)
    found = find(table, Asked(where=where, sort=asked.sort))
    if found.errors:
        _refuse("query.where", found.errors)
    return found.table.select(list(dict.fromkeys(asked.columns)) or found.table.column_names)


def _wish(text: str, known: list[str]) -> tuple[str, str]:
    column, _sign, wish = text.partition("=")
    _check_known([column], known)
    return column, wish


def _check_known(names: list[str], known: list[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        _refuse(f"query: {', '.join(unknown)[:200]}", [", ".join(known)])


def _refuse(field: str, texts: Iterable[str]) -> None:
    raise Problem(
        "not-valid", more={"errors": [{"field": field, "allowed": each} for each in texts]}
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    """Write what JSON has no word for: what is not finite is nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return _plain(value)
    return [_value(each) for each in value] if isinstance(value, list) else value
