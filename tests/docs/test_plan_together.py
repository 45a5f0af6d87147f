"""The guide to planning names every step and says of each what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from offtake.decisions.planning.activity import STATES

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "plan-together.md"


def test_the_guide_names_every_state_in_order() -> None:
    steps = re.findall(r"^\| (\w+) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(steps[1:]) == tuple(state for state in STATES if state != "cancelled")
