"""What every test shares: no network, and a loud word about what could not run here."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from tests.effort import examples

LOOPBACK = ["127.0.0.1", "::1"]
REFERENCE_DATA = "OFFTAKE_REFERENCE_DATA"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")

# A busy machine is no fault of the code: only a wrong answer fails a property test.
settings.register_profile("offtake", deadline=None, max_examples=examples(30))
settings.load_profile("offtake")


def _reference_folder() -> Path:
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    return Path(os.environ.get(REFERENCE_DATA, default)).resolve()


def _chromium() -> str | None:
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def _missing_needs() -> dict[str, str]:
    """Say for each marker what this machine lacks."""
    postgres = os.environ.get("OFFTAKE_WEB_DATABASE_URL", "").startswith("postgres")
    pyspark = importlib.util.find_spec("pyspark")
    needs = {
        "reference": (_reference_folder().is_dir(), f"the folder that {REFERENCE_DATA} names"),
        "spark": (_java() and pyspark, "Java, and pyspark (make test-spark installs it)"),
        "browser": (_chromium(), "Chromium (make browser-tools installs it where it can)"),
        "postgres": (postgres, "OFFTAKE_WEB_DATABASE_URL=postgresql://..."),
    }
    return {marker: f"needs {what}" for marker, (met, what) in needs.items() if not met}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip with the reason what cannot run here; open loopback to what talks to a local server."""
    missing = _missing_needs()
    skipped: Counter[str] = Counter()
    for item in items:
        markers = {marker.name for marker in item.iter_markers()}
        if markers & {"spark", "browser", "postgres"}:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
        for marker in sorted(markers & missing.keys()):
            item.add_marker(pytest.mark.skip(reason=missing[marker]))
            skipped[marker] += 1
    config.stash[NOT_RUN] = [
        f"{count} {marker} tests: {missing[marker]}" for marker, count in skipped.items()
    ]


NOT_RUN = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the groups of tests that this machine could not run."""
    for line in terminalreporter.config.stash.get(NOT_RUN, []):
        terminalreporter.write_line(f"NOT RUN HERE: {line}", yellow=True, bold=True)


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of outside data; a test that uses it is marked ``reference``."""
    return _reference_folder()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; a test that uses it is marked ``browser``."""
    path = _chromium()
    assert path is not None, "mark this test with @pytest.mark.browser"
    return path
