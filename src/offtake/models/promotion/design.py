"""The regression: what sells more under which support, where it comes from, and what follows.

Log expected units of an item in a store and week are::

    effect of the store-item + effect of the week (by brand or category)
    + own attraction A  (regular price, and support S: price cut, display, feature, both)
    - sum over l of dip_l x S of l weeks before          stockpiling
    - sum of own_pull x A over the brand's other items   cannibalisation
    - sum of rival_pull x A over other brands            switching
    + what comes from other items that ran out
    + trend of the item + log of the share of the week on the shelf

Responses to support differ between items, pulls between the brands they come from; dips are the
category's. The form is that of SCAN*PRO with dips and pulls proportional to the attraction they
answer to, which needs a handful of numbers where free lags and cross effects of every lever would
need dozens.

References
----------
Wittink, D. R., Addona, M. J., Hawkes, W. J. and Porter, J. C. (1988). SCAN*PRO: The estimation,
validation and use of promotional effects based on scanner data. AC Nielsen, Schaumburg.
van Heerde, H. J., Leeflang, P. S. H. and Wittink, D. R. (2004). Decomposing the sales promotion
bump with store data. Marketing Science 23, 317-334.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.promotion.market import Market, market, sized
from offtake.models.promotion.rows import Floats, Integers, PromotionRows, joint

LEVERS = ("promoted", "display", "feature", "display_feature")
"""What an item has a response of its own to: elasticity to the price cut, three log lifts."""
WeekEffects = Literal["brand", "category"]
YEAR = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionSpec:
    """What to fit.

    Parameters
    ----------
    week_effects
        What has an effect in every week: the brand (takes up its advertising), or the category.
    lags
        Weeks after a promotion in which a dip is looked for.
    own_responses
        How many items get responses of their own: those that sell most. All further items share
        one set.
    own_pulls
        How many brands get pulls of their own, by what they sell; all further ones share theirs.
    trends
        Whether every set of responses has a straight line in time.
    selection_sd
        How far the response of stores that do not execute may be from that of the others, beyond
        what the data tell: prior standard deviation of their ratio around 1. 0 takes it as 1.
    margin_share
        Margin as a share of the regular price, taken where the data have none; None takes nothing.
    seed
        Of the draws of partial pooling.

    Raises
    ------
    BadInputError
        When a number is out of range.
    UnknownNameError
        When the week effects have no such name.

    Examples
    --------
    >>> PromotionSpec(lags=2).lags
    2
    """

    week_effects: WeekEffects = "brand"
    lags: int = 3
    own_responses: int = 24
    own_pulls: int = 12
    trends: bool = True
    selection_sd: float = 0.25
    margin_share: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.week_effects not in get_args(WeekEffects):
            raise UnknownNameError("week effects", self.week_effects, get_args(WeekEffects))
        for name, low, high in (("lags", 0, 12), ("own_responses", 0, 500), ("own_pulls", 0, 100)):
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
        if not 0 <= self.selection_sd <= 1:
            raise BadInputError(f"selection_sd: got {self.selection_sd}, allowed: 0 to 1")
        if self.margin_share is not None and not 0 < self.margin_share < 1:
            raise BadInputError(f"margin_share: got {self.margin_share}, allowed: between 0 and 1")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each of the K parameters stands: G x 4 responses, the common ones, pulls, trends.

    Parameters
    ----------
    groups
        G, sets of responses.
    pulls
        B, sets of pulls.
    lags, trends
        Numbers of dips and of trends.
    """

    groups: int
    pulls: int
    lags: int
    trends: int

    @property
    def responses(self) -> int:
        """Number of responses to support; that of lever k in group g is at 4 g + k."""
        return self.groups * len(LEVERS)

    @property
    def regular(self) -> int:
        """Place of the elasticity to the regular price."""
        return self.responses

    @property
    def dips(self) -> slice:
        """Places of the dips."""
        return slice(self.responses + 1, self.responses + 1 + self.lags)

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


