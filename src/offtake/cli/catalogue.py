"""``offtake contracts`` and ``offtake measures``: what can be loaded, and what can be asked."""

from __future__ import annotations

from typing import Annotated

import typer

from offtake.cli.options import Format, FormatOption
from offtake.cli.output import print_records


def contracts(
    name: Annotated[str | None, typer.Argument(help="Show the columns of this one.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """List the contracts, or the columns of one."""
    from offtake.data.contracts.registry import CONTRACTS
    from offtake.data.contracts.registry import contract as find

    if name is None:
        rows = [
            {"contract": c.name, "one row is": c.grain, "holds": c.meaning}
            for c in CONTRACTS.values()
        ]
        print_records(("contract", "one row is", "holds"), rows, form)
        return
    found = find(name)
    rows = [
        {
            "column": c.name,
            "type": c.type,
            "unit": c.unit,
            "needed": "key" if c.name in found.key else "yes" if c.required else "",
            "when empty": c.default or "",
            "meaning": c.meaning,
        }
        for c in found.columns
    ]
    columns = ("column", "type", "unit", "needed", "when empty", "meaning")
    print_records(columns, rows, form, title=f"{found.title}: {found.meaning}")


def measures(
    name: Annotated[str | None, typer.Argument(help="Explain this one.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """List the measures, or explain one."""
    from offtake.measures.catalogue import CATALOGUE
    from offtake.measures.catalogue import measure as find

    if name is None:
        rows = [
            {"measure": m.id, "title": m.title, "unit": m.unit, "needs": ", ".join(m.needs)}
            for m in CATALOGUE.values()
        ]
        print_records(("measure", "title", "unit", "needs"), rows, form)
        return
    found = find(name)
    facts = {
        "measure": found.id,
        "title": found.title,
        "variant": found.variant,
        "definition": found.definition,
        "formula": found.formula,
        "unit": found.unit,
        "additivity": found.additivity,
        "beware": found.trap,
        "needs": ", ".join(found.needs),
        "groupings": ", ".join(sorted(found.dimensions)),
    }
    pairs = [{"": key, "what": value} for key, value in facts.items() if value]
    print_records(("", "what"), pairs, form)
