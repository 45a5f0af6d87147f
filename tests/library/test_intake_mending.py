"""Rows set aside are exported, mended, loaded again and closed; none is lost or counted twice."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.ledger import export_set_aside, loads, open_entries, set_aside_rows
from offtake.data.profile import Profile, plain_profile
from offtake.data.store import Store
from offtake.errors import BadInputError
from tests.library.intake_files import (
    SALES,
    WEEK,
    demand_balance,
    faults,
    profile_of,
    sales_of,
    whole_store,
    write_csv,
    write_excel,
    write_parquet,
)

ROWS = [("S1", "P1", WEEK, 1, 1), ("", "P1", WEEK, "x", 2), ("S3", "P1", WEEK, "y", 3)]


def mend(path: Path, changes: dict[str, dict[str, str]], delimiter: str = ",") -> Path:
    """Write changed cells into an export, by the first words of its problem."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=delimiter))
    for row in rows:
        for start, cells in changes.items():
            if row["_problem"].startswith(start):
                row.update(cells)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_row_with_two_faults_is_one_row_set_aside(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        done = load_file(store, write_csv(tmp_path / "s.csv", SALES, ROWS), as_contract="sales")
        assert (done.loaded, done.set_aside) == (1, 2)
        assert faults(store) == [(3, "store_id", None), (3, "units", "x"), (4, "units", "y")]
        assert [f.entry for f in set_aside_rows(store)] == [1, 1, 2]


def test_mended_rows_are_closed_and_the_others_stay_open(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "s.csv", SALES, ROWS), as_contract="sales")
        export = tmp_path / "mend.csv"
        assert export_set_aside(store, 1, export) == 2
        mend(export, {"store_id": {"store_id": "S2"}, "units": {"units": "30"}})
        again = load_file(store, export, as_contract="sales")
        demand_balance(again)
        assert (again.loaded, again.set_aside, again.unused_columns) == (1, 1, ())
        assert faults(store) == [(2, "units", "x")]
        assert (open_entries(store, 1), open_entries(store, 2)) == (0, 1)

        export_set_aside(store, 2, export)
        last = load_file(store, mend(export, {"units": {"units": "20"}}), as_contract="sales")
        assert (last.loaded, last.set_aside, faults(store)) == (1, 0, [])
        assert sales_of(store, "store_id", "units") == [("S1", 1), ("S2", 20), ("S3", 30)]


def test_a_row_left_out_of_the_mended_file_stays_open(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "s.csv", SALES, ROWS), as_contract="sales")
        export = tmp_path / "mend.csv"
        export_set_aside(store, 1, export)
        export.write_text("\n".join(export.read_text("utf-8-sig").replace(",y,", ",3,").splitlines()
                                    [::2]), "utf-8")  # fmt: skip
        assert load_file(store, export, as_contract="sales").loaded == 1
        assert faults(store) == [(3, "store_id", None), (3, "units", "x")]


def test_loading_the_first_file_again_after_mending_does_not_undo_it(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "s.csv", SALES, [*ROWS, ("S9", "P1", WEEK, 1, 1)])
    masters = write_csv(tmp_path / "st.csv", ["store_id"], [("S1",), ("S2",), ("S3",)])
    with Store(":memory:") as store:
        load_file(store, masters, as_contract="store")
        load_file(store, file, as_contract="sales")
        assert len(faults(store)) == 4
        export = tmp_path / "mend.csv"
        export_set_aside(store, 2, export)
        # The unknown store was S3 all along; its row is mended under another id.
        mend(export, {"store_id: got S9": {"store_id": "S2"}, "units: got y": {"units": "3"}})
        load_file(store, export, as_contract="sales")
        before = whole_store(store)
        assert load_file(store, file, as_contract="sales").load_id == 0
        assert whole_store(store) == before
        load_file(store, write_csv(tmp_path / "s9.csv", ["store_id"], [("S9",)]),
                  as_contract="store")  # fmt: skip
        again = load_file(store, file, as_contract="sales")
        demand_balance(again)
        assert again.loaded == 0
        assert sales_of(store, "store_id", "units") == [("S1", 1), ("S2", 1), ("S3", 3)]
        assert faults(store) == [(2, "store_id", None), (2, "units", "x")]


