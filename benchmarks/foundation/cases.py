"""The foundation's benchmark: intake, panel, catalogue, growth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from benchmarks.foundation import catalogue, growth, intake, panel
from benchmarks.measuring import Bench, Row

CASES: Mapping[str, Callable[[Bench], list[Row]]] = MappingProxyType(
    {
        "intake": intake.case,
        "panel": panel.case,
        "catalogue": catalogue.case,
        "growth": growth.case,
    }
)
