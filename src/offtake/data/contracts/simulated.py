"""Simulated rows: the three columns that say so, and how their label is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from offtake.data.contracts.contract import Column, Contract, text

SIMULATED_PREFIX = "offtake.twin"
"""What the ``source`` of every simulated row starts with, and that of no real row."""

SIMULATED_PLAN = f"{SIMULATED_PREFIX}: plan of the workspace"
"""What a plan for a simulated market says it is: nothing that the simulation made."""

LABEL_COLUMNS: tuple[Column, ...] = (
    text(
        "source",
        f"what simulated the row; starts with {SIMULATED_PREFIX}",
        required=True,
        form="simulated",
    ),
    Column(
        name="seed", type="integer", meaning="seed of the random numbers", unit="", required=True
    ),
    text("version", "version of the simulation", required=True),
)
LABEL_NAMES = tuple(column.name for column in LABEL_COLUMNS)
NOT_EVIDENCE = "Not evidence about any market."
_SIMULATED = "simulated: "
_NAMED = 5


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Which simulation some rows come from.

    Parameters
    ----------
    source, seed, version
        As the rows say.
    """

    source: str
    seed: int
    version: str


def labelled(contract: Contract) -> Contract:
    """Return a contract as simulated rows must keep it: with the label columns at its end.

    Examples
    --------
    >>> from offtake.data.contracts.sales import SALES
    >>> labelled(SALES).column_names[-3:], labelled(SALES).key == SALES.key
    (('source', 'seed', 'version'), True)
    """
    # Parts of one fact come from one simulation, so that any of their labels is that of all.
    parts = tuple((name, "max") for name in LABEL_NAMES) if contract.combine else ()
    return replace(
        contract,
        columns=(*contract.columns, *LABEL_COLUMNS),
        combine=(*contract.combine, *parts),
    )


def state_label(origins: Sequence[Origin]) -> str:
    """Return the label of tables that hold rows of these simulations; it is never empty.

    Examples
    --------
    >>> state_label([Origin("offtake.twin", 7, "1")])
    'simulated: offtake.twin, seed 7, version 1'
    >>> state_label([])
    'simulated: no rows'
    """
    return _SIMULATED + (_listed(origins, "") or "no rows")


def ledger_label(origins: Sequence[Origin]) -> str:
    """Return what the ledger calls the source of rows of these simulations.

    Examples
    --------
    >>> ledger_label([Origin("offtake.twin", 7, "1"), Origin("offtake.twin", 8, "1")])
    'offtake.twin (simulated), seed 7, version 1; offtake.twin (simulated), seed 8, version 1'
    """
    return _listed(origins, " (simulated)")


def _listed(origins: Sequence[Origin], mark: str) -> str:
    words = [f"{one.source}{mark}, seed {one.seed}, version {one.version}" for one in origins]
    more = [f"and {len(words) - _NAMED} more"] if len(words) > _NAMED else []
    return "; ".join([*words[:_NAMED], *more])


def warning(label: str) -> str:
    """Return the sentence that stands wherever figures of simulated data are shown.

    Parameters
    ----------
    label
        From :func:`state_label`; empty for real data.

    Examples
    --------
    >>> warning("simulated: offtake.twin, seed 7, version 1")
    'Simulated data: offtake.twin, seed 7, version 1. Not evidence about any market.'
    >>> warning("")
    ''
    """
    return f"Simulated data: {origin_words(label)}. {NOT_EVIDENCE}" if label else ""


def origin_words(label: str) -> str:
    """Return a label without its first word, for a place that has said so already.

    Examples
    --------
    >>> origin_words("simulated: offtake.twin, seed 7, version 1")
    'offtake.twin, seed 7, version 1'
    """
    return label.removeprefix(_SIMULATED)
