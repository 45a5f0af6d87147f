"""``offtake twin verify``: fit a model on many simulated worlds and hold it to their truth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offtake.cli.options import Format, FormatOption
from offtake.cli.output import print_records, progress_bar, say

if TYPE_CHECKING:
    from offtake.validation.harness import Verification
    from offtake.validation.scores import Coverage, Score

ModelArgument = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="A trial; without one they are listed.")
]
ReplicatesOption = Annotated[int, typer.Option(min=1, help="Simulated worlds to fit it on.")]
SeedOption = Annotated[int, typer.Option(min=0, help="The worlds' seeds follow from it.")]
StoresOption = Annotated[int | None, typer.Option(help="Stores of a world; default: the trial's.")]
WeeksOption = Annotated[int | None, typer.Option(help="Weeks of a world; default: the trial's.")]
ItemsOption = Annotated[int | None, typer.Option(help="Items of a category; default: the trial's.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1, help="Processes; default: one per core. The estimates do not depend on it."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(help="Folder of the journal and the picture; default: verify-MODEL. A stopped "
                 "verification goes on there."),
]  # fmt: skip
LISTED = ("trial", "fits", "held to the truth", "worlds")


def verify(
    model: ModelArgument = None,
    *,
    replicates: ReplicatesOption = 100,
    seed: SeedOption = 7,
    stores: StoresOption = None,
    weeks: WeeksOption = None,
    items: ItemsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Fit a model on many simulated worlds: bias, error, coverage and time against known truth."""
    from offtake.validation.registry import trial as find

    if model is None:
        _list(form)
        return
    trial = find(model).sized(stores=stores, weeks=weeks, items=items)
    folder = Path(f"verify-{model}") if out is None else out

    from offtake.report.recovery import write_recovery
    from offtake.validation.harness import verify as run

    with progress_bar(model) as bar:
        found = run(
            trial,
            replicates=replicates,
            seed=seed,
            out=folder,
            workers=workers or os.cpu_count() or 1,
            progress=bar,
        )
    _print(found, form)
    picture = write_recovery(found, folder)
    say(f"Wrote {', '.join(str(path) for path in picture)}")


def _list(form: Format) -> None:
    from offtake.validation.registry import TRIALS

    rows = [
        dict(zip(LISTED, (each.name, each.title, each.holds, each.worlds), strict=True))
        for each in TRIALS.values()
    ]
    print_records(LISTED, rows, form, title="Every trial runs on simulated data.")


def _print(found: Verification, form: Format) -> None:
    from offtake.data.contracts.simulated import warning

    if form is not Format.table:
        rows = [_in_full(found, score) for score in found.scores]
        print_records(tuple(rows[0]), rows, form)
        return
    rows = [_short(score) for score in found.scores]
    print_records(tuple(rows[0]), rows, form, title=f"{warning(found.label)}\n{_title(found)}")


def _title(found: Verification) -> str:
    return (
        f"{found.trial.title}\nHeld to the truth: {found.trial.holds}\n"
        f"{len(found.replicates)} worlds ({found.trial.worlds}); seconds of a fit: "
        f"{found.cpu:.2f} of processors, {found.wall:.2f} on the clock\n"
        "Coverage: % of worlds whose interval holds the truth, with its 95 % binomial "
        "range; ! where the nominal level lies outside it"
    )


def _in_full(found: Verification, score: Score) -> dict[str, object]:
    row: dict[str, object] = {
        "trial": found.trial.name,
        "quantity": score.quantity,
        "worlds": score.replicates,
        "estimates": score.replicates - score.failed,
        "failed": score.failed,
        "truth": score.truth,
        "bias": score.bias,
        "bias_error": score.bias_error,
        "rmse": score.rmse,
    }
    for each in score.coverage:
        level = f"{100 * each.level:.0f}"
        row |= {
            f"coverage_{level}": each.share,
            f"coverage_{level}_low": each.low,
            f"coverage_{level}_high": each.high,
            f"nominal_{level}_inside": each.nominal_inside,
            f"width_{level}": each.width,
        }
    return {**row, "cpu_seconds": found.cpu, "wall_seconds": found.wall, "label": found.label}


def _short(score: Score) -> dict[str, object]:
    return {
        "quantity": score.quantity,
        "estimates": score.replicates - score.failed,
        "failed": score.failed,
        "truth": f"{score.truth:.4f}",
        "bias": f"{score.bias:+.4f}",
        "bias error": f"{score.bias_error:.4f}",
        "rmse": f"{score.rmse:.4f}",
        **{f"{100 * each.level:.0f} %": _covered(each) for each in score.coverage},
        **{f"width {100 * each.level:.0f} %": f"{each.width:.4f}" for each in score.coverage},
    }


def _covered(each: Coverage) -> str:
    mark = "" if each.nominal_inside else " !"
    return f"{100 * each.share:.0f} ({100 * each.low:.0f}-{100 * each.high:.0f}){mark}"
