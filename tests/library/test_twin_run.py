"""A run of a whole simulated market: media, brand, shelf, notes and teams on the scoreboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from offtake.calendars import Against, Period
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.measures.ask import ask
from offtake.pipeline.question import settled
from offtake.pipeline.refresh import refresh
from offtake.report import field, minds
from offtake.report.exhibits import OPTIONAL
from offtake.report.figures import By, Spec, listing
from offtake.report.manifest import TableEntry
from offtake.report.run import Run
from offtake.report.text import summary
from offtake.report.words import amount
from tests.library.small_market import VIEW as SMALL_VIEW
from tests.library.small_market import Rows, fill, load_rows
from tests.library.small_twin import VIEW, fill_twin
from tests.library.test_scoreboard import Page

GROUPS = ("media", "brand", "shelf", "notes", "teams")
SPECS: tuple[Spec, ...] = (
    *minds.MEDIA, *minds.VOICES, *minds.CHANNELS, *minds.STAGES, *minds.STEPS, *minds.MINDS,
    *field.SHELF, *field.BY_RETAILER, *field.SPACE, *field.NOTES, *field.TEAMS, *field.TARGETS,
    *field.STAFF,
)  # fmt: skip
STAGES = ("aware", "considered", "tried", "repeat", "loyal")
STEPS = ("consideration", "trial", "repeat", "loyalty")
DISPLAYS = {"display_found": "display_compliance", "display_days": "display_compliance_days"}
BRAND, TEAM, TOPIC = ("brand",), ("team",), ("topic",)
RETAILER, MAKER = ("retailer",), ("manufacturer",)
ASKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "own_voice": ("share_of_voice", ()),
    "own_esov": ("esov", ()),
    "share_of_voice": ("share_of_voice", BRAND),
    "esov": ("esov", BRAND),
    "media_channels": ("share_of_voice", ("channel",)),
    "weekly_media": ("share_of_voice", ("week",)),
    **{f"funnel_{stage}": (f"funnel_{stage}", BRAND) for stage in STAGES},
    **{f"conversion_{step}": (f"funnel_conversion_{step}", BRAND) for step in STEPS},
    "mental_share": ("mental_share", BRAND),
    "mental_vs_physical": ("mental_vs_physical", BRAND),
    **{name: (name, ()) for name in (
        "availability_time", "availability_shopper", "availability_audit", "weeks_of_cover")},
    **{name: (measure, ()) for name, measure in DISPLAYS.items()},
    **{f"{name}_by_retailer": (measure, RETAILER) for name, measure in DISPLAYS.items()},
    **{f"{name}_by_retailer": (name, RETAILER) for name in (
        "availability_time", "availability_audit", "weeks_of_cover", "share_of_shelf")},
    "share_of_shelf": ("share_of_shelf", MAKER),
    "share_of_shelf_cm": ("share_of_shelf_cm", MAKER),
    "value_share": ("value_share", MAKER),
    "display_by_maker": ("display_compliance", MAKER),
    "weekly_availability_time": ("availability_time", ("week",)),
    "weekly_availability_audit": ("availability_audit", ("week",)),
    **{f"{name}{end}": (name, by)
       for name in ("notes_count", "answer_rate", "answer_time_median", "answer_time_p90")
       for end, by in (("", ()), ("_by_team", TEAM), ("_by_topic", TOPIC))},
    **{f"{name}{end}": (name, (*by, "metric"))
       for name in ("quota_attainment", "quota_share_at_100")
       for end, by in (("", ()), ("_by_team", TEAM))},
    "over_assignment": ("over_assignment", ("metric",)),
    **{f"{name}{end}": (name, by)
       for name in ("headcount", "staff_turnover", "staff_turnover_voluntary")
       for end, by in (("", ()), ("_by_team", TEAM))},
}  # fmt: skip
CHARTS = ("weekly_media", "funnel", "weekly_availability", "targets")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twin")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    with Store(":memory:", "twin") as store:
        yield fill_twin(store, folder)


@pytest.fixture(scope="module")
def run(store: Store, folder: Path) -> Run:
    return refresh(store, folder / "runs", VIEW)


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return (run.folder / "scoreboard.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("small")
    with fill(Store(":memory:"), folder) as store:
        return refresh(store, folder / "runs", SMALL_VIEW)


def group(page: str, key: str) -> str:
    """Return the words of one group of the page."""
    _, found, rest = page.partition(f'<section class="group" id="{key}"')
    assert found, f"no group {key}"
    return Page(found + rest.partition("</section>")[0]).words


def test_every_group_is_there_and_nothing_is_missing(run: Run, page: str) -> None:
    assert run.manifest.gaps == ()
    for key in GROUPS:
        assert group(page, key)
    assert 'id="absent"' not in page
    marketing, sales = page.index('id="marketing"'), page.index('id="sales"')
    places = [page.index(f'id="{key}"') for key in GROUPS]
    assert marketing < places[0] < places[1] < sales < places[2] < places[3] < places[4]


def asked(store: Store, entry: TableEntry) -> Rows:
    """Ask the measure of a table directly, in the words of the manifest."""
    against: dict[str, Against] = {"previous": "previous", "year-ago": "year-ago"}
    answer = ask(
        store.tables(),
        entry.measure,
        by=entry.by,
        where=entry.where,
        period=Period(
            date.fromisoformat(entry.first_week), date.fromisoformat(entry.last_week), "asked"
        ),
        against=against.get(entry.against),
    )
    rows: Rows = settled(store.run(answer)).to_pylist()
    return rows


@pytest.mark.parametrize("table", ASKED)
def test_a_table_holds_what_the_measure_says(store: Store, run: Run, table: str) -> None:
    entry = run.entry(table)
    assert (entry.measure, entry.by) == ASKED[table]
    assert run.rows(table) == asked(store, entry)


def test_every_table_of_the_page_is_checked() -> None:
    assert {spec.table for spec in SPECS} <= ASKED.keys()


def answers(store: Store, run: Run, measure: str, by: str) -> dict[str, float]:
    frame = run.manifest.frame
    period = Period(
        date.fromisoformat(frame.first_week), date.fromisoformat(frame.last_week), "now"
    )
    answer = ask(store.tables(), measure, by=[by], where=["category=COFFEE"], period=period)
    return {row[by]: row["value"] for row in store.run(answer).to_pylist()}


@pytest.mark.parametrize(
    ("specs", "by", "heading", "measure"),
    [
        (minds.VOICES, "brand", "Share of voice", "share_of_voice"),
        (minds.VOICES, "brand", "Value share", "value_share"),
        (minds.STAGES, "brand", "Know it", "funnel_aware"),
        (minds.STAGES, "brand", "Buy it most", "funnel_loyal"),
        (minds.STEPS, "brand", "Of those, have bought it", "funnel_conversion_trial"),
        (minds.MINDS, "brand", "Mental share", "mental_share"),
        (field.SPACE, "manufacturer", "Share of shelf", "share_of_shelf"),
        (field.SPACE, "manufacturer", "Value share", "value_share"),
    ],
)
def test_a_column_shows_what_its_heading_says(
    store: Store, run: Run, specs: tuple[Spec, ...], by: str, heading: str, measure: str
) -> None:
    grid = listing(run, "", By(column=by, heading=by), specs)
    assert grid is not None
    place = [head.text for head in grid.headings].index(heading)
    shown = {line.name: line.cells[place].text for line in grid.lines}
    wanted = answers(store, run, measure, by)
    assert shown == {name: amount(wanted.get(name), "percent") for name in shown}
    assert any(name in wanted for name in shown)


def test_the_spend_on_the_page_is_that_of_the_rows(store: Store, run: Run) -> None:
    frame = run.manifest.frame
    media = store.tables()["media"]
    rows = store.run(
        media.filter(
            media.category == "COFFEE",
            media.brand.isin(frame.brands),
            media.week.between(
                date.fromisoformat(frame.first_week), date.fromisoformat(frame.last_week)
            ),
        )
    ).to_pylist()
    spent = sum(row["spend"] for row in rows)
    assert spent > 0
    assert run.rows("own_voice")[0]["spend"] == pytest.approx(spent)
    assert sum(row["spend"] for row in run.rows("media_channels")) == pytest.approx(spent)


def shown(spec: Spec, value: float | None) -> str:
    if spec.style == "tenth":
        return f"{value:,.1f}"
    return amount(value, spec.unit, "EUR").lstrip("\N{MINUS SIGN}")


@pytest.mark.parametrize(
    ("key", "specs"),
    [
        ("media", (*minds.MEDIA, *minds.VOICES, *minds.CHANNELS)),
        ("brand", (*minds.STAGES, *minds.STEPS, *minds.MINDS)),
        ("shelf", (*field.SHELF, *field.BY_RETAILER, *field.SPACE)),
        ("notes", field.NOTES),
        ("teams", (*field.TEAMS, *field.TARGETS, *field.STAFF)),
    ],
)
def test_every_figure_on_the_page_is_that_of_its_table(
    run: Run, page: str, key: str, specs: tuple[Spec, ...]
) -> None:
    words = group(page, key)
    figures = 0
    for spec in specs:
        for row in run.rows(spec.table):
            if row[spec.column] is not None:
                assert shown(spec, row[spec.column]) in words, (spec, row)
                figures += 1
    assert figures >= len(specs)


def test_intervals_stand_beside_the_funnel(run: Run, page: str) -> None:
    words = group(page, "brand")
    for row in run.rows("funnel_aware"):
        assert f"{row['low']:.1f}% to {row['high']:.1f}%" in words


def test_the_sentences_are_on_the_page_and_in_the_terminal(run: Run, page: str) -> None:
    spent = run.rows("own_voice")[0]["spend"]
    sentence = f"Our brands spent {amount(spent, 'money', 'EUR')} on media in the period"
    assert sentence in group(page, "media")
    terminal = " ".join(summary(run).split())
    assert sentence in terminal
    for title in ("Media:", "Brand:", "On the shelf:", "Notes from the field:"):
        assert title in terminal


def test_the_label_is_on_the_page_and_on_every_chart(run: Run, page: str) -> None:
    assert page.count('<p class="simulated" role="note">') == 1
    specs = run.charts()
    assert set(CHARTS) <= specs.keys()
    for spec in specs.values():
        assert json.loads(spec)["title"]["text"] == "Simulated data"
    for key in GROUPS:
        assert "Source: offtake.twin (simulated), seed 5, version" in group(page, key)


def test_a_new_chart_can_be_drawn(run: Run) -> None:
    import vl_convert

    for name in CHARTS:
        assert vl_convert.vegalite_to_svg(run.charts()[name]).startswith("<svg")


def test_no_person_is_named(store: Store, page: str) -> None:
    people = [row["person_id"] for row in store.run(store.tables()["person"]).to_pylist()]
    assert people
    assert not [name for name in people if name in page]


def test_a_team_of_few_people_is_hidden(run: Run, page: str) -> None:
    hidden = [row for row in run.rows("staff_turnover_by_team") if row["suppressed"]]
    assert hidden
    assert "under 5 people" in group(page, "teams")


def test_without_these_data_one_paragraph_says_so(small: Run) -> None:
    text = (small.folder / "scoreboard.html").read_text(encoding="utf-8")
    assert '<section class="group"' not in text
    words = Page(text).words
    assert words.count("Not in these data:") == 1
    assert (
        "media spending, a brand survey, stock records, audits, field notes, targets and people"
        in words
    )
    for contract in OPTIONAL:
        assert f"offtake load FILE --as {contract}" in words
    assert "Not shown yet" not in words
    assert not set(CHARTS) & small.charts().keys()
    asked_for = {gap.measure for gap in small.manifest.gaps}
    assert not asked_for & small.manifest.passports.keys()
    assert "Not in these data: media spending" in " ".join(summary(small).split())


def test_what_was_loaded_is_shown_and_the_rest_named(tmp_path: Path) -> None:
    notes: Rows = [
        {"note_id": f"N{number}", "store_id": "S1", "person_id": "R1", "topic": "out_of_stock",
         "written": f"2017-02-{number + 10}T09:00:00", "due": f"2017-02-{number + 13}T09:00:00",
         "answered": f"2017-02-{number + 11}T09:00:00", "body": "Shelf empty.", "answer": "Sent."}
        for number in range(3)
    ]  # fmt: skip
    targets: Rows = [
        {"level": "team", "owner": "North", "team": "North", "metric": metric, "target": 100,
         "actual": actual, "first_day": "2017-02-06", "last_day": "2017-03-05"}
        for metric, actual in (("value", 90), ("visits", 110))
    ]  # fmt: skip
    with fill(Store(":memory:"), tmp_path) as store:
        load_rows(store, "note", notes, tmp_path)
        load_rows(store, "target", targets, tmp_path)
        run = refresh(store, tmp_path / "runs", SMALL_VIEW)
    text = (run.folder / "scoreboard.html").read_text(encoding="utf-8")
    words = group(text, "notes")
    assert "Salespeople wrote 3 notes" in words
    assert "Out of stock" in words
    teams = group(text, "teams")
    assert "North, value 90.0%" in teams
    assert "North, visits 110.0%" in teams
    missing = Page(text).words.partition("Not in these data: ")[2]
    assert missing.startswith("media spending, a brand survey, stock records, audits and people.")


def test_simulated_and_real_runs_do_not_share_a_folder(
    store: Store, run: Run, tmp_path: Path
) -> None:
    with fill(Store(":memory:"), tmp_path) as real:
        kept = refresh(real, tmp_path / "runs", SMALL_VIEW)
        with pytest.raises(BadInputError, match=r"shows a run of real data; a run of simulated"):
            refresh(store, tmp_path / "runs", VIEW)
        with pytest.raises(BadInputError, match=r"shows a run of simulated data .*--runs FOLDER"):
            refresh(real, run.folder.parent, SMALL_VIEW)
    pointer = (tmp_path / "runs" / "published").read_text(encoding="utf-8")
    assert pointer.strip() == kept.run_id


def test_a_run_is_kept_where_nothing_has_changed(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with fill(Store(":memory:"), tmp_path) as store:
        first = refresh(store, runs, SMALL_VIEW, keep=True)
        assert refresh(store, runs, SMALL_VIEW, keep=True) == first
        page = first.folder / "scoreboard.html"
        page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
        mended = refresh(store, runs, SMALL_VIEW, keep=True)
        assert mended.run_id != first.run_id
        load_rows(store, "store", [{"store_id": "S7"}], tmp_path, part="-more")
        assert refresh(store, runs, SMALL_VIEW, keep=True).run_id != mended.run_id