def test_the_mended_file_loaded_again_changes_nothing(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "s.csv", SALES, ROWS), as_contract="sales")
        export = tmp_path / "mend.csv"
        export_set_aside(store, 1, export)
        mend(export, {"units": {"units": "30"}})
        load_file(store, export, as_contract="sales")
        before = whole_store(store)
        again = load_file(store, export, as_contract="sales")
        assert (again.load_id, again.loaded) == (0, 0)
        assert whole_store(store) == before


def test_an_export_is_written_as_the_profile_says(tmp_path: Path) -> None:
    profile = profile_of(
        tmp_path,
        """
        [profile]
        contract = "sales"
        [file]
        delimiter = ";"
        decimal = ","
        encoding = "cp1250"
        skip_rows = 2
        date_format = "%d.%m.%Y"
        [columns]
        store_id = "Prodavnica"
        product_id = "Šifra"
        week = "Nedelja"
        units = "Količina"
        """,
    )
    file = tmp_path / "s.csv"
    text = "Izveštaj\n\nProdavnica;Šifra;Nedelja;Količina\nŽabalj;P1;01.01.2024;1.5\n"
    file.write_bytes(text.encode("cp1250"))
    with Store(":memory:") as store:
        load_file(store, file, profile=profile)
        export = tmp_path / "mend.csv"
        export_set_aside(store, 1, export)
        written = export.read_text("cp1250")
        assert written.startswith("\n\n_load_id;_entry;_problem;Prodavnica;Šifra;Nedelja;Količina")
        assert ";Žabalj;P1;01.01.2024;1.5" in written
        export.write_bytes(written.replace(";1.5", ";1,5").encode("cp1250"))
        assert load_file(store, export, profile=profile).loaded == 1
        assert (sales_of(store, "store_id", "units"), faults(store)) == ([("Žabalj", 1.5)], [])


def typed_profile(tmp_path: Path) -> Profile:
    return profile_of(
        tmp_path,
        '[profile]\ncontract="sales"\n[file]\ndecimal=","\nthousands="."\n'
        'date_format="%d.%m.%Y"\n[columns]\nvalue={column="value", scale=1000}\n',
    )


def test_typed_cells_come_back_under_the_same_profile(tmp_path: Path) -> None:
    from datetime import date

    columns = {
        "store_id": [7.0, None],
        "product_id": ["P1", "P2"],
        "week": [date(2024, 1, 1), date(2024, 1, 8)],
        "units": [1234.5, 2.25],
        "value": [1.5, 0.125],
    }
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    for file in (
        write_excel(tmp_path / "s.xlsx", list(columns), rows),
        write_parquet(tmp_path / "s.parquet", columns),
    ):
        with Store(":memory:") as store:
            profile = typed_profile(tmp_path)
            assert load_file(store, file, profile=profile).set_aside == 1
            export = tmp_path / "mend.csv"
            export_set_aside(store, 1, export)
            text = export.read_text("utf-8-sig").splitlines()[1]
            assert text.endswith(',,P2,08.01.2024,"2,25","0,125"')
            mend(export, {"store_id": {"store_id": "8"}})
            assert load_file(store, export, profile=profile).loaded == 1
            assert sales_of(store, "store_id", "units", "value") == [
                ("7", 1234.5, 1500.0), ("8", 2.25, 125.0),
            ]  # fmt: skip
            assert faults(store) == []


