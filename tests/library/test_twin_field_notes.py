"""Notes: what they claim is true or false as the world says, and they read like notes."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter

import numpy as np
import pandas as pd
import pytest

from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.field.notes import desk_load, notes
from offtake.twin.field.people import people
from offtake.twin.field.topics import DESKS, TOPICS
from offtake.twin.field.typing_errors import PLAIN, mistype
from offtake.twin.field.wording import BOOKS, Said, compose
from offtake.twin.market.block import Block
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.world import World, make_world
from offtake.twin.spec import TwinSpec

SPEC = TwinSpec(stores=120, weeks=80, seed=9, items=10)
# More notes than usual, so that rare topics can be checked too.
ASSUMED = replace(ASSUMPTIONS, notes_per_visit=0.4)
SLOTS = {"item", "brand", "category", "aisle", "day", "until", "price", "cut"}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(SPEC, ASSUMED)


@pytest.fixture(scope="module")
def shelves(world: World) -> list[tuple[np.ndarray, tuple[Block, ...]]]:
    return [(of, shelf(world, of)) for of in blocks_of_stores(world)]


def with_truth(world: World, of: np.ndarray, blocks: tuple[Block, ...]) -> pd.DataFrame:
    made = notes(world, of, blocks)
    rows = made.tables["note"].to_pandas()
    truth = (
        made.truth["note"]
        .to_pandas()
        .rename(columns={"topic": "true_topic", "product_id": "true_item"})
    )
    assert (rows.note_id == truth.note_id).all()
    store = rows.store_id.astype(str).str[1:].astype(int) - 1
    day = (pd.to_datetime(rows.date) - pd.Timestamp(SPEC.first_week)).dt.days
    joined = pd.concat([rows, truth.drop(columns="note_id")], axis=1)
    return joined.assign(store=store, place=np.searchsorted(of, store), day=day)


@pytest.fixture(scope="module")
def written(world: World, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]) -> pd.DataFrame:
    parts = [with_truth(world, *each).assign(part=n) for n, each in enumerate(shelves)]
    return pd.concat(parts, ignore_index=True)


def about(written: pd.DataFrame, topic: str) -> pd.DataFrame:
    rows = written[written.true_topic == topic].copy()
    if rows.true_item.notna().all():
        number = rows.true_item.str[1:].astype(int) - 1
        rows = rows.assign(category=number // SPEC.items, item=number % SPEC.items)
    return rows


def near(found: float, share: float, count: int) -> bool:
    """Within four standard errors of a binomial share."""
    return abs(found - share) < 4 * np.sqrt(share * (1 - share) / count)


def empty_days(block: Block, row: object) -> np.ndarray:
    """Return the part of each of the last seven days that the shelf was empty, by brute force."""
    out = block.outages
    mine = (out.store == row.place) & (out.item == row.item)
    start, end = out.start[mine], out.start[mine] + out.days[mine]
    days = [day for day in range(row.day - 6, row.day + 1) if day >= 0]
    return np.array(
        [np.maximum(np.minimum(end, d + 1) - np.maximum(start, d), 0).sum() for d in days]
    )


def test_out_of_stock_notes_match_outages(
    written: pd.DataFrame, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]
) -> None:
    rows = about(written, "out_of_stock")
    for row in rows.itertuples():
        lost = empty_days(shelves[row.part][1][row.category], row)
        assert (lost >= 0.5).any() if row.claim_true else (lost == 0).all()
    assert set(rows.claim_true) == {True, False}


def test_the_weekday_of_a_true_gap_is_one_on_which_it_was_empty(
    written: pd.DataFrame, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]
) -> None:
    rows = about(written, "out_of_stock")
    rows = rows[rows.claim_true & (rows.language == "en") & ~rows.mistyped & (rows.day >= 6)]
    checked = 0
    for row in rows.itertuples():
        lost = empty_days(shelves[row.part][1][row.category], row)
        for offset, name in enumerate(BOOKS["en"].days):
            if name in row.body:
                checked += 1
                when = [k for k in range(7) if (row.day - 6 + k) % 7 == offset]
                assert lost[when[0]] >= 0.5
    assert checked > 20


def test_competitor_notes_match_cuts_at_the_till(
    world: World, written: pd.DataFrame, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]
) -> None:
    rows = about(written, "competitor_promotion")
    names = list(world.brands.names)
    for row in rows.itertuples():
        brand = names.index(row.brand)
        block = shelves[row.part][1][world.brands.category[brand]]
        mine = world.items.brand[world.of_category(block.category)] == brand
        cut = block.drivers.cut[row.place, mine, row.day // 7].max()
        assert not world.brands.own[brand]
        assert cut >= 0.25 if row.claim_true else cut == 0
        said = [word for word in row.body.split() if word.strip(".,").endswith("%")]
        if row.claim_true and said and not row.mistyped:
            assert said[0].strip(".,") == f"{round(100 * cut)}%"
    assert set(rows.claim_true) == {True, False}


def test_display_and_range_notes_match_the_floor(
    world: World, written: pd.DataFrame, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]
) -> None:
    for row in about(written, "new_item_request").itertuples():
        block = shelves[row.part][1][row.category]
        assert row.claim_true != block.drivers.live[row.place, row.item, row.day // 7]
    for row in about(written, "display_missing").itertuples():
        block = shelves[row.part][1][row.category]
        event = block.event[row.item, row.day // 7]
        since = row.day - 7 * world.events.start[block.which[event]]
        up = block.execution.offset[row.place, event]
        stands = up <= since < up + block.execution.stood[row.place, event]
        stands &= block.drivers.live[row.place, row.item, row.day // 7]
        assert world.events.display[block.which[event]]
        assert row.claim_true != stands


def test_late_deliveries_leave_gaps_of_days(
    world: World, written: pd.DataFrame, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]
) -> None:
    names = list(world.brands.names)
    rows = about(written, "delivery_late")
    for row in rows.itertuples():
        brand = names.index(row.brand)
        block = shelves[row.part][1][world.brands.category[brand]]
        own = np.flatnonzero(world.items.brand[world.of_category(block.category)] == brand)
        last = [
            (block.outages.lost[row.place, i, max(row.day - 2, 0) : row.day + 1] >= 0.5).all()
            for i in own
        ]
        assert row.claim_true == any(last)
    assert len(rows) > 10


def test_opinions_are_true_where_shoppers_hold_them(world: World, written: pd.DataFrame) -> None:
    truth = people(world).truth["opinion"].to_pandas()
    held = truth.set_index(["topic", "brand", "week"]).held
    for topic in ("pack_look", "price_too_high"):
        rows = about(written, topic)
        found = [bool(held[(topic, row.brand, row.week)]) for row in rows.itertuples()]
        assert found == rows.claim_true.tolist()
        assert set(found) == {True, False}
    for row in about(written, "praise_campaign").itertuples():
        # Held somewhere in the market is needed for true; the campaign may have run elsewhere.
        assert held[("praise_campaign", row.brand, row.week)] or not row.claim_true


def test_opinions_last(world: World) -> None:
    truth = people(world).truth["opinion"].to_pandas()
    strength = truth[truth.topic == "pack_look"].pivot(
        index="brand", columns="week", values="strength"
    )
    values = strength.to_numpy()
    wanted = np.exp(-1 / ASSUMPTIONS.opinion_weeks)
    found = (values[:, 1:] * values[:, :-1]).mean() / (values**2).mean()
    # Standard error of an autoregressive coefficient: sqrt((1 - carry^2) / n).
    error = np.sqrt((1 - wanted**2) / values.size)
    assert abs(found - wanted) < 4 * error + 1 / values.shape[1]


def test_shares_are_as_assumed(world: World, written: pd.DataFrame) -> None:
    count, calls = len(written), int(world.visited.sum())
    # On a few visits nothing true can be said, and no note is written.
    assert near(count / calls, ASSUMED.notes_per_visit, calls)
    assert near(1 - written.claim_true.mean(), ASSUMED.notes_false, count)
    assert near(written.mistyped.mean(), ASSUMED.typos, count)
    assert near(written.topic.notna().mean(), ASSUMED.topic_given, count)
    filed = written[written.topic.notna()]
    wrong = (filed.topic != filed.true_topic.astype(str)).mean()
    assert near(wrong, ASSUMED.topic_wrong, len(filed))
    items = written[written.true_item.notna()]
    assert near(items.product_id.notna().mean(), ASSUMED.item_given, len(items))
    assert items.product_id.dropna().eq(items.true_item[items.product_id.notna()]).all()


def test_every_topic_comes_up(written: pd.DataFrame) -> None:
    share = written.true_topic.astype(str).value_counts(normalize=True)
    assert set(share.index) == set(TOPICS)
    assert share.min() > 0.01


def test_answers_come_slower_when_the_desk_is_busy(world: World, written: pd.DataFrame) -> None:
    ends = pd.Timestamp(SPEC.first_week) + pd.Timedelta(weeks=SPEC.weeks)
    early = written[written.written < ends - pd.Timedelta(days=90)]
    assert near(early.answered.notna().mean(), ASSUMED.answer_share, len(early))
    done = early[early.answered.notna()]
    hours = (done.answered - done.written).dt.total_seconds() / 3600
    log_load = np.log(desk_load(world)[done.day // 7])
    slope, level = np.polyfit(log_load, np.log(hours), 1)
    error = ASSUMED.answer_spread / np.sqrt(len(done))
    assert abs(level - np.log(ASSUMED.answer_hours)) < 4 * error + 0.02
    assert abs(slope - 1) < 4 * error / log_load.std()
    assert written.answered.max() < ends
    assert (written.answer.notna() == written.answered.notna()).all()


def test_owners_are_of_the_right_desk(world: World, written: pd.DataFrame) -> None:
    role = people(world).tables["person"].to_pandas().set_index("person_id").role.astype(str)
    wanted = {"marketing": "brand manager", "accounts": "key account manager", "lead": "sales lead"}
    desk = dict(zip(TOPICS, DESKS, strict=True))
    found = written.owner_id.astype(str).map(role)
    assert (found == written.true_topic.astype(str).map(desk).map(wanted)).all()


def test_notes_are_written_after_the_visit_by_who_made_it(
    world: World, written: pd.DataFrame
) -> None:
    calls = world.calls
    key = {(s, w): n for n, (s, w) in enumerate(zip(calls.store, calls.week, strict=True))}
    for row in written.itertuples():
        visit = key[(row.store, row.day // 7)]
        minute = row.written.hour * 60 + row.written.minute
        after = minute - calls.minute[visit] - calls.duration[visit]
        assert 0 < after <= 20
        assert row.person_id == world.staff.ids[calls.person[visit]]


def test_two_calls_and_other_blocks_give_the_same_notes(
    world: World, shelves: list[tuple[np.ndarray, tuple[Block, ...]]]
) -> None:
    of, blocks = shelves[0]
    whole = notes(world, of, blocks)
    again = notes(world, of, blocks)
    parts = [notes(world, each, shelf(world, each)) for each in np.array_split(of, 4)]
    for kind, name in (("tables", "note"), ("truth", "note")):
        table = getattr(whole, kind)[name]
        assert table.equals(getattr(again, kind)[name])
        rows = [row for part in parts for row in getattr(part, kind)[name].to_pylist()]
        assert table.to_pylist() == rows


@pytest.mark.parametrize(("share", "language"), [(0.0, "en"), (1.0, "sr")])
def test_a_team_may_have_one_language(share: float, language: str) -> None:
    assumed: Assumptions = replace(ASSUMED, second_language=share)
    world = make_world(replace(SPEC, stores=10, weeks=30), assumed)
    of = blocks_of_stores(world)[0]
    rows = notes(world, of, shelf(world, of)).tables["note"]
    assert set(rows["language"].to_pylist()) == {language}


@pytest.mark.parametrize("language", BOOKS)
def test_every_topic_has_six_phrasings_or_more(language: str) -> None:
    book = BOOKS[language]
    assert len(book.topics) == len(book.answers) == len(TOPICS)
    for templates in book.topics:
        assert len(set(templates)) >= 6
        for template in templates:
            slots = {name for _, name, _, _ in Formatter().parse(template) if name}
            assert slots <= SLOTS
            assert slots & {"item", "brand"}


def test_serbian_is_written_with_its_letters_unless_somebody_is_in_a_hurry(
    written: pd.DataFrame,
) -> None:
    rows = written[written.language == "sr"]
    letters = rows.body.map(lambda body: body != body.translate(PLAIN))
    assert letters[~rows.mistyped].mean() > 0.7  # some phrasings happen to have none
    assert letters[rows.mistyped].mean() < letters[~rows.mistyped].mean() - 0.2


def test_a_typing_error_changes_the_text_a_little() -> None:
    text = "Alder Coffee 200 g was gone again on Friday."
    for seed in range(300):
        wrong = mistype(text, np.random.default_rng(seed), plain=False)
        assert wrong != text
        assert abs(len(wrong) - len(text)) <= 8


def test_false_and_true_claims_read_alike() -> None:
    said = Said(
        language="sr", topic=0, brand="Alder Coffee", category="COFFEE", size=1, number=3,
        weekday=4, cut=0.0, price=3.99, true=True,
    )  # fmt: skip
    lies = replace(said, true=False)
    assumed = replace(ASSUMED, typos=0.0, abbreviations=0.0)
    days = {*BOOKS["sr"].days, *BOOKS["sr"].until}
    differ = 0
    for seed in range(200):
        bodies = [compose(one, np.random.default_rng(seed), assumed)[0] for one in (said, lies)]
        differ += bodies[0] != bodies[1]
        assert without(bodies[0], days) == without(bodies[1], days)
    assert differ > 50


def without(body: str, words: set[str]) -> list[str]:
    return [word for word in body.split() if word.strip(".,") not in words]
