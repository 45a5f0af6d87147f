"""The page on planning: its assumptions are those of the code, and nothing is left unexplained."""

from __future__ import annotations

from docs.planning import PAGE, assumptions
from offtake.decisions.planning.activity import CONFLICTS, GATES, STATES

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_assumptions_are_up_to_date() -> None:
    assert "\n".join(assumptions()) in TEXT, "run: python -m docs.planning"


def test_every_gate_conflict_and_state_is_explained() -> None:
    words = TEXT.lower()
    for name in (*GATES, *CONFLICTS, *STATES):
        assert name.replace("_", " ") in words, name
