"""Writes the table of assumptions into the page on planning, from the code.

``python -m docs.planning`` writes it; ``tests/docs`` fails when the page is out of date.
"""

from __future__ import annotations

from pathlib import Path

from offtake.decisions.planning.collision import STANDARD as LIMITS
from offtake.decisions.planning.deal_conflicts import SERIOUS_SHARE
from offtake.decisions.planning.effects import TAKEN_SD
from offtake.decisions.planning.readiness import DUE
from offtake.decisions.planning.readiness import STANDARD as NEEDED
from offtake.decisions.planning.supply import COVER_DAYS
from offtake.models.promotion.base_errors import ASSUMED, LEADS, RECENT, WINDOW
from offtake.pipeline.model_planning import RECENT as SELLING

PAGE = Path(__file__).parent / "explanation" / "planning.md"
BEGIN, END = "<!-- assumptions -->", "<!-- end of assumptions -->"


def assumptions() -> list[str]:
    """Return the lines of the table."""
    rows = [
        ("sells in enough of the stores that list it", f"{NEEDED.of_listed:g} % of them"),
        ("without a list: sells in stores with enough of the category's sales",
         f"{NEEDED.weighted:g} %"),
        ("a launch or listing: stores that list it, now or later", f"{NEEDED.listed:g} %"),
        ("stock must last", f"the first {COVER_DAYS} days"),
        ("missing supply: serious from more than", f"{100 * SERIOUS_SHARE:g} % of what is needed"),
        *((f"gate *{name.replace('_', ' ')}*: due before the start", f"{days} days")
          for name, days in DUE.items()),
        ("cannibalising: share of a gain from the brand's other items, from",
         f"{100 * LIMITS.own_pull:g} %; serious from {100 * LIMITS.serious_pull:g} %"),
        ("too soon: share of a gain that weeks after the gap still lose, from",
         f"{100 * LIMITS.dip:g} %; serious from {100 * LIMITS.serious_pull:g} %"),
        ("too soon where the data do not tell: free weeks", f"{LIMITS.weeks_after}"),
        ("media before listing: stores with less of the category's sales than",
         f"{LIMITS.distribution:g} %"),
        ("where an item sells now: latest weeks", f"{SELLING}"),
        ("the level of the base: latest weeks", f"{RECENT}"),
        ("errors of the base are tried so many weeks ahead",
         f"{', '.join(str(lead) for lead in LEADS)}, for {WINDOW} weeks"),
        ("errors of the base where too few weeks are there: of all together, of each alone",
         f"{ASSUMED[0]:g} and {ASSUMED[1]:g} in logs"),
        ("error of what is taken from others, beyond the parameters", f"{TAKEN_SD:g} in logs"),
    ]  # fmt: skip
    return [
        "| assumption | value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows),
    ]


def main() -> None:
    """Write the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(assumptions())
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
