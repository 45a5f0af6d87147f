"""What else buyers buy and what trips are for, against counting one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.errors import BadInputError
from tests.library.small_panel import PRODUCTS, Line, Panel, few, panels

MANY = tuple(f"H{number}" for number in range(1, 7))
MORE = tuple(f"Q{number}" for number in range(18))
DEPARTMENTS = {"P1": "Dry", "P2": "Dry", "P3": "Dry", "P4": "Cold"}


@pytest.fixture(scope="module")
def panel() -> Iterator[Panel]:
    with Store(":memory:") as store:
        panel = Panel(store)
        for product in MORE:
            store.execute(
                "INSERT INTO main.product (product_id, brand, category, department, "
                "load_id) VALUES (?, 'E', 'Z', 'Wet', 1)",
                [product],
            )
        for product, department in DEPARTMENTS.items():
            store.execute(
                "UPDATE main.product SET department = ? WHERE product_id = ?", [department, product]
            )
        yield panel


def kept_by(rows: list[Line], who: str) -> tuple[set[str], dict[str, set[str]], set[str]]:
    """Return who bought brand A, who bought each other brand, and all there are."""
    buyers, others, everybody = set(), defaultdict(set), set()
    for row in rows:
        one = str(getattr(row, who))
        if row.units or who == "household":
            everybody.add(one)
        if row.units and row.brand == "A":
            buyers.add(one)
        elif row.units:
            others[row.brand].add(one)
    return buyers, others, everybody


@pytest.mark.parametrize(
    ("measure", "who"), [("cross_purchase", "household"), ("cross_purchase_baskets", "basket")]
)
@few
@given(rows=panels(homes=MANY))
def test_cross_purchase_agrees_with_counting_sets(
    panel: Panel, measure: str, who: str, rows: list[Line]
) -> None:
    panel.load(rows)
    buyers, others, everybody = kept_by(rows, who)
    answer = panel.ask(measure, by=["brand"], where=["brand=A"])
    assert {row["brand"]: (row["both"], row["buyers"]) for row in answer} == {
        brand: (len(buyers & bought), len(buyers)) for brand, bought in others.items()
    }
    for row in answer:
        other = len(others[row["brand"]]) / len(everybody)
        assert row["among_all"] == pytest.approx(100 * other)
        if buyers:
            share = row["both"] / len(buyers)
            assert row["value"] == pytest.approx(100 * share)
            assert row["index"] == pytest.approx(100 * share / other)


@few
@given(rows=panels(homes=MANY), by=st.sampled_from([[], ["store_id"], ["week"]]))
def test_the_norm_of_cross_purchase_is_penetration(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    by = ["category", *by]
    reached = {
        tuple(row[name] for name in by): row["value"] for row in panel.ask("penetration", by=by)
    }
    for row in panel.ask("cross_purchase", by=by, where=["category=X"]):
        group = tuple(row[name] for name in by)
        assert row["among_all"] == pytest.approx(reached[group])


def test_cross_purchase_leaves_out_the_product_itself(panel: Panel) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1), Line("H1", "P3", "S1", 0, 1, 1)])
    (row,) = panel.ask("cross_purchase", by=["category"], where=["category=X", "brand=A"])
    assert (row["category"], row["both"]) == ("X", 1)
    assert panel.ask("cross_purchase", by=["category"], where=["category=X"]) == []


def test_cross_purchase_wants_to_know_whose_buyers(panel: Panel) -> None:
    panel.load([Line("H1", "P1", "S1", 0, 1, 1)])
    with pytest.raises(BadInputError, match="got no filter that says of what, allowed: a filter"):
        panel.ask("cross_purchase_baskets", by=["category"], where=["store_id=S1"])


def baskets() -> st.SearchStrategy[list[Line]]:
    """Draw trips of very different sizes, many of them at the limits of the rule."""

    def drawn(seed: int) -> list[Line]:
        random = Random(seed)
        found = []
        for day in range(random.randint(10, 28)):
            home, size = random.choice(MANY), random.choice((1, 2, 3, 3, 4, 13, 14, 15, 15, 16, 20))
            dry = size < 5 and random.random() < 0.6
            items = random.sample(("P1", "P2", "P3", "P4") if dry else (*PRODUCTS, *MORE), size)
            found += [Line(home, item, "S1", day, random.randint(0, 5), 3) for item in items]
        return found

    return st.integers(0, 2**32 - 1).map(drawn)


def missions(rows: list[Line]) -> dict[str, tuple[int, float]]:
    """Count trips with brand A or C by mission, and the units of both in them."""
    trips: dict[str, list[Line]] = defaultdict(list)
    for row in rows:
        if row.units:
            trips[row.basket].append(row)
    found = {"main shop": (0, 0.0), "top-up": (0, 0.0), "single need": (0, 0.0)}
    for trip in trips.values():
        items = {row.product for row in trip}
        departments = {"Wet" if i in MORE else DEPARTMENTS.get(i, "") for i in items}
        few_items = len(items) <= 3 and len(departments) == 1
        name = "main shop" if len(items) >= 15 else "single need" if few_items else "top-up"
        units = sum(row.units for row in trip if row.product in ("P1", "P2", "P4"))
        if units:
            count, so_far = found[name]
            found[name] = count + 1, so_far + units
    return found


@few
@given(rows=baskets())
def test_missions_agree_with_looking_into_every_basket(panel: Panel, rows: list[Line]) -> None:
    panel.load(rows)
    answer = panel.ask("basket_mission", where=["brand=A|C"])
    assert {r["mission"]: (r["trips"], r["units"]) for r in answer} == missions(rows)


@few
@given(rows=baskets(), by=st.sampled_from([[], ["brand"], ["category", "week"]]))
def test_missions_add_up_to_trips_units_and_value(
    panel: Panel, rows: list[Line], by: list[str]
) -> None:
    panel.load(rows)
    whole: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in panel.ask("basket_mission", by=by):
        sums = whole[tuple(row[name] for name in by)]
        sums[0] += row["trips"]
        sums[1] += row["units"]
    for place, measure in enumerate(("trips", "household_sales_units")):
        expected = {tuple(r[name] for name in by): r["value"] for r in panel.ask(measure, by=by)}
        assert {group: sums[place] for group, sums in whole.items() if any(sums)} == {
            group: value for group, value in expected.items() if value
        }
