"""The guide to planning names every step and says of each what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from offtake.decisions.planning.activity import STATES
from offtake_web.plans.guardrails import STANDARD, TERMS, standard
from offtake_web.plans.models import Kind
from offtake_web.plans.wording import coded

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "plan-together.md"


def test_the_guide_names_every_state_in_order() -> None:
    steps = re.findall(r"^\| (\w+) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(steps[1:]) == tuple(state for state in STATES if state != "cancelled")


def test_the_guide_tells_the_standard_guardrails() -> None:
    section = GUIDE.read_text(encoding="utf-8").split("## Guardrails\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    found = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    expected = []
    for rule in STANDARD:
        row, term = standard("main", rule), TERMS[rule]
        kinds = ", ".join(str(Kind(each).label) for each in row.kinds) or "all"
        role = coded(row.role).lower()
        expected.append([str(term.label), term.words(row.limit), kinds, role])
    assert found == expected
    others = [str(term.label) for rule, term in TERMS.items() if rule not in STANDARD]
    assert all(name in section for name in others)
