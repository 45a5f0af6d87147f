"""The promotion regression: beside other software on panels of four sizes, and by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from benchmarks.measuring import Bench, Row
from benchmarks.promotion import growth, sizes
from benchmarks.promotion.panels import PANELS

CASES: Mapping[str, Callable[[Bench], list[Row]]] = MappingProxyType(
    {panel: partial(sizes.case, panel=panel) for panel in PANELS}
    | {
        "ours": growth.ours,
        "least": growth.least,
        "growth": growth.growth,
        "streamed": growth.stream,
    }
)
