"""Heavy libraries load when they are used, not when Offtake or its command line is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "altair",
    "django",
    "duckdb",
    "ibis",
    "jinja2",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pyspark",
    "scipy",
}


def heavy_modules_loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("module", ["offtake", "offtake.cli.main"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert heavy_modules_loaded_by(f"import {module}") == set()


def test_the_check_sees_a_heavy_library() -> None:
    assert "numpy" in heavy_modules_loaded_by("import numpy.linalg")
