"""Writes the reference pages from the code: measures, contracts, commands.

``python -m docs.build`` writes them; ``tests/docs`` fails when a committed page is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from offtake.cli.main import app
from offtake.data.contracts.contract import Column, Contract
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.contracts.simulated import LABEL_COLUMNS
from offtake.measures.catalogue import CATALOGUE
from offtake.measures.measure import Measure

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
SPECIFICATIONS = ROOT / "tests" / "spec"
SIMULATED = (
    "Simulated rows live in tables of their own (`--simulated`), where every contract has three "
    "more columns. A file that has them never goes into the real tables."
)
GENERATED = "*Written by `make docs` from the code; do not edit.*"


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    return {
        REFERENCE / "measures.md": "\n".join(_measures()) + "\n",
        REFERENCE / "contracts.md": "\n".join(_contracts()) + "\n",
        REFERENCE / "commands.md": "\n".join(_commands()) + "\n",
    }


def _measures() -> Iterator[str]:
    yield from ("# Measures", "", GENERATED, "")
    yield "Percentages are numbers from 0 to 100. A measure's parts are printed beside its value."
    yield ""
    yield from ("| measure | title | unit |", "|---|---|---|")
    for measure in CATALOGUE.values():
        yield f"| [{measure.id}](#{measure.id}) | {measure.title} | {measure.unit} |"
    for measure in CATALOGUE.values():
        yield from _measure(measure)


def _measure(measure: Measure) -> Iterator[str]:
    yield from ("", f"## {measure.id}", "", f"**{measure.title}.** {measure.definition}", "")
    facts = {
        "formula": f"`{measure.formula}`",
        "unit": measure.unit,
        "variant": measure.variant,
        "additivity": measure.additivity,
        "beware": measure.trap,
        "parts": ", ".join(f"`{part}`" for part in measure.parts),
        "needs": ", ".join(f"[{name}](contracts.md#{name})" for name in measure.needs),
        "groupings": ", ".join(sorted(measure.dimensions)),
    }
    yield from (f"- {name}: {text}" for name, text in facts.items() if text)
    yield from ("", *_specification(measure.id))


def _specification(measure_id: str) -> Iterator[str]:
    text = (SPECIFICATIONS / f"{measure_id}.md").read_text(encoding="utf-8")
    _, _, body = text.partition("\n")
    yield "<details><summary>Worked example</summary>"
    yield ""
    yield body.strip().replace("\n## ask:", "\n#### asked").replace("\n## ", "\n#### ")
    yield from ("", "</details>")


def _contracts() -> Iterator[str]:
    yield from ("# Contracts", "", GENERATED, "")
    yield "What every source must deliver. A row that breaks a rule is set aside with its reason."
    for contract in CONTRACTS.values():
        yield from _contract(contract)
    yield from ("", "## Simulated rows", "", SIMULATED, "")
    yield from ("| column | type | needed | meaning |", "|---|---|---|---|")
    for column in LABEL_COLUMNS:
        yield f"| `{column.name}` | {column.type} | yes | {column.meaning} |"


def _contract(contract: Contract) -> Iterator[str]:
    yield from ("", f"## {contract.name}", "", f"**{contract.title}.** {contract.meaning}", "")
    yield f"One row is: {contract.grain}. Key: {', '.join(f'`{k}`' for k in contract.key)}."
    yield from ("", "| column | type | unit | needed | when empty | allowed | meaning |")
    yield "|---|---|---|---|---|---|---|"
    yield from (_column(contract, column) for column in contract.columns)
    if contract.rules:
        yield ""
        yield from (f"- `{rule.column}`: {rule.allowed}" for rule in contract.rules)


def _column(contract: Contract, column: Column) -> str:
    needed = "key" if column.name in contract.key else "yes" if column.required else ""
    default = f"`{column.default}`" if column.default else ""
    cells = (
        f"`{column.name}`", column.type, column.unit, needed, default, _allowed(column),
        column.meaning,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _allowed(column: Column) -> str:
    parts = [", ".join(column.allowed)] if column.allowed else []
    if column.low is not None:
        parts.append(f"from {column.low:g}")
    if column.high is not None:
        parts.append(f"to {column.high:g}")
    forms = {
        "gtin": "GTIN with check digit",
        "gln": "GLN with check digit",
        "monday": "a Monday",
        "simulated": "the name of a simulation",
    }
    if column.form is not None:
        parts.append(forms[column.form])
    if column.references:
        parts.append(f"a key of [{column.references}](#{column.references})")
    return ", ".join(parts)


def _commands() -> Iterator[str]:
    yield from ("# Commands", "", GENERATED, "")
    yield "Errors go to standard error. Exit codes: 0 done, 1 failure, 2 bad input, 130 stopped."
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for name, command in _flattened(group, "offtake"):
        yield from ("", f"## {name}", "", (command.help or "").strip(), "")
        yield from ("| option | default | what it does |", "|---|---|---|")
        known = [p for p in command.params if isinstance(p, TyperArgument | TyperOption)]
        yield from (_option(parameter) for parameter in known)


def _flattened(group: TyperGroup, prefix: str) -> Iterator[tuple[str, TyperCommand]]:
    """Give every command with its whole name, those of groups within the group too."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _flattened(command, f"{prefix} {name}")
        elif isinstance(command, TyperCommand):
            yield f"{prefix} {name}", command


def _option(parameter: TyperArgument | TyperOption) -> str:
    is_argument = isinstance(parameter, TyperArgument)
    names = ", ".join(f"`{name.upper() if is_argument else name}`" for name in parameter.opts)
    shown = "" if parameter.default in (None, False) else f"`{parameter.default}`"
    if parameter.required:
        shown = "(needed)"
    meaning = (getattr(parameter, "help", None) or "").replace("|", "\\|")
    return f"| {names} | {shown} | {meaning} |"


def main() -> None:
    """Write the pages."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