@dataclass(frozen=True, slots=True)
class Design:
    """The regression on N rows.

    Parameters
    ----------
    layout
        Where parameters stand.
    group
        (N,) set of responses of every row's item.
    group_of_item
        (J,) the same by item.
    puller
        (N,) set of pulls of every row's brand.
    support
        (N, 4) as in ``Support.columns``.
    log_price
        (N,) log of the regular price over its mean at the retailer.
    market
        Neighbours.
    gaps
        (N, 2) the empty shelves of the brand's other items and of other brands, weighed as pulls.
    trends
        (N, G - 1) or (N, 0).
    week
        (N,) codes of the week effects.
    offset
        (N,) log of the share of the week that the item was on the shelf.
    own_pulls_told
        Whether the data can tell the pulls within a brand. Where price cuts are derived from prices
        paid, what is not seen of an item's cut is seen of its mates', which are cut with it, and
        the pull would be taken for that.
    """

    layout: Layout
    group: Integers
    group_of_item: Integers
    puller: Integers
    support: Floats
    log_price: Floats
    market: Market
    gaps: Floats
    trends: Floats
    week: Integers
    offset: Floats
    own_pulls_told: bool

    def own(self, responses: Floats, support: Floats | None = None) -> Floats:
        """Return the log support S of every row for (G, 4) responses, (N,)."""
        columns = self.support if support is None else support
        found: Floats = np.einsum("nk,nk->n", columns, responses[self.group])
        return found


def design(rows: PromotionRows, spec: PromotionSpec) -> Design:
    """Lay the regression out, with one set of responses for all items."""
    groups = response_groups(rows, spec.own_responses)[rows.item]
    trends = _trends(rows, groups) if spec.trends else np.zeros((rows.size, 0))
    by = rows.brand if spec.week_effects == "brand" else np.zeros_like(rows.brand)
    near = market(rows, spec.lags)
    return Design(
        layout=Layout(1, 1, spec.lags, trends.shape[1]),
        group=np.zeros(rows.size, np.int64),
        group_of_item=np.zeros(rows.names.items.size, np.int64),
        puller=np.zeros(rows.size, np.int64),
        support=rows.seen.columns,
        log_price=_log_price(rows),
        market=near,
        gaps=_gaps(rows, near),
        trends=trends,
        week=joint(by, rows.week),
        offset=np.log(rows.available),
        own_pulls_told=rows.cut_from == "stated",
    )


def resized(found: Design, rows: PromotionRows, rates: Floats) -> Design:
    """Return the regression with items of other base rates, (J,)."""
    near = sized(found.market, rows, rates)
    return replace(found, market=near, gaps=_gaps(rows, near))


def regrouped(found: Design, rows: PromotionRows, groups: Integers, pullers: Integers) -> Design:
    """Return the regression with other sets of responses and pulls.

    Parameters
    ----------
    found, rows
        The regression as it is, and its rows.
    groups
        (J,) set of responses of every item.
    pullers
        (brands,) set of pulls of every brand.
    """
    layout = replace(
        found.layout, groups=int(groups.max()) + 1, pulls=int(pullers.max()) + 1
    )  # fmt: skip
    return replace(
        found,
        layout=layout,
        group=groups[rows.item],
        group_of_item=groups,
        puller=pullers[rows.brand],
    )


def _gaps(rows: PromotionRows, near: Market) -> Floats:
    gone = 1 - rows.available
    return np.column_stack([near.own_others(gone), near.competitors(gone)])


def response_groups(rows: PromotionRows, most: int) -> Integers:
    """Return the set of responses of every item, (J,): its own, or that of all the rest."""
    units = np.bincount(rows.item, rows.units, minlength=rows.names.items.size).astype(np.float64)
    return _largest(units, most)


def pull_groups(rows: PromotionRows, most: int) -> Integers:
    """Return the set of pulls of every brand: its own, or that of all the rest."""
    return _largest(np.bincount(rows.brand, rows.units).astype(np.float64), most)


def _largest(units: Floats, most: int) -> Integers:
    """Give the largest codes of their own, 0 and up, and all others one together."""
    rank = np.argsort(np.argsort(-units))
    code = np.where(rank < most, np.arange(units.size), units.size)
    return np.unique(code, return_inverse=True)[1].astype(np.int64)


def _log_price(rows: PromotionRows) -> Floats:
    series = joint(rows.retailer, rows.item)
    log = np.log(rows.regular)
    mean = np.bincount(series, log) / np.bincount(series)
    around: Floats = log - mean[series]
    return around


