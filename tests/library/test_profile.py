"""Mapping profiles: what each setting does, and what is said of a bad one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from offtake.calendars import Weekday
from offtake.data.intake import load_file
from offtake.data.profile import Profile, plain_profile, read_profile
from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError, UnreadableFileError
from tests.library.intake_files import WEEK, faults, profile_of, sales_of, write_csv, write_excel

HEAD = '[profile]\ncontract = "sales"\n'


def load_text(tmp_path: Path, toml: str, text: str, store: Store, name: str = "f.csv") -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    load_file(store, path, profile=profile_of(tmp_path, toml))


@pytest.mark.parametrize(
    ("settings", "written", "value"),
    [
        ('decimal = ","', "1,5", 1.5),
        ('decimal = ","', "1.5", None),
        ('thousands = ","', "1,234,567.5", 1234567.5),
        ('thousands = ","', "1,5", None),
        ('thousands = ","', "12,34,567", 1234567.0),
        ('thousands = ","', "1234.5", 1234.5),
        ('thousands = ","', "1,2345", None),
        ('decimal = ","\nthousands = "."', "1.234,5", 1234.5),
        ('decimal = ","\nthousands = "."', "1.5", None),
        ('decimal = ","\nthousands = " "', "1 234,5", 1234.5),
        ('decimal = ","\nthousands = " "', "1\u00a0234\u00a0567,5", 1234567.5),
        ('decimal = ","\nthousands = " "', "1\u202f234", 1234.0),
        ('thousands = "\'"', "1'234.5", 1234.5),
        ('null_values = ["n/a", -1]', "n/a", None),
        ('null_values = ["n/a", -1]', "-1", None),
        ("", "+7", 7.0),
        ("", " 7\u00a0", 7.0),
        ("", "\t7", 7.0),
        ("", "1e3", 1000.0),
        ("", "1_000", None),
        ("", "0x10", None),
        ("", "\uff15", None),
    ],
)
def test_numbers(tmp_path: Path, settings: str, written: str, value: float | None) -> None:
    with Store(":memory:") as store:
        load_text(
            tmp_path,
            f'{HEAD}[file]\ndelimiter = ";"\n{settings}\n',
            f"store_id;product_id;week;units\nS1;P1;{WEEK};{written}\n",
            store,
        )
        assert sales_of(store, "units") == ([] if value is None else [(value,)])
        assert len(faults(store)) == (value is None)


@pytest.mark.parametrize(
    ("setting", "written", "value"),
    [
        ("", "2024-01-01", date(2024, 1, 1)),
        ("", "2024-01-01 00:00:00", date(2024, 1, 1)),
        ("", "2024-01-01T10:30", date(2024, 1, 1)),
        ("", "20240101", date(2024, 1, 1)),
        ("", "2024010", None),
        ("", "01.01.2024", None),
        ("", "2024-01-32", None),
        ("", "infinity", None),
        ("", "0024-01-01", None),
        ('date_format = "%d.%m.%Y"', "01.01.2024", date(2024, 1, 1)),
        ('date_format = "%d.%m.%Y"', "1.1.2024", date(2024, 1, 1)),
        ('date_format = "%d.%m.%Y"', "2024-01-01", None),
        ('date_format = "%d/%m/%y"', "08/01/24", date(2024, 1, 8)),
        ('date_format = "%d-%b-%Y"', "01-Jan-2024", date(2024, 1, 1)),
        ('date_format = "%G-W%V-%u"', "2024-W02-1", date(2024, 1, 8)),
    ],
)
def test_dates(tmp_path: Path, setting: str, written: str, value: date | None) -> None:
    text = f"store_id,product_id,week,units\nS1,P1,{written},1\n"
    with Store(":memory:") as store:
        load_text(tmp_path, f"{HEAD}[file]\n{setting}\n", text, store)
        assert sales_of(store, "week") == ([] if value is None else [(value,)])


# A supplier's week is put on the ISO week that holds its middle day.
@pytest.mark.parametrize(
    ("day", "last", "monday"),
    [
        ("sunday", "2024-01-07", date(2024, 1, 1)),
        ("saturday", "2024-01-06", date(2024, 1, 1)),
        ("friday", "2024-01-05", date(2024, 1, 1)),
        ("thursday", "2024-01-04", date(2024, 1, 1)),
        ("wednesday", "2024-01-03", date(2023, 12, 25)),
        ("tuesday", "2024-01-02", date(2023, 12, 25)),
        ("monday", "2024-01-01", date(2023, 12, 25)),
        ("saturday", "2024-01-07", None),
    ],
)
def test_week_ends(tmp_path: Path, day: Weekday, last: str, monday: date | None) -> None:
    toml = f'{HEAD}[columns]\nweek = {{column = "week", week_ends = "{day}"}}\n'
    text = f"store_id,product_id,week,units\nS1,P1,{last},1\n"
    with Store(":memory:") as store:
        load_text(tmp_path, toml, text, store)
        assert sales_of(store, "week") == ([] if monday is None else [(monday,)])


def test_names_scale_values_and_constants(tmp_path: Path) -> None:
    toml = """
    [profile]
    name = "promo"
    contract = "promotion"
    source = "Supplier"
    [columns]
    store_id = " SHOP "
    product_id = "Item no."
    week = {constant = 2024-01-01}
    display = {column = "Disp", values = {"Y" = true, "N" = false}}
    feature = {constant = false}
    discount = {column = "off", scale = 100}
    status = {column = "st", values = {"P" = "planned"}}
    """
    text = "shop,Item No.,Disp,off,st,extra\n007,P1,Y,0.25,P,z\n008,P1,?,0.25,observed,z\n"
    with Store(":memory:") as store:
        load_text(tmp_path, toml, text, store)
        wanted = "store_id, week, display, feature, discount, status"
        assert store.fetch(f"SELECT {wanted} FROM promotion") == [
            ("007", date(2024, 1, 1), True, False, 25.0, "planned")
        ]
        assert faults(store) == [(3, "display", "?")]
        assert store.fetch("SELECT source, profile, unused_columns FROM meta.loads") == [
            ("Supplier", "promo", ["extra"])
        ]


@pytest.mark.parametrize("word", ["1", "TRUE", "Da", "x", "yes", "Y"])
def test_words_for_yes(tmp_path: Path, word: str) -> None:
    with Store(":memory:") as store:
        load_text(
            tmp_path,
            '[profile]\ncontract = "product"\n',
            f"product_id,is_private_label\nP1,{word}\n",
            store,
        )
        assert store.fetch("SELECT is_private_label FROM product") == [(True,)]


def test_a_sheet_and_rows_above_the_header(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "book.xlsx"
    write_excel(path, ["store_id"], [("wrong",)])
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Stores")
    for row in (["Report"], [None], ["store_id", "retailer"], ["S1", "R"]):
        sheet.append(row)
    book.save(path)
    toml = '[profile]\ncontract = "store"\n[file]\nsheet = "Stores"\nskip_rows = 2\n'
    with Store(":memory:") as store:
        load_file(store, path, profile=profile_of(tmp_path, toml))
        assert store.fetch("SELECT store_id, retailer FROM store") == [("S1", "R")]
        with pytest.raises(UnknownNameError, match=r"sheet of book\.xlsx 'Store'.*Stores"):
            load_file(store, path, profile=profile_of(tmp_path, toml.replace("Stores", "Store")))


BAD: list[tuple[str, str]] = [
    ("[profile]\n", "contract: missing"),
    ('[profile]\ncontract = "sale"\n', "unknown contract in p.toml [profile] 'sale'. Did you mean"),
    ("[profile]\ncontract = 5\n", "p.toml [profile] contract: got 5"),
    ("profile = 5\n", "p.toml profile: got 5"),
    (HEAD + 'title = "x"\n', "unknown setting in p.toml [profile] 'title'"),
    (HEAD + "[colums]\n", "unknown setting in p.toml 'colums'"),
    (HEAD + '[file]\ndelimeter = ";"\n', "unknown setting in p.toml [file] 'delimeter'"),
    (HEAD + '[file]\nformat = "pdf"\n', "unknown format in p.toml [file] 'pdf'"),
    (HEAD + '[file]\ndelimiter = ";;"\n', "p.toml [file] delimiter: got ';;'"),
    (HEAD + '[file]\ndelimiter = ""\n', "p.toml [file] delimiter: got ''"),
    (HEAD + '[file]\ndelimiter = "\\""\n', "delimiter and quote are both"),
    (HEAD + '[file]\ndecimal = ""\n', "p.toml [file] decimal: got ''"),
    (HEAD + '[file]\ndecimal = "5"\n', "p.toml [file] decimal: got '5'"),
    (HEAD + '[file]\nthousands = "."\n', "decimal and thousands are both '.'"),
    (HEAD + '[file]\nencoding = "utf-99"\n', "p.toml [file] encoding: got 'utf-99'"),
    (HEAD + '[file]\nencoding = "base64"\n', "p.toml [file] encoding: got 'base64'"),
    (HEAD + "[file]\nskip_rows = -1\n", "p.toml [file] skip_rows: got -1"),
    (HEAD + "[file]\nskip_rows = true\n", "p.toml [file] skip_rows: got True"),
    (HEAD + '[file]\nskip_rows = "2"\n', "p.toml [file] skip_rows: got '2'"),
    (HEAD + '[file]\nnull_values = "n/a"\n', "p.toml [file] null_values: got 'n/a'"),
    (HEAD + '[file]\nnull_values = [["a"]]\n', "p.toml [file] null_values: got ['a']"),
    (HEAD + '[file]\ndate_format = "%Q"\n', "p.toml [file] date_format: got '%Q'"),
    (HEAD + '[file]\ndate_format = "dd.mm.yyyy"\n', "p.toml [file] date_format: got 'dd.mm.yyyy'"),
    (HEAD + '[columns]\nunit = "x"\n', "unknown setting in p.toml [columns] 'unit'. Did you mean"),
    (HEAD + "[columns]\nunits = 5\n", "p.toml [columns] units: got 5"),
    (HEAD + '[columns]\nunits = " "\n', "p.toml [columns] units.column: got ' '"),
    (HEAD + "[columns]\nunits = {}\n", "p.toml [columns] units: give exactly one"),
    (HEAD + '[columns]\nunits = {column = "a", constant = 1}\n', "units: give exactly one"),
    (HEAD + "[columns]\nunits = {constant = 1, scale = 2}\n", "stands alone; take away scale"),
    (HEAD + '[columns]\nunits = {column = "a", scale = 0}\n', "units.scale: got 0"),
    (HEAD + '[columns]\nunits = {column = "a", scale = nan}\n', "units.scale: got nan"),
    (HEAD + '[columns]\nunits = {column = "a", factor = 2}\n', "p.toml [columns] units 'factor'"),
    (HEAD + '[columns]\nstore_id = {column = "a", scale = 2}\n', "store_id.scale: column"),
    (HEAD + '[columns]\nunits = {column = "a", date_format = "%Y"}\n', "units.date_format: column"),
    (HEAD + '[columns]\nweek = {column = "a", date_format = "x"}\n', "week.date_format: got 'x'"),
    (HEAD + '[columns]\nunits = {column = "a", week_ends = "sunday"}\n', "units.week_ends: column"),
    (HEAD + '[columns]\nweek = {column = "a", week_ends = "Sun"}\n', "unknown week_ends in p.toml"),
    (HEAD + '[columns]\nunits = {column = "a", values = {x = []}}\n', "units.values 'x': got []"),
]


@pytest.mark.parametrize(("toml", "words"), BAD)
def test_bad_settings_are_named(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(BadInputError) as raised:
        profile_of(tmp_path, toml, "p.toml")
    assert words in str(raised.value)
    assert "p.toml" in str(raised.value)


def test_profiles_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="there is no profile"):
        read_profile(tmp_path / "none.toml")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_profile(tmp_path)
    with pytest.raises(UnreadableFileError, match="not a TOML file"):
        profile_of(tmp_path, "[profile\n")
    with pytest.raises(UnknownNameError, match="unknown contract 'sail'"):
        plain_profile("sail")


def test_profile_and_contract_must_agree(tmp_path: Path) -> None:
    profile_of(tmp_path, HEAD, "p.toml")
    with pytest.raises(BadInputError, match="'sales', but 'stock' is asked for"):
        read_profile(tmp_path / "p.toml", contract="stock")
    assert read_profile(tmp_path / "p.toml", contract="sales").contract == "sales"
    (tmp_path / "q.toml").write_text("[columns]\n")
    assert read_profile(tmp_path / "q.toml", contract="stock").contract == "stock"
    file = write_csv(tmp_path / "f.csv", ["a"], [])
    with Store(":memory:") as store:
        with pytest.raises(BadInputError, match="is for contract 'sales', but 'stock'"):
            load_file(store, file, as_contract="stock", profile=plain_profile("sales"))
        with pytest.raises(BadInputError, match="say what the file holds"):
            load_file(store, file)


def test_columns_that_the_file_lacks(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "f.csv", ["Store", "Item"], [])
    with Store(":memory:") as store:
        with pytest.raises(BadInputError) as raised:
            load_file(store, file, as_contract="sales")
        assert "no column for 'store_id', 'product_id', 'date', 'days', 'week', 'units'" in str(
            raised.value
        )
        assert "The file has: Store, Item." in str(raised.value)
        profile = profile_of(tmp_path, HEAD + '[columns]\nstore_id = "Shop"\n')
        with pytest.raises(BadInputError, match=r"'store_id' from column 'Shop'.*Store, Item"):
            load_file(store, file, profile=profile)


def test_an_unknown_ending_names_those_that_are_known(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "f.dat", ["store_id"], [("S1",)])
    with Store(":memory:") as store:
        with pytest.raises(UnknownNameError, match=r"ending of f\.dat '\.dat'.*\.csv"):
            load_file(store, file, as_contract="store")
        profile = profile_of(tmp_path, '[profile]\ncontract="store"\n[file]\nformat="csv"\n')
        assert load_file(store, file, profile=profile).loaded == 1


def test_the_fingerprint_follows_the_mapping() -> None:
    one = Profile(name="a", contract="sales")
    assert one.fingerprint() == Profile(name="a", contract="sales").fingerprint()
    assert one.fingerprint() != Profile(name="a", contract="stock").fingerprint()
