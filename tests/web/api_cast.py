"""What tests of the API start from: a caller with a token, and a small published run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.http import HttpResponse
from django.test import Client

from offtake.report.manifest import EXAMPLE, LoadEntry, Passport, TableEntry, to_json
from offtake_web.accounts import actions
from offtake_web.accounts.access import scopes_of
from offtake_web.accounts.models import User

ROOT = "/api/v1"
MAIN = f"{ROOT}/markets/main"
PASSPORT = Passport(
    measure="sales_value", title="Value sales", definition="What shoppers paid.", formula="Σ value",
    unit="money", additivity="adds up", variant="", caveat="", sources=("tills",), notes=(),
    label="", vintage="2026-01-02T08:30:00+00:00", weeks="2025",
)  # fmt: skip
LOAD = LoadEntry(
    load_id=1, contract="sales", file="sales.csv", source="tills", vintage="2026-01-02", rows_in=5,
    loaded=5, replaced=0, set_aside=0, duplicate=0, combined=0,
)  # fmt: skip
SALES: dict[str, list[Any]] = {
    "retailer": ["Korner", "Korner", "Dis", "Dis", None],
    "brand": ["Alder", "Birch", "Alder", "Birch", "Alder"],
    "value": [10.0, 20.0, 30.0, float("nan"), 50.0],
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls the API as a program does."""

    client: Client
    headers: Mapping[str, str]

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": json.dumps(body)}
        return self.client.generic(
            method,
            path if path.startswith("/api") else f"{ROOT}{path}",
            **content,
            content_type="application/json",
            headers={**self.headers, **named},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self("POST", path, body, **headers)


def caller(user: User | None, *scopes: str) -> Caller:
    """Return somebody with a token of all they may do, or of some scopes; or a stranger."""
    if user is None:
        return Caller(Client(), {})
    _token, raw = actions.make_token("test", scopes or scopes_of(user), by=user)
    return Caller(Client(), {"Authorization": f"Bearer {raw}"})


def publish(
    runs: Path, run_id: str = "20260102T083000000Z-00000001", **tables: dict[str, list[Any]]
) -> str:
    """Publish a run with some tables; without any, with one of sales."""
    folder = runs / run_id
    (folder / "tables").mkdir(parents=True)
    (folder / "charts").mkdir()
    (folder / "charts" / "weekly_sales.json").write_text('{"mark": "line"}', encoding="utf-8")
    found = {name: pa.table(columns) for name, columns in (tables or {"sales": SALES}).items()}
    entries = tuple(_written(folder, name, table) for name, table in found.items())
    page = folder / "scoreboard.html"
    page.write_text("<title>Scoreboard</title>", encoding="utf-8")
    manifest = replace(
        EXAMPLE,
        run_id=run_id,
        created="2026-01-02T08:30:00+00:00",
        tables=entries,
        loads=(LOAD,),
        frame=replace(EXAMPLE.frame, category="SNACKS", manufacturer="Alder", weeks=52),
        passports={"sales_value": PASSPORT},
        files={page.name: hashlib.sha256(page.read_bytes()).hexdigest()},
    )
    (folder / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    (runs / "published").write_text(f"{run_id}\n", encoding="utf-8")
    return run_id


def _written(folder: Path, name: str, table: pa.Table) -> TableEntry:
    path = folder / "tables" / f"{name}.parquet"
    pq.write_table(table, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return TableEntry(
        name=name, measure="sales_value", by=("retailer", "brand"), fingerprint=digest[:8],
        sha256=digest, rows=table.num_rows, seconds=0.1,
    )  # fmt: skip
