"""The trials by name: a later model adds its module to `SUBJECTS`, and nothing else."""

from __future__ import annotations

from types import MappingProxyType

from offtake.errors import UnknownNameError
from offtake.validation import (
    availability_trials,
    campaign_trials,
    funnel_trials,
    placebo_trial,
    plan_trials,
    promotion_effect_trials,
    promotion_execution_trials,
    promotion_retailer_trials,
    promotion_trials,
    won_trials,
)
from offtake.validation.trial import Trial

SUBJECTS = (
    promotion_trials,
    promotion_effect_trials,
    promotion_execution_trials,
    promotion_retailer_trials,
    plan_trials,
    placebo_trial,
    availability_trials,
    won_trials,
    campaign_trials,
    funnel_trials,
)

TRIALS: MappingProxyType[str, Trial] = MappingProxyType(
    {trial.name: trial for subject in SUBJECTS for trial in subject.TRIALS}
)


def trial(name: str) -> Trial:
    """Return the trial with this name.

    Raises
    ------
    UnknownNameError
        When there is none; the message suggests the nearest.

    Examples
    --------
    >>> trial("promotion-response").spec.heterogeneity
    0.0
    """
    if name not in TRIALS:
        raise UnknownNameError("trial", name, TRIALS)
    return TRIALS[name]
