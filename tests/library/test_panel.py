"""The panel holds each selling week and the empty weeks between, once, with its support."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.errors import MissingContractError, UnknownNameError
from offtake.models.panel import Support, panel
from tests.effort import examples

FIRST = date(2017, 1, 2)
Row = tuple[str, str, int]
Sold = dict[Row, float]


def monday(week: int) -> date:
    return FIRST + timedelta(weeks=week)


def built(store: Store, folder: Path, sold: Sold, promoted: dict[Row, tuple[bool, bool]]) -> None:
    sales = [
        {"store_id": s, "product_id": p, "week": monday(w), "units": u, "value": 2 * u}
        for (s, p, w), u in sold.items()
    ]
    support = [
        {"store_id": s, "product_id": p, "week": monday(w), "display": d, "feature": f}
        for (s, p, w), (d, f) in promoted.items()
    ]
    for name, rows in (("sales", sales), ("promotion", support)):
        if rows:
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
            assert load_file(store, folder / f"{name}.parquet", as_contract=name).set_aside == 0


def by_hand(sold: Sold, promoted: dict[Row, tuple[bool, bool]], min_units: float) -> set[object]:
    covered = {store for store, _, _ in promoted}
    rows: set[object] = set()
    for pair in {(s, p) for s, p, _ in sold}:
        weeks = {w: u for (s, p, w), u in sold.items() if (s, p) == pair and u > 0}
        if (covered and pair[0] not in covered) or not weeks or sum(weeks.values()) < min_units:
            continue
        for week in range(min(weeks), max(weeks) + 1):
            units = weeks.get(week)
            support = promoted.get((*pair, week), (False, False))
            price = None if units is None else 2.0
            rows.add((*pair, monday(week), units or 0.0, price, units is not None, *support))
    return rows


def shown(store: Store, min_units: float) -> list[object]:
    table = store.run(panel(store.tables(), min_units=min_units)).to_pylist()
    names = ("store_id", "product_id", "week", "units", "price", "price_seen", "display", "feature")
    return [tuple(row[name] for name in names) for row in table]


ROWS = st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"), st.integers(0, 6))


@settings(max_examples=examples(8))
@given(
    sold=st.dictionaries(ROWS, st.integers(0, 3).map(float), max_size=25),
    promoted=st.dictionaries(ROWS, st.tuples(st.booleans(), st.booleans()), max_size=10),
)
def test_it_is_what_a_loop_gives(
    tmp_path_factory: pytest.TempPathFactory,
    sold: Sold,
    promoted: dict[Row, tuple[bool, bool]],
) -> None:
    with Store(":memory:") as store:
        built(store, tmp_path_factory.mktemp("panel"), sold, promoted)
        rows = shown(store, 3.0)
    assert len(rows) == len(set(rows))
    assert set(rows) == by_hand(sold, promoted, 3.0)


def test_two_displays_in_one_week_are_one_row(tmp_path: Path) -> None:
    (tmp_path / "promotion.csv").write_text(
        "store_id,product_id,week,display,display_location\n"
        "A,x,2017-01-02,yes,3\nA,x,2017-01-02,yes,7\n"
    )
    with Store(":memory:") as store:
        built(store, tmp_path, {("A", "x", 0): 5.0}, {})
        load_file(store, tmp_path / "promotion.csv", as_contract="promotion")
        assert shown(store, 1.0) == [("A", "x", FIRST, 5.0, 2.0, True, True, False)]


def test_daily_rows_add_up_to_weeks(tmp_path: Path) -> None:
    (tmp_path / "daily.csv").write_text(
        "store_id,product_id,date,days,units,value\nA,x,2017-01-03,1,2,4\nA,x,2017-01-06,1,3,6\n"
    )
    with Store(":memory:") as store:
        built(store, tmp_path, {}, {("A", "x", 0): (True, False)})
        load_file(store, tmp_path / "daily.csv", as_contract="sales")
        assert shown(store, 1.0) == [("A", "x", FIRST, 5.0, 2.0, True, True, False)]


def test_an_unknown_grouping_is_refused() -> None:
    with Store(":memory:") as store, pytest.raises(UnknownNameError, match="colour"):
        panel(store.tables(), where=["colour=red"])


def written(store: Store, folder: Path, contract: str, text: str) -> None:
    (folder / f"{contract}.csv").write_text(text)
    assert load_file(store, folder / f"{contract}.csv", as_contract=contract).set_aside == 0


def weeks_of(store: Store) -> list[object]:
    rows = store.run(panel(store.tables(), min_units=1.0, weeks="listed")).to_pylist()
    return sorted((row["product_id"], row["week"], row["units"]) for row in rows)


def test_listed_weeks_are_whole_weeks_within_the_sales_loaded(tmp_path: Path) -> None:
    lists = (
        "store_id,product_id,listed_from,listed_to\n"
        "A,x,2016-11-01,2017-01-17\n"  # the third week is not listed to its end
        "A,y,2017-01-03,\n"  # nor the first from its beginning
        "A,z,2017-01-02,\n"  # never sold
        "A,w,2017-01-02,2017-01-08\nA,w,2017-01-16,2017-01-29\n"  # twice, with a gap
    )
    sold = {("A", "x", 1): 2.0, ("A", "y", 0): 3.0, ("A", "y", 3): 1.0, ("A", "w", 0): 1.0}
    with Store(":memory:") as store:
        built(store, tmp_path, sold, {("A", "x", 0): (True, False)})
        written(store, tmp_path, "distribution_list", lists)
        assert weeks_of(store) == [
            ("w", monday(0), 1.0), ("w", monday(2), 0.0), ("w", monday(3), 0.0),
            ("x", monday(0), 0.0), ("x", monday(1), 2.0),
            ("y", monday(1), 0.0), ("y", monday(2), 0.0), ("y", monday(3), 1.0),
        ]  # fmt: skip


def test_listed_weeks_need_a_list(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        built(store, tmp_path, {("A", "x", 0): 5.0}, {("A", "x", 0): (True, False)})
        with pytest.raises(MissingContractError, match="distribution list"):
            panel(store.tables(), weeks="listed")


PROMOTIONS = (
    "store_id,product_id,week,status,display,feature,discount,display_days\n"
    "A,x,2017-01-02,observed,yes,no,,3\n"
    "A,x,2017-01-09,observed,yes,no,20,\n"
    "A,x,2017-01-16,observed,no,yes,0,\n"
    "A,x,2017-01-23,planned,yes,no,25,7\n"
)


@pytest.mark.parametrize(
    ("support", "expected"),
    [
        ("observed", [(3.0, None), (None, 20.0), (0.0, 0.0), (0.0, None)]),
        ("planned", [(0.0, None), (0.0, None), (0.0, None), (7.0, 25.0)]),
    ],
)
def test_days_and_discount_say_what_is_known(
    tmp_path: Path, support: Support, expected: list[tuple[float | None, float | None]]
) -> None:
    with Store(":memory:") as store:
        built(store, tmp_path, {("A", "x", week): 2.0 for week in range(4)}, {})
        written(store, tmp_path, "promotion", PROMOTIONS)
        table = panel(store.tables(), support=support).order_by("week")
        rows = store.run(table).to_pylist()
    assert [(row["display_days"], row["discount"]) for row in rows] == expected


def test_an_unknown_option_is_refused() -> None:
    with Store(":memory:") as store:
        with pytest.raises(UnknownNameError, match="support of the panel 'hoped'"):
            panel(store.tables(), support="hoped")  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError, match="weeks of the panel 'all'"):
            panel(store.tables(), weeks="all")  # type: ignore[arg-type]
