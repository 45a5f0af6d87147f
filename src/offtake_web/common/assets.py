"""The chart library as a static file, from the Python package that carries it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from offtake.report.page import chart_library

VEGA = "vendor/vega.js"


class VendorFinder(BaseFinder):
    """Finds ``vendor/vega.js``, which is written at the first ask and kept for this version."""

    def find(self, path: str, **kwargs: bool) -> str | list[str]:  # type: ignore[override]  # Django passes its flags by name
        if path != VEGA:
            return []
        found = str(vendor_folder() / path)
        return [found] if any(kwargs.values()) else found

    def list(self, ignore_patterns: object) -> Iterator[tuple[str, FileSystemStorage]]:
        yield VEGA, FileSystemStorage(location=str(vendor_folder()))


@cache
def vendor_folder() -> Path:
    """Return the folder that holds the file; made at the first ask."""
    folder = _cache_folder() / f"vl-convert-{version('vl-convert-python')}"
    target = folder / VEGA
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}")
        part.write_text(chart_library(), encoding="utf-8")
        part.replace(target)
    return folder


def _cache_folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "offtake"
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="offtake-"))
    return base if os.access(base, os.W_OK) else Path(tempfile.mkdtemp(prefix="offtake-"))
