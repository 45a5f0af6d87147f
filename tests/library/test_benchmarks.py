"""The benchmarks' hand-written SQL is a second opinion on every measure: here on a small store.

Nothing is timed here. Two years of sales, promotions (planned and seen) and baskets are made up by
arithmetic, with gaps: empty manufacturers, brands and values, rows without units, stores whose
promotions nobody reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.__main__ import cases_of, names
from benchmarks.foundation.catalogue import Answer, disagreement
from benchmarks.foundation.intake import TABLES
from benchmarks.foundation.panel import differences
from benchmarks.foundation.sql_files import Question, questions
from benchmarks.foundation.stores import open_by_hand
from benchmarks.measuring import Pairs, Taken, Task, compare, relative_difference, run_task
from benchmarks.worker import Clock
from offtake.data.store import Store
from offtake.measures.ask import ask
from offtake.measures.catalogue import CATALOGUE

COLUMNS_OF_A_RESULT = (
    "case", "rows", "ours_cpu_s", "ours_wall_s", "ours_peak_mb", "peer", "peer_version",
    "peer_cpu_s", "peer_wall_s", "peer_peak_mb", "ratio_cpu", "agreement", "note",
)  # fmt: skip

# Multiplied by primes and taken modulo a prime, the numbers of a row look random enough.
MIX = "(({}) * 7919 + 31) % 101"
SALES = MIX.format("s * 613 + p * 1277 + w * 2203")
BASKETS = MIX.format("h * 811 + w * 1999 + p * 3331")
FILL = (
    """INSERT INTO main.product (product_id, department, category, brand, manufacturer,
        is_private_label, is_merchandise, is_listed)
    SELECT 'P' || p, CASE WHEN p % 4 < 3 THEN 'GROCERY' END,
        CASE p % 4 WHEN 0 THEN 'SOFT DRINKS' WHEN 3 THEN NULL ELSE 'BAG SNACKS' END,
        CASE p % 5 WHEN 0 THEN NULL WHEN 1 THEN 'Private' ELSE 'National' END,
        CASE WHEN p % 7 > 0 THEN 'M' || p % 6 END, p % 5 = 1, p <> 8, true
    FROM range(16) AS r(p)""",
    "INSERT INTO main.store (store_id, region) SELECT 'S' || s, 'North' FROM range(7) AS r(s)",
    """INSERT INTO main.household (household_id, weight, age)
    SELECT 'H' || h, 1 + h % 3, CASE WHEN h % 4 > 0 THEN 'band ' || h % 4 END
    FROM range(30) AS r(h)""",
    f"""INSERT INTO main.sales (store_id, product_id, date, days, week, units, value,
        regular_price, returns)
    SELECT 'S' || s, 'P' || p, week, 7, week, x % 5, CASE WHEN x % 11 > 0 THEN (x % 5) * 1.37 END,
        CASE WHEN x % 6 > 0 THEN 1.5 + p / 10 END, 0
    FROM (SELECT *, DATE '2016-01-04' + CAST(7 * w AS INTEGER) AS week, {SALES} AS x
          FROM range(7) AS a(s), range(16) AS b(p), range(110) AS c(w)) WHERE x < 30""",
    f"""INSERT INTO main.promotion (store_id, product_id, week, status, display, feature,
        price_cut, display_days)
    SELECT 'S' || s, 'P' || p, DATE '2016-01-04' + CAST(7 * w AS INTEGER), status, x % 3 = 0,
        x % 4 = 0, CASE WHEN x % 5 > 0 THEN x % 5 = 1 END, CASE WHEN x % 7 > 0 THEN x % 7 END
    FROM (SELECT *, {SALES} + CASE WHEN status = 'planned' THEN 5 ELSE 0 END AS x
          FROM range(5) AS a(s), range(16) AS b(p), range(110) AS c(w),
              (VALUES ('planned'), ('observed')) AS d(status))
    WHERE x % 7 < 4 AND x < 60""",
    f"""INSERT INTO main.basket_line (basket_id, household_id, store_id, product_id, line, time,
        date, week, units, value, retailer_discount, coupon_discount, coupon_match_discount)
    SELECT h || '-' || w, 'H' || h, 'S' || h % 7, 'P' || p, 1, day, day, week, x % 4,
        (x % 4) * 1.21, CASE WHEN x % 3 > 0 THEN x % 3 - 1 END,
        CASE WHEN x % 13 = 0 THEN 0.5 ELSE 0 END, 0
    FROM (SELECT *, DATE '2016-01-04' + CAST(7 * w AS INTEGER) AS week,
              week + CAST(h % 7 AS INTEGER) AS day, {BASKETS} AS x
          FROM range(30) AS a(h), range(16) AS b(p), range(110) AS c(w))
    WHERE x < 6 AND w >= h * 3""",
    """INSERT INTO main.campaign (campaign_id, first_day, last_day) VALUES
        ('1', DATE '2016-02-01', DATE '2016-03-01'), ('2', DATE '2016-12-20', DATE '2017-01-10'),
        ('3', DATE '2017-12-31', DATE '2018-02-01'), ('4', DATE '2018-01-01', DATE '2018-02-01')""",
    """INSERT INTO main.campaign_contact (campaign_id, household_id)
    SELECT c, 'H' || h FROM range(1, 5) AS a(c), range(30) AS b(h) WHERE (h * c) % 3 < 2""",
    """INSERT INTO main.redemption (campaign_id, household_id, coupon_id, date, line, week)
    SELECT c, 'H' || h, 'K' || k, DATE '2016-12-20' + CAST(20 * c AS INTEGER), 1,
        CAST(date_trunc('week', DATE '2016-12-20' + CAST(20 * c AS INTEGER)) AS DATE)
    FROM range(1, 5) AS a(c), range(30) AS b(h), range(2) AS d(k) WHERE (h + k * c) % 4 = 0""",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmarks") / "small.duckdb"
    with Store(path) as store:
        for statement in FILL:
            store.execute(statement)
    return path


@pytest.fixture(scope="module")
def opened(small: Path) -> Iterator[Store]:
    with Store(small, read_only=True) as store:
        yield store


@pytest.mark.parametrize("question", questions(), ids=lambda q: f"{q.measure}: {q.title}")
def test_a_measure_says_what_the_sql_by_hand_says(question: Question, opened: Store) -> None:
    asked = ask(
        opened.tables(),
        question.measure,
        by=question.by,
        where=question.where,
        period=question.period,
    )
    ours = opened.run(asked).to_pydict()
    hand = opened.fetch_arrow(question.sql).to_pydict()
    gap, where = disagreement(question, ours, hand)
    assert len(hand["value"]) > 0
    assert gap < 1e-9, f"{where}: ours {ours}, by hand {hand}"


def test_every_measure_that_complete_journey_can_give_has_sql_by_hand() -> None:
    given = {*TABLES, "calendar"}
    wanted = {measure.id for measure in CATALOGUE.values() if set(measure.needs) <= given}
    assert {question.measure for question in questions()} == wanted


def test_the_panel_has_the_cells_of_the_sql_by_hand(small: Path) -> None:
    assert set(differences(Clock(), str(small)).values()) == {0.0}


def test_a_group_that_only_one_side_has_is_a_disagreement() -> None:
    question = Question("sales_units", ("brand",), (), None, "", "")
    ours: Answer = {"brand": ["A", "B"], "value": [1.0, 2.0]}
    hand: Answer = {"brand": ["A"], "value": [1.0]}
    assert disagreement(question, ours, hand) == (1.0, "presence of ('B',)")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(None, None, 0.0), (None, 1.0, 1.0), (2.0, 2.0, 0.0), (4.0, 3.0, 0.25), (0.0, 0.0, 0.0)],
)
def test_relative_difference(one: float | None, other: float | None, expected: float) -> None:
    assert relative_difference(one, other) == expected


def test_a_result_has_the_columns_that_others_read() -> None:
    slow = Taken(0.5, {"a/run": (3.0, 2.0), "b/run": (1.0, 1.0)}, 100.0, {})
    fast = Taken(0.1, {"a/run": (2.0, 1.0), "b/run": (2.0, 1.0)}, 50.0, {"version": "duckdb 1"})
    pairs = Pairs((slow, slow, fast), (fast, fast, fast), "SQL by hand")
    row = compare("a case", pairs, rows=7, agreement=0.0, prefix="a/")
    assert tuple(asdict(row)) == COLUMNS_OF_A_RESULT
    assert (row.ours_cpu_s, row.peer_cpu_s, row.ratio_cpu) == (3.0, 2.0, 1.5)
    assert row.note == "ratio of pairs 1.00 to 1.50 over 3"
    assert json.loads(json.dumps(asdict(row)))["ours_peak_mb"] == 100


def test_a_task_runs_in_a_process_of_its_own(small: Path) -> None:
    taken = run_task(Task("benchmarks.foundation.panel:by_hand", {"store": str(small)}))
    with open_by_hand(str(small)) as con:
        count = len(con.execute(Path("benchmarks/foundation/panel.sql").read_text()).fetchall())
    assert taken.facts["rows"] == count > 0
    assert taken.cpu_s() == taken.parts["panel"][0] > 0
    assert taken.peak_mb > 10


def test_the_foundation_has_its_cases() -> None:
    assert "foundation" in names()
    assert list(cases_of("foundation")) == ["intake", "panel", "catalogue", "growth"]