def _trends(rows: PromotionRows, groups: Integers) -> Floats:
    """Return a straight line per year for every group but the first, (N, G - 1)."""
    codes = np.arange(1, int(groups.max()) + 1)
    middle = (rows.week - rows.week.mean()) / YEAR
    lines: Floats = middle[:, None] * (groups[:, None] == codes)
    return lines


def log_mean(design: Design, parameters: Floats) -> Floats:
    """Return the log mean of every row without effects of pairs and weeks, (N,)."""
    layout = design.layout
    price = parameters[layout.regular] * design.log_price
    total = promoted_part(design, parameters) + price + design.offset
    total += design.trends @ parameters[layout.trend] + design.gaps @ parameters[layout.gaps]
    total -= _pulled(design, parameters, price)
    return np.asarray(total, dtype=np.float64)


def promoted_part(design: Design, parameters: Floats) -> Floats:
    """Return what promotions of any week and item add to the log mean of every row, (N,)."""
    layout, near = design.layout, design.market
    support = design.own(parameters[: layout.responses].reshape(-1, len(LEVERS)))
    total = support - _pulled(design, parameters, support)
    for lag, dip in enumerate(parameters[layout.dips], start=1):
        total -= dip * near.lagged(support, lag)
    return np.asarray(total, dtype=np.float64)


def pulls(design: Design, parameters: Floats) -> tuple[Floats, Floats]:
    """Return how strongly every row pulls on its brand's other items, and on others, (N,) each."""
    layout = design.layout
    own, rival = parameters[layout.own_pulls], parameters[layout.rival_pulls]
    return own[design.puller], rival[design.puller]


def _pulled(design: Design, parameters: Floats, attraction: Floats) -> Floats:
    """Return what all others take from every row, (N,)."""
    own, rival = pulls(design, parameters)
    near = design.market
    taken: Floats = near.own_others(own * attraction) + near.competitors(rival * attraction)
    return taken


def jacobian(design: Design, parameters: Floats) -> Floats:
    """Return the derivatives of the log mean, (N, K)."""
    layout, near = design.layout, design.market
    responses = parameters[: layout.responses].reshape(-1, len(LEVERS))
    dips, pulling = parameters[layout.dips], pulls(design, parameters)
    columns = np.zeros((design.group.size, layout.size))
    for lever in range(len(LEVERS)):
        columns[:, lever : layout.responses : len(LEVERS)] = _spread(
            design, design.support[:, lever], dips, pulling
        )
    support = design.own(responses)
    price = design.log_price
    attraction = support + parameters[layout.regular] * price
    columns[:, layout.regular] = price - _pulled(design, parameters, price)
    for lag in range(1, layout.lags + 1):
        columns[:, layout.dips.start + lag - 1] = -near.lagged(support, lag)
    for puller in range(layout.pulls):
        mine = np.where(design.puller == puller, attraction, 0.0)
        columns[:, layout.own_pulls.start + puller] = -near.own_others(mine)
        columns[:, layout.rival_pulls.start + puller] = -near.competitors(mine)
    columns[:, layout.gaps] = design.gaps
    columns[:, layout.trend] = design.trends
    return columns


def _spread(design: Design, lever: Floats, dips: Floats, pulling: tuple[Floats, Floats]) -> Floats:
    """Return what one unit of response of each group to a lever does to every row, (N, G)."""
    near, groups = design.market, design.layout.groups
    total = np.zeros((lever.size, groups))
    place = np.arange(lever.size)
    np.add.at(total, (place, design.group), lever)
    for lag, dip in enumerate(dips, start=1):
        total[place, design.group] -= dip * near.lagged(lever, lag)
    own, rival = pulling[0] * near.mates * lever, pulling[1] * near.rivals * lever
    # Of one's own brand all but oneself, of the others all: by group, as items share responses.
    for code, weighed in (
        (near.brand_cell, own),
        (near.cell, rival),
        (near.brand_cell, -rival),
    ):
        cells = int(code.max()) + 1
        table = np.bincount(code * groups + design.group, weighed, minlength=cells * groups)
        total -= table.reshape(cells, groups)[code]
    total[place, design.group] += own
    return total
