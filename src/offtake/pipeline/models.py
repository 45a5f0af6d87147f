"""The models that a run may fit."""

from __future__ import annotations

from offtake.errors import BadInputError
from offtake.pipeline.model_availability import AVAILABILITY
from offtake.pipeline.model_planning import PLANNING
from offtake.pipeline.model_promotion import PROMOTION
from offtake.pipeline.model_shoppers import SHOPPERS
from offtake.pipeline.modelled import Modelled

MODELS: tuple[Modelled, ...] = (PROMOTION, AVAILABILITY, *SHOPPERS, PLANNING)
"""All models that a run may fit; the next one goes here."""


def chosen(names: tuple[str, ...]) -> tuple[Modelled, ...]:
    """Return the models with these names.

    Raises
    ------
    BadInputError
        When there is no such model.
    """
    known = {each.name: each for each in MODELS}
    for name in names:
        if name not in known:
            raise BadInputError(f"models: got {name!r}, allowed: {', '.join(known)}")
    return tuple(known[name] for name in names)
