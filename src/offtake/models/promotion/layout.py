"""Where each parameter of the promotion model stands."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.models.promotion.rows import Floats

LEVERS = ("promoted", "display", "feature", "display_feature")
"""What an item has a response of its own to: elasticity to the price cut, three log lifts."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each of the K parameters stands: responses of items, what retailers add, and the rest.

    Parameters
    ----------
    groups
        G, sets of responses of items.
    contrasts
        C, contrasts between retailers, each with a parameter for every lever.
    pulls
        B, sets of pulls.
    lags, trends
        Numbers of dips and of trends.
    leads
        How many of the dips are before a promotion: the last ones.
    """

    groups: int
    contrasts: int
    pulls: int
    lags: int
    trends: int
    leads: int = 0

    @property
    def responses(self) -> int:
        """Number of responses of items; that of lever k in group g is at 4 g + k."""
        return self.groups * len(LEVERS)

    @property
    def retailers(self) -> slice:
        """Places of what retailers add; that of lever k in contrast c is the (4 c + k)th."""
        return slice(self.responses, self.regular)

    @property
    def regular(self) -> int:
        """Place of the elasticity to the regular price."""
        return self.responses + self.contrasts * len(LEVERS)

    @property
    def dips(self) -> slice:
        """Places of the dips."""
        return slice(self.regular + 1, self.regular + 1 + self.lags)

    @property
    def after(self) -> int:
        """Number of weeks after a promotion in which it acts."""
        return self.lags - self.leads

    @property
    def own_pulls(self) -> slice:
        """Places of the pulls on the brand's other items."""
        return slice(self.dips.stop, self.dips.stop + self.pulls)

    @property
    def rival_pulls(self) -> slice:
        """Places of the pulls on other brands."""
        return slice(self.own_pulls.stop, self.own_pulls.stop + self.pulls)

    @property
    def effects(self) -> int:
        """Number of parameters that are effects; those after them only keep these clean."""
        return self.regular + 1 + self.lags + 2 * self.pulls

    @property
    def gaps(self) -> slice:
        """Places of what comes from the brand's other items and from other brands that ran out."""
        return slice(self.effects, self.effects + 2)

    @property
    def trend(self) -> slice:
        """Places of the trends."""
        return slice(self.gaps.stop, self.gaps.stop + self.trends)

    @property
    def size(self) -> int:
        """K."""
        return self.effects + 2 + self.trends

    def by_item(self, parameters: Floats) -> Floats:
        """Return the responses of every set of items, (G, 4), of (K,) parameters."""
        return parameters[: self.responses].reshape(-1, len(LEVERS))

    def by_contrast(self, parameters: Floats) -> Floats:
        """Return what every contrast of retailers adds, (C, 4), of (K,) parameters."""
        return parameters[self.retailers].reshape(-1, len(LEVERS))