def test_edi_rows_are_mended_as_csv(tmp_path: Path) -> None:
    from offtake.data import sources

    sample = Path(next(iter(sources.__path__))) / "x12_852" / "sample" / "weekly_stores.edi"
    with Store(":memory:") as store:
        profile = plain_profile("sales")
        done = load_file(store, sample, profile=profile)
        assert done.loaded > 0
        load_file(store, write_csv(tmp_path / "st.csv", ["store_id"], [("none",)]),
                  as_contract="store")  # fmt: skip
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "st.csv", ["store_id"], [("none",)]),
                  as_contract="store")  # fmt: skip
        aside = load_file(store, sample, profile=profile)
        assert (aside.loaded, aside.set_aside) == (0, done.loaded + done.set_aside)
        export = tmp_path / "mend.csv"
        count = export_set_aside(store, aside.load_id, export)
        mend(export, {"store_id": {"store_id": "none"}})
        again = load_file(store, export, profile=profile)
        demand_balance(again)
        assert again.rows_in == count
        assert again.loaded > 0


def test_a_row_with_too_few_cells_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(f"store_id,product_id,week,units\nS1,P1,{WEEK}\nS2,P2,{WEEK},1,9\n")
    with Store(":memory:") as store:
        load_file(store, file, as_contract="sales")
        export = tmp_path / "mend.csv"
        export_set_aside(store, 1, export)
        assert export.read_text("utf-8-sig").splitlines()[0].endswith("week,units,_more")
        mend(export, {"units": {"units": "5"}})
        assert load_file(store, export, as_contract="sales").loaded == 2
        assert (sales_of(store, "units"), faults(store)) == ([(5,), (5,)], [])


def test_columns_called_like_ours_harm_nothing(tmp_path: Path) -> None:
    head = ("_id", "_ROW", "_line", "_load_id", "_entry", "_problem", *SALES)
    rows = [(9, 9, 9, 1, 1, "p", *ROWS[0]), (9, 9, 9, 1, 1, "p", *ROWS[1])]
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "s.csv", SALES, ROWS), as_contract="sales")
        file = write_csv(tmp_path / "t.csv", head, rows)
        done = load_file(store, file, as_contract="sales")
        assert (done.duplicate, done.set_aside, len(faults(store, 1))) == (1, 1, 3)
        assert done.unused_columns[:3] == ("_id", "_ROW", "_line")
        export = tmp_path / "mend.csv"
        export_set_aside(store, 2, export)
        header, line = export.read_text("utf-8-sig").splitlines()
        assert header == "_load_id,_entry,_problem,_id,_ROW,_line," + ",".join(SALES)
        assert line.endswith(f",9,9,9,,P1,{WEEK},x,2")
        profile = profile_of(tmp_path, '[profile]\ncontract="sales"\n[columns]\nstore_id="_id"\n')
        mend(export, {"store_id": {"units": "4"}})
        assert load_file(store, export, profile=profile).loaded == 1
        assert ("9", 4.0) in sales_of(store, "store_id", "units")


def test_parquet_columns_called_like_ours_harm_nothing(tmp_path: Path) -> None:
    columns = {"_id": ["A", "B"], "_row": [1, 2], "retailer": ["R", "R"]}
    file = write_parquet(tmp_path / "s.parquet", columns)
    profile = profile_of(tmp_path, '[profile]\ncontract="store"\n[columns]\nstore_id="_id"\n')
    with Store(":memory:") as store:
        assert load_file(store, file, profile=profile).loaded == 2
        assert store.fetch("SELECT store_id FROM store ORDER BY 1") == [("A",), ("B",)]


def test_nothing_to_export(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        load_file(store, write_csv(tmp_path / "s.csv", SALES, ROWS[:1]), as_contract="sales")
        with pytest.raises(BadInputError, match="has no rows waiting"):
            export_set_aside(store, 1, tmp_path / "mend.csv")
        with pytest.raises(BadInputError, match="there is no load 7"):
            export_set_aside(store, 7, tmp_path / "mend.csv")
        with pytest.raises(BadInputError, match=r"exported as \.csv"):
            export_set_aside(store, 1, tmp_path / "mend.xlsx")
        assert [load.load_id for load in loads(store)] == [1]
