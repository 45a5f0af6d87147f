"""The software to measure beside: a list, each with what it needs installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

LIMIT_S, SHORT_LIMIT_S = 300.0, 60.0


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to fit with one library.

    Parameters
    ----------
    name
        What the results call it.
    side
        Function of ``sides.SIDES``.
    needs
        Distributions that must be installed; the first is the library.
    options
        Keyword arguments of the function.
    limit_s
        CPU seconds after which it is stopped. A library's second-best way has the short limit.
    """

    name: str
    side: str
    needs: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    limit_s: float = LIMIT_S

    @property
    def version(self) -> str:
        """The library and its version; empty where something that it needs is not installed."""
        try:
            found = [f"{name} {version(name)}" for name in self.needs]
        except PackageNotFoundError:
            return ""
        return found[0]


PEERS = (
    Peer("pyfixest, MAP rust", "pyfixest", ("pyfixest",), {"demeaner": "map-rust"}),
    Peer("pyfixest, LSMR within", "pyfixest", ("pyfixest",), {"demeaner": "lsmr-within"}),
    Peer(
        "pyfixest, MAP numba", "pyfixest", ("pyfixest", "numba"), {"demeaner": "map-numba"},
        SHORT_LIMIT_S,
    ),
    Peer(
        "pyfixest, MAP jax", "pyfixest", ("pyfixest", "jax"), {"demeaner": "map-jax"},
        SHORT_LIMIT_S,
    ),
    Peer(
        "pyfixest, LSMR scipy", "pyfixest", ("pyfixest",), {"demeaner": "lsmr-scipy"},
        SHORT_LIMIT_S,
    ),
    Peer("glum, IRLS", "glum", ("glum",), {"solver": "irls-ls"}),
    Peer("glum, L-BFGS", "glum", ("glum",), {"solver": "lbfgs"}, SHORT_LIMIT_S),
    Peer("statsmodels, GLM", "statsmodels", ("statsmodels",)),
)  # fmt: skip
