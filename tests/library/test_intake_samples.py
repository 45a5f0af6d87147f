"""Every sample that comes with a reader loads under its profile, without a fault."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import offtake.data.sources
from offtake.data.intake import load_file
from offtake.data.profile import plain_profile, read_profile
from offtake.data.store import Store
from tests.library.intake_files import faults, sales_of

SOURCES = Path(next(iter(offtake.data.sources.__path__)))
SAMPLES = sorted(
    path
    for kind in ("csv_file", "excel_file", "parquet_file")
    for path in (SOURCES / kind / "sample").iterdir()
    if path.suffix != ".toml"
)
FIRST, SECOND = date(2024, 1, 1), date(2024, 1, 8)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_sample_loads(sample: Path) -> None:
    profile = sample.with_suffix(".toml")
    mapping = read_profile(profile) if profile.exists() else plain_profile("store")
    with Store(":memory:") as store:
        done = load_file(store, sample, profile=mapping)
        assert (done.loaded, faults(store)) == (done.rows_in, [])
        assert done.rows_in > 0


@pytest.mark.parametrize("folder", ["csv_file", "excel_file", "parquet_file"])
def test_every_folder_says_what_it_reads(folder: str) -> None:
    text = (SOURCES / folder / "README.md").read_text(encoding="utf-8")
    for path in (SOURCES / folder / "sample").iterdir():
        assert path.name in text


def load(folder: str, name: str) -> list[tuple[object, ...]]:
    sample = next((SOURCES / folder / "sample").glob(f"{name}.[!t]*"))
    with Store(":memory:") as store:
        load_file(store, sample, profile=read_profile(sample.with_suffix(".toml")))
        return sales_of(store, "store_id", "product_id", "date", "days", "units", "value")


def test_the_csv_sample() -> None:
    assert load("csv_file", "nielsen_like") == [
        ("0012", "4711", FIRST, 7, 1250.0, 312_500.0),
        ("0012", "4712", FIRST, 7, 400.0, 96_000.0),
        ("0027", "4711", FIRST, 7, 12_500.0, 3_124_875.0),
        ("0027", "4711", SECOND, 7, 1_010_250.0, 252_562_500.0),
        ("0027", "4712", SECOND, 7, 0.0, None),
    ]


def test_the_workbook_sample() -> None:
    assert load("excel_file", "distributor") == [
        ("12", "004711", FIRST, 7, 120.0, 29_998.8),
        ("12", "004712", SECOND, 7, 0.0, 0.0),
        ("27", "004711", FIRST, 7, 1010.0, 252_499.9),
        ("27", "004712", SECOND, 7, 33.5, 8040.0),
    ]


def test_the_parquet_sample() -> None:
    assert load("parquet_file", "warehouse") == [
        ("12", "004711", date(2024, 1, 2), 1, 3.0, 749.97),
        ("12", "004712", date(2024, 1, 2), 1, 1.0, 239.99),
        ("27", "004711", date(2024, 1, 2), 1, 7.0, 1749.93),
        ("27", "004711", date(2024, 1, 3), 1, -1.0, -249.99),
    ]
