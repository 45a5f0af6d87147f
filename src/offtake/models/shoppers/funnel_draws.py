"""Draws of the funnel: shares at every stage, nested by construction.

Who considers a brand knows it, who has bought it again has bought it: a stage is drawn as the stage
before times the share of it that goes on. Everything told of a funnel comes from the same draws, so
that its figures and their intervals agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from offtake.measures.survey import STAGES
from offtake.models.kernels.random_walks import draw_effects, draw_walks
from offtake.models.shoppers.funnel_fit import StepFit, contrasts, fit_step
from offtake.models.shoppers.funnel_rows import STEPS, SurveyRows
from offtake.models.shoppers.funnel_spec import FunnelSpec

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

BEFORE = {
    "considers": "aware", "tried": "aware", "repeats": "tried", "loyal": "repeats",
    "first_mention": "aware",
}  # fmt: skip
"""The stage among whom a stage is asked."""
ENDS = (0.1, 0.5, 0.9)
"""Quantiles of an 80 % interval, and its middle."""


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """The smoothed funnel of a category.

    Parameters
    ----------
    rows
        The survey.
    steps
        The smoother of every step that was ever answered.
    spec
        What was assumed.
    """

    rows: SurveyRows
    steps: Mapping[str, StepFit]
    spec: FunnelSpec

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages of which something is known, with all that lead to them."""
        found: list[str] = []
        for stage in (*STAGES, "first_mention"):
            known = stage in self.steps
            if known and (stage == "aware" or BEFORE[stage] in found):
                found.append(stage)
        return tuple(found)


def fit_funnel(
    rows: SurveyRows, spec: FunnelSpec | None = None, progress: Progress | None = None
) -> Funnel:
    """Smooth every step of a category's funnel.

    Parameters
    ----------
    rows
        The survey.
    spec
        What is assumed.
    progress
        Called with what is being done and how far it is (0 to 100).
    """
    spec = spec or FunnelSpec()
    steps = {}
    for place, step in enumerate(rows.counts):
        if progress is not None:
            progress(f"smoothing {step} by {rows.group}", 100 * place / len(rows.counts))
        steps[step] = fit_step(rows, rows.counts[step], spec)
    return Funnel(rows, steps, spec)


def step_draws(funnel: Funnel, step: str, brand: int) -> Floats:
    """Draw the share that goes on at one step, among people of every group, no house in between.

    Parameters
    ----------
    funnel
        From :func:`fit_funnel`.
    step
        One of its steps.
    brand
        The place of the brand.

    Returns
    -------
    Floats
        (D, T, G) shares.
    """
    fit, rows, spec = funnel.steps[step], funnel.rows, funnel.spec
    place = STEPS.index(step)
    effects = draw_effects(
        fit.fit.tracked.effects, spec.draws, np.random.default_rng([spec.seed, place])
    )
    random = np.random.default_rng([spec.seed, place, brand])
    scale = random.choice(len(fit.scaled), spec.draws, p=fit.weights[brand])
    groups, houses = rows.groups.size, rows.houses.size
    own = np.eye(groups) if groups > 1 else np.zeros((1, 0))
    loads = np.hstack([np.ones((groups, 1)), own, own])
    shown = np.empty((spec.draws, rows.weeks.size, groups))
    for number, (walks, tracked) in enumerate(fit.scaled):
        mine = np.flatnonzero(scale == number)
        if mine.size:
            paths = draw_walks(walks, tracked, effects[mine], brand, random)
            shown[mine] = paths[:, :, : loads.shape[1]] @ loads.T
    shown += (effects[:, houses - 1 :] @ contrasts(groups).T)[:, None, :]
    return np.asarray(expit(shown))


def stage_draws(funnel: Funnel, brand: int) -> dict[str, Floats]:
    """Draw the share of people at every stage, by wave and group, (D, T, G) each.

    Parameters
    ----------
    funnel
        From :func:`fit_funnel`.
    brand
        The place of the brand.
    """
    found: dict[str, Floats] = {}
    for stage in funnel.stages:
        share = step_draws(funnel, stage, brand)
        found[stage] = share if stage == "aware" else found[BEFORE[stage]] * share
    return found


def interval(draws: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the middle of draws and the ends of their 80 % interval, over the first axis.

    Examples
    --------
    >>> [float(each) for each in interval(np.arange(11.0))]
    [5.0, 1.0, 9.0]
    """
    low, middle, high = np.quantile(draws, ENDS, axis=0)
    return middle, low, high
