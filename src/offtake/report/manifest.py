"""What a run says about itself: its inputs, its tables, and the passport of every figure.

Everything here is plain data that goes to ``manifest.json`` and comes back unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from offtake.errors import UnreadableFileError

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadEntry:
    """One load that was in the store: what came in, from where, and when."""

    load_id: int
    contract: str
    file: str
    source: str
    vintage: str
    rows_in: int
    loaded: int
    replaced: int
    set_aside: int
    duplicate: int
    combined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Whose view a run takes, of which market, over which weeks.

    Parameters
    ----------
    category, manufacturer
        The market and whose side it is seen from.
    competitors
        The other manufacturers, largest category sales first.
    first_week, last_week
        Mondays of the period, ISO text; with `weeks` how many there are.
    before_first_week, before_last_week
        The same for the weeks it is compared with.
    against
        Words for the comparison: ``previous`` or ``year-ago``.
    data_first_week, data_last_week
        Mondays of all weeks loaded.
    currency
        Sign or code written before amounts of money; empty where nobody said.
    simulated
        Which simulation all of it comes from; empty for real data.
    brands
        The brands of the category that nobody but us sells, largest first.
    rival_brands
        The largest brands that we have no part in.
    """

    category: str
    manufacturer: str
    competitors: tuple[str, ...]
    weeks: int
    first_week: str
    last_week: str
    before_first_week: str
    before_last_week: str
    against: str
    data_first_week: str
    data_last_week: str
    currency: str = ""
    simulated: str = ""
    brands: tuple[str, ...] = ()
    rival_brands: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The manufacturers of every table, ours first."""
        return (self.manufacturer, *self.competitors)

    @property
    def shown_brands(self) -> tuple[str, ...]:
        """The brands of every table by brand, ours first."""
        return (*self.brands, *self.rival_brands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """Everything a reader needs to trust one figure.

    Parameters
    ----------
    measure
        Id in the catalogue, or of the derived figure.
    title, definition, formula, unit, additivity, variant, caveat
        As in the catalogue.
    sources
        Labels of the sources behind it.
    notes
        What those sources warn of.
    label
        The shortest of those warnings, to be shown beside the figure; empty where there is none.
    vintage
        When the newest load behind it was made, ISO text in UTC.
    weeks
        The weeks that the data cover.
    """

    measure: str
    title: str
    definition: str
    formula: str
    unit: str
    additivity: str
    variant: str
    caveat: str
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    label: str
    vintage: str
    weeks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """One table of a run: the question it answers and how its file can be checked.

    Parameters
    ----------
    name
        Name of the file in ``tables/``, without ending.
    measure, by, where, first_week, last_week, against
        The question; `against` is empty where nothing is compared.
    inputs
        Contracts read, or tables where one was worked out from others.
    fingerprint
        Hash of the question, the loads behind it and the code; equal prints, equal tables.
    sha256, rows, seconds
        Of the file, in it, and to work it out.
    reused_from
        The run it was copied from; empty where it was worked out in this run.
    """

    name: str
    measure: str
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    first_week: str = ""
    last_week: str = ""
    against: str = ""
    inputs: tuple[str, ...] = ()
    fingerprint: str
    sha256: str
    rows: int
    seconds: float
    reused_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A table that could not be made, why, and what to load for it."""

    name: str
    measure: str
    title: str
    reason: str
    load: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of ``manifest.json``.

    Parameters
    ----------
    run_id, created, code_version, seeds
        Which run, when (ISO text in UTC), by which code, from which random seeds.
    frame
        Whose view.
    loads
        Every load the store held.
    tables, gaps
        What was made and what could not be.
    passports
        By measure id.
    files
        SHA-256 of every other file of the run, by its path in the run's folder.
    """

    run_id: str
    created: str
    code_version: str
    frame: Frame
    loads: tuple[LoadEntry, ...]
    tables: tuple[TableEntry, ...]
    gaps: tuple[Gap, ...] = ()
    passports: Mapping[str, Passport] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    format: int = FORMAT


def to_json(manifest: Manifest) -> str:
    """Return a manifest as JSON text.

    Examples
    --------
    >>> text = to_json(EXAMPLE)
    >>> from_json(text) == EXAMPLE
    True
    """
    return json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Manifest:
    """Read a manifest back from JSON text.

    Raises
    ------
    UnreadableFileError
        When the text is not a manifest, or of a format this code does not know.
    """
    try:
        record = json.loads(text)
        known = record["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(f"manifest: not a run's manifest ({error})") from error
    if known != FORMAT:
        raise UnreadableFileError(f"manifest: got format {known}, this Offtake reads {FORMAT}")
    return _manifest(record)


def _manifest(record: dict[str, Any]) -> Manifest:
    return Manifest(
        **record
        | {
            "frame": Frame(**_tuples(record["frame"])),
            "loads": tuple(LoadEntry(**entry) for entry in record["loads"]),
            "tables": tuple(table_entry(entry) for entry in record["tables"]),
            "gaps": tuple(Gap(**_tuples(entry)) for entry in record["gaps"]),
            "passports": {
                name: Passport(**_tuples(entry)) for name, entry in record["passports"].items()
            },
            "seeds": tuple(record["seeds"]),
        }
    )


def table_entry(record: dict[str, Any]) -> TableEntry:
    """Return one table's entry from its JSON record."""
    return TableEntry(**_tuples(record))


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}


_NAMES = ("competitors", "brands", "rival_brands")
EXAMPLE = Manifest(
    run_id="20171231T000000000Z-0123abcd",
    created="2017-12-31T00:00:00+00:00",
    code_version="0",
    frame=Frame(**{f.name: () if f.name in _NAMES else "" for f in fields(Frame)}),  # type: ignore[arg-type]  # an example
    loads=(),
    tables=(),
)
"""An empty manifest for examples."""
