"""The environment of the demonstration: its markets and its database, in the folder of its data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from offtake.errors import OfftakeError
from offtake.pipeline.run import read_run

MARKETS, DATABASE, STORE = "markets.toml", "workspace.sqlite3", "offtake.duckdb"
KNOWN = (
    ("alder", "Alder (simulated)", "twin/runs"),
    ("groceries", "Groceries (real data)", "runs"),
)


def prepare(arguments: Sequence[str], environ: MutableMapping[str, str]) -> None:
    """Set what the demonstration needs to know, and write its file of markets.

    Parameters
    ----------
    arguments
        Of the command, of which ``--folder`` is read.
    environ
        The process environment; what somebody has set in it stays.

    Raises
    ------
    ImproperlyConfigured
        In production, and where the folder holds no run.
    """
    if environ.get("OFFTAKE_WEB_MODE") == "production":
        raise ImproperlyConfigured(
            "the demonstration makes accounts with a printed password: it does not run with "
            "OFFTAKE_WEB_MODE=production"
        )
    folder = _folder(arguments).absolute()
    for name, value in _settings(folder).items():
        environ.setdefault(name, value)
    if Path(environ["OFFTAKE_WEB_MARKETS"]) == folder / MARKETS:
        _write_markets(folder)


def _folder(arguments: Sequence[str]) -> Path:
    for place, word in enumerate(arguments):
        if word == "--folder" and place + 1 < len(arguments):
            return Path(arguments[place + 1])
        if word.startswith("--folder="):
            return Path(word.removeprefix("--folder="))
    return Path("demo")


def _settings(folder: Path) -> Mapping[str, str]:
    return {
        "OFFTAKE_WEB_MODE": "development",
        "OFFTAKE_WEB_DEBUG": "0",
        "OFFTAKE_WEB_MARKETS": str(folder / MARKETS),
        "OFFTAKE_WEB_DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "OFFTAKE_WEB_UPLOADS": str(folder / "uploads"),
    }


def _write_markets(folder: Path) -> None:
    text = "\n".join(_markets(folder))
    if not text:
        raise ImproperlyConfigured(f"there is no run in {folder}; make the data with: offtake demo")
    part = folder / f"{MARKETS}.{os.getpid()}"
    part.write_text(text, encoding="utf-8")
    part.replace(folder / MARKETS)


def _markets(folder: Path) -> Iterator[str]:
    for key, title, runs in KNOWN:
        try:
            frame = read_run(folder / runs).manifest.frame
        except OfftakeError:
            continue
        facts = {
            "key": key,
            "title": title,
            "store": STORE,
            "runs": runs,
            "category": frame.category,
            "manufacturer": frame.manufacturer,
            "currency": frame.currency,
        }
        yield "[[market]]"
        yield from (f"{name} = {json.dumps(value)}" for name, value in facts.items())
        yield f"simulated = {'true' if frame.simulated else 'false'}\n"
