"""The pages of runs: what each holds, what changed, its files, and which one is published."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, Settings

from offtake.data.lock import held
from offtake.pipeline.run import published_id, read_run
from offtake.pipeline.view import View
from offtake.report.manifest import EXAMPLE, TableEntry, to_json
from offtake.report.run import Run
from offtake_web.accounts.access import may, scope_of
from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market
from offtake_web.jobs.models import Job, State
from offtake_web.runs import exports
from offtake_web.runs.actions import ask_for_refresh
from offtake_web.runs.comparison import compare
from offtake_web.runs.queries import all_ids
from offtake_web.runs.tables import table
from tests.web.conftest import Visit
from tests.web.market_runs import built, copied

__all__ = ["built"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market(built: Path, tmp_path: Path, settings: Settings) -> Market:
    """The small market with its two runs."""
    found = copied(built, tmp_path)
    settings.OFFTAKE_MARKETS = (found,)
    return found


@pytest.fixture
def ids(market: Market) -> tuple[str, ...]:
    """The newest run, and the one before."""
    return all_ids(market)


@pytest.fixture
def viewer(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def damage(market: Market, run_id: str, name: str = "penetration") -> None:
    (market.runs / run_id / "tables" / f"{name}.parquet").write_bytes(b"other")


def make_simulated(market: Market, run_id: str) -> str:
    """Label a run as of simulated data, under another name, so that nothing kept is met."""
    run = read_run(market.runs, run_id)
    name = f"{run_id}-twin"
    frame = replace(run.manifest.frame, simulated="simulated: offtake.twin, seed <7>, version 1")
    run.folder.rename(run.folder.with_name(name))
    manifest = to_json(replace(run.manifest, run_id=name, frame=frame))
    (market.runs / name / "manifest.json").write_text(manifest, encoding="utf-8")
    return name


@pytest.mark.parametrize("role", [*Role, None])
def test_who_opens_the_pages(
    cast: dict[str, User], client_of: Visit, role: Role | None, ids: tuple[str, ...]
) -> None:
    user = None if role is None else cast[role]
    visitor = client_of(user)
    run = f"/main/runs/{ids[0]}"
    looks = [
        "/main/runs/", f"{run}/", f"{run}/?check=1", f"{run}/changes/",
        f"{run}/tables/own_sales.csv", f"{run}/tables/own_sales.xlsx",
        f"{run}/tables/own_sales.parquet",
    ]  # fmt: skip
    if scope_of(user or AnonymousUser()).everything:
        looks.append(f"{run}/pages/scoreboard.html")
    for address in looks:
        response = visitor.get(address)
        assert response.status_code == (302 if user is None else 200), address
        b"".join(response)  # a file is closed when it has been read
    refused = 302 if user is None else 403
    refreshes = user is not None and may(user, "runs.refresh")
    assert visitor.get("/main/runs/refresh/").status_code == (200 if refreshes else refused)
    asked = visitor.post("/main/runs/refresh/", {"category": "Snacks", "manufacturer": "Acme"})
    assert asked.status_code == (302 if refreshes else refused)
    assert Job.objects.count() == (1 if refreshes else 0)


@pytest.mark.parametrize("role", [*Role, None])
def test_who_publishes(
    cast: dict[str, User], client_of: Visit, role: Role | None, market: Market, ids: tuple[str, ...]
) -> None:
    user = None if role is None else cast[role]
    response = client_of(user).post(f"/main/runs/{ids[1]}/publish/")
    allowed = user is not None and may(user, "runs.publish")
    assert response.status_code == (302 if allowed or user is None else 403)
    assert published_id(market.runs) == (ids[1] if allowed else ids[0])


def test_the_list_says_which_run_is_published(viewer: Client, ids: tuple[str, ...]) -> None:
    text = page(viewer, "/main/runs/")
    assert text.count("published</span>") == 1
    assert text.index(ids[0]) < text.index("published</span>") < text.index(ids[1])
    assert "Refresh</a>" not in text


def test_no_run_yet(viewer: Client, settings: Settings, market: Market, tmp_path: Path) -> None:
    settings.OFFTAKE_MARKETS = (replace(market, runs=tmp_path / "nothing"),)
    assert "There is no run yet." in page(viewer, "/main/runs/")


def test_a_damaged_run_does_not_hide_the_others(
    viewer: Client, market: Market, ids: tuple[str, ...]
) -> None:
    broken = market.runs / "20990101T000000000Z-broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{", encoding="utf-8")
    text = page(viewer, "/main/runs/")
    assert "cannot be read" in text
    assert ids[0] in text
    assert viewer.get(f"/main/runs/{broken.name}/").status_code == 404


def test_a_run_shows_its_tables_gaps_and_loads(viewer: Client, ids: tuple[str, ...]) -> None:
    text = page(viewer, f"/main/runs/{ids[0]}/")
    assert f"/main/runs/{ids[0]}/tables/penetration.csv" in text
    assert "loads it rests on" in text
    assert "Publish this run again" not in text
    assert "Scoreboard page" in text


def test_checksums_are_checked_when_asked(
    viewer: Client, market: Market, ids: tuple[str, ...]
) -> None:
    assert "as they were made" in page(viewer, f"/main/runs/{ids[0]}/?check=1")
    damage(market, ids[0])
    text = page(viewer, f"/main/runs/{ids[0]}/?check=1")
    assert "tables/penetration.parquet" in text
    assert "as they were made" not in text


def test_an_earlier_run_is_published_again_by_a_button(
    client: Client, vesna: User, market: Market, ids: tuple[str, ...]
) -> None:
    client.force_login(vesna)
    assert "Publish this run again" in page(client, f"/main/runs/{ids[1]}/")
    response = client.post(f"/main/runs/{ids[1]}/publish/", follow=True)
    assert "This run is the published one now." in response.content.decode()
    assert published_id(market.runs) == ids[1]
    assert client.post("/main/runs/nonsense/publish/").status_code == 404


def test_why_a_run_is_not_published_is_said(
    client: Client, vesna: User, market: Market, ids: tuple[str, ...]
) -> None:
    client.force_login(vesna)
    with held(market.runs / ".lock"):
        response = client.post(f"/main/runs/{ids[1]}/publish/", follow=True)
    assert "being written by another process" in response.content.decode()
    damage(market, ids[1])
    response = client.post(f"/main/runs/{ids[1]}/publish/", follow=True)
    assert "has been changed: tables/penetration.parquet" in response.content.decode()
    assert published_id(market.runs) == ids[0]


@pytest.mark.parametrize("name", ["..", "no-such-run", "%2e%2e", "published"])
def test_what_is_no_run(viewer: Client, name: str) -> None:
    for rest in ("", "changes/", "tables/own_sales.csv", "pages/scoreboard.html"):
        assert viewer.get(f"/main/runs/{name}/{rest}").status_code in (302, 404)


def test_a_table_is_downloaded_as_it_is(
    viewer: Client, market: Market, ids: tuple[str, ...]
) -> None:
    run = read_run(market.runs, ids[0])
    for name in run.table_names:
        rows = run.table(name)
        response = viewer.get(f"/main/runs/{ids[0]}/tables/{name}.parquet")
        content = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file
        assert pq.read_table(io.BytesIO(content)).equals(rows)
        response = viewer.get(f"/main/runs/{ids[0]}/tables/{name}.csv")
        assert response["Content-Disposition"] == f'attachment; filename="{name}-{ids[0]}.csv"'
        text = list(csv.DictReader(io.StringIO(response.content.decode())))
        assert len(text) == rows.num_rows
        values = [row["value"] for row in rows.to_pylist()] if "value" in rows.schema.names else []
        assert [float(row["value"]) if row["value"] else None for row in text if values] == values
        book = load_workbook(
            io.BytesIO(viewer.get(f"/main/runs/{ids[0]}/tables/{name}.xlsx").content)
        )
        cells = list(book["Table"].iter_rows(values_only=True))
        assert list(cells[0]) == rows.column_names
        assert len(cells) == rows.num_rows + 1


def test_what_is_no_table(viewer: Client, ids: tuple[str, ...]) -> None:
    for name in ("nonsense.csv", "own_sales.exe", "../manifest.json", "own_sales"):
        assert viewer.get(f"/main/runs/{ids[0]}/tables/{name}").status_code == 404


def test_a_damaged_table_is_not_found(viewer: Client, market: Market, ids: tuple[str, ...]) -> None:
    damage(market, ids[0], "own_units")
    for ending in ("csv", "xlsx"):
        assert viewer.get(f"/main/runs/{ids[0]}/tables/own_units.{ending}").status_code == 404
    (market.runs / ids[0] / "tables" / "own_units.parquet").unlink()
    assert viewer.get(f"/main/runs/{ids[0]}/tables/own_units.parquet").status_code == 404


def test_files_of_a_simulated_run_say_so_on_every_row(
    viewer: Client, market: Market, ids: tuple[str, ...]
) -> None:
    name = make_simulated(market, ids[0])
    response = viewer.get(f"/main/runs/{name}/tables/penetration.csv")
    assert 'filename="simulated-penetration' in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert {row["simulated"] for row in rows} == {"simulated: offtake.twin, seed <7>, version 1"}
    book = load_workbook(
        io.BytesIO(viewer.get(f"/main/runs/{name}/tables/penetration.xlsx").content)
    )
    assert ("Simulated", "simulated: offtake.twin, seed <7>, version 1") in list(
        book["About"].iter_rows(values_only=True)
    )
    for address in (f"/main/runs/{name}/", f"/main/runs/{name}/changes/"):
        text = page(viewer, address)
        assert "Simulated data" in text
        assert "seed &lt;7&gt;" in text


def test_a_cell_that_looks_like_a_formula_stays_text() -> None:
    rows = pa.table({"name": ["=1+1", "+x", "a\x01b", None], "many": [[1], [2, 3], [], None]})
    book = load_workbook(io.BytesIO(exports.as_excel(rows, {"Table": "=x"})))
    cells = [list(row) for row in book["Table"].iter_rows()]
    assert [row[0].data_type for row in cells] == ["s", "s", "s", "s", "n"]
    assert [row[0].value for row in cells] == ["name", "=1+1", "+x", "a b", None]
    assert exports.as_csv(rows).decode().splitlines()[2] == '"\'+x","[2, 3]"'


def test_a_table_too_large_for_excel_offers_the_others(
    viewer: Client, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_CELLS", 3)
    response = viewer.get(f"/main/runs/{ids[0]}/tables/penetration.xlsx")
    assert response.status_code == 413
    assert "penetration.csv" in response.content.decode()


def test_a_runs_own_page_is_a_stranger_to_the_workspace(
    viewer: Client, ids: tuple[str, ...]
) -> None:
    response = viewer.get(f"/main/runs/{ids[0]}/pages/scoreboard.html")
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts allow-downloads; default-src 'none'")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert f'<a href="/main/runs/{ids[0]}/">Back to the workspace</a>' in response.content.decode()
    for name in ("promotions.html", "manifest.json", "../manifest.json", "x.html"):
        assert viewer.get(f"/main/runs/{ids[0]}/pages/{name}").status_code == 404


def test_what_changed_is_told_with_its_cause(viewer: Client, ids: tuple[str, ...]) -> None:
    text = page(viewer, f"/main/runs/{ids[0]}/changes/")
    assert "1 new load" in text
    assert "more was loaded for the same weeks." in text
    assert "The world moved on" not in text
    assert "fair_share_index" in text
    assert "There is no run before this one." in page(viewer, f"/main/runs/{ids[1]}/changes/")
    same = page(viewer, f"/main/runs/{ids[0]}/changes/?with={ids[0]}")
    assert "Nothing: both runs say the same." in same
    assert viewer.get(f"/main/runs/{ids[0]}/changes/?with=nonsense").status_code == 404


def test_the_figures_of_a_change_are_those_of_the_tables(
    market: Market, ids: tuple[str, ...]
) -> None:
    after, before = (read_run(market.runs, each) for each in ids)
    found = compare(before, after, table)
    assert [load.contract for load in found.loads_new] == ["promotion"]
    assert (found.loads_gone, found.weeks, found.code, found.view) == ((), (), (), ())
    both = {*before.table_names} & {*after.table_names}
    assert found.same + len(found.tables) == len(both)
    for change in found.tables:
        rows = {
            ", ".join(str(row[key]) for key in after.entry(change.name).by): row["value"]
            for row in after.rows(change.name)
            if "value" in row
        }
        for figure in change.figures:
            assert figure.after == rows.get(figure.label)


def made(folder: Path, values: dict[str, float], **frame: object) -> Run:
    """Make a run with one table of figures by manufacturer."""
    (folder / "tables").mkdir(parents=True)
    rows = pa.table({"manufacturer": list(values), "value": list(values.values())})
    pq.write_table(rows, folder / "tables" / "sales_value.parquet")
    entry = TableEntry(
        name="sales_value", measure="sales_value", by=("manufacturer",), fingerprint="",
        sha256=str(values), rows=len(values), seconds=0.0,
    )  # fmt: skip
    manifest = replace(
        EXAMPLE,
        run_id=folder.name,
        tables=(entry,),
        frame=replace(EXAMPLE.frame, **frame),  # type: ignore[arg-type]  # its fields
    )
    return Run(folder, manifest)


def test_the_figures_that_moved_most_come_first(tmp_path: Path) -> None:
    before = made(tmp_path / "1", {"A": 100.0, "B": 100.0, "C": 5.0, "D": 7.0}, weeks=4)
    after = made(tmp_path / "2", {"A": 101.0, "B": 150.0, "E": 1.0, "D": 7.0}, weeks=13)
    found = compare(before, after, table)
    (change,) = found.tables
    assert [figure.label for figure in change.figures] == ["C", "E", "B", "A"]
    assert [figure.change for figure in change.figures] == [None, None, 50.0, 1.0]
    assert (change.unit, change.unit_of_change) == ("money", "money")
    assert replace(change, unit="percent").unit_of_change == "points"
    assert found.weeks == ()
    assert [(each.name, each.before, each.after) for each in found.view] == [("weeks", "4", "13")]


def test_later_weeks_are_the_world(tmp_path: Path) -> None:
    before = made(tmp_path / "1", {"A": 1.0}, data_last_week="2024-01-01")
    after = made(tmp_path / "2", {"A": 1.0}, data_last_week="2024-01-08")
    found = compare(before, after, table)
    assert [each.name for each in found.weeks] == ["data_last_week"]
    assert (found.tables, found.same, found.nothing) == ((), 1, False)


def test_a_refresh_starts_from_what_the_last_one_looked_at(client: Client, vesna: User) -> None:
    client.force_login(vesna)
    text = page(client, "/main/runs/refresh/")
    assert 'value="Snacks"' in text
    assert 'value="Acme"' in text
    asked = {"category": "Snacks", "manufacturer": "Bolt", "weeks": "4", "models": ["promotion"]}
    client.post("/main/runs/refresh/", asked)
    job = Job.objects.get()
    assert (job.kind, job.title) == ("refresh", "Snacks, Bolt")
    given = job.arguments
    assert (given["weeks"], given["models"], given["competitors"]) == (4, ["promotion"], 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [("category", ""), ("manufacturer", ""), ("weeks", "0"), ("weeks", "x"), ("models", "magic")],
)
def test_a_refresh_that_makes_no_sense_is_not_started(
    client: Client, vesna: User, field: str, value: str
) -> None:
    client.force_login(vesna)
    asked = {"category": "Snacks", "manufacturer": "Acme", field: value}
    assert client.post("/main/runs/refresh/", asked).status_code == 422
    assert Job.objects.count() == 0


def test_how_often_the_database_is_asked(
    viewer: Client, ids: tuple[str, ...], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # and whether a refresh is under way
        page(viewer, "/main/runs/")
    for address in (f"{ids[0]}/", f"{ids[0]}/changes/", f"{ids[0]}/tables/own_sales.csv"):
        with django_assert_num_queries(2):  # the session and the user
            page(viewer, f"/main/runs/{address}")


@pytest.mark.parametrize("address", ["", "refresh/"])
def test_a_refresh_under_way_is_told_of(
    client: Client, vesna: User, market: Market, address: str
) -> None:
    client.force_login(vesna)
    said = "A refresh is under way, asked for by"
    assert said not in page(client, f"/main/runs/{address}")
    job = ask_for_refresh(market, View(), by=vesna)
    text = page(client, f"/main/runs/{address}")
    assert said in text
    assert f'href="/main/jobs/{job.pk}/"' in text
    Job.objects.update(state=State.DONE)
    assert said not in page(client, f"/main/runs/{address}")


def test_only_who_may_refresh_is_led_to_it(viewer: Client, vesna: User, market: Market) -> None:
    ask_for_refresh(market, View(), by=vesna)
    text = page(viewer, "/main/runs/")
    assert "A refresh is under way" in text
    assert "Watch it" not in text


def test_the_first_run_changed_nothing(viewer: Client, ids: tuple[str, ...]) -> None:
    text = page(viewer, "/main/runs/")
    assert text.count("since the one before") == len(ids) - 1
    assert "the first run" in text
    assert f"/main/runs/{ids[-1]}/changes/" not in text
