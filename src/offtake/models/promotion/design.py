"""The regression: what sells more under which support, where it comes from, and what follows.

Log expected units of an item in a store and week are::

    effect of the store-item + effect of the week (by brand or category)
    + own attraction A  (regular price, and support S: price cut, display, feature, both)
    - sum over l of dip_l x S of l weeks before          stockpiling (after, if asked: waiting)
    - sum of own_pull x A over the brand's other items   cannibalisation
    - sum of rival_pull x A over other brands            switching
    + what comes from other items that ran out
    + trend of the item + log of the share of the week on the shelf

Responses to support are those of the item and what the retailer adds to them; pulls differ between
the brands they come from; dips are the category's. The form is that of SCAN*PRO with dips and pulls
proportional to the attraction they answer to, which needs a handful of numbers where free lags and
cross effects of every lever would need dozens.

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
from offtake.models.names import joint
from offtake.models.promotion.groups import Groups, response_groups, retailer_contrasts
from offtake.models.promotion.layout import LEVERS, Layout
from offtake.models.promotion.market import Market, market, sized
from offtake.models.promotion.rows import Floats, Integers, PromotionRows

WeekEffects = Literal["brand", "category"]
YEAR = 52
MOST = {"lags": 12, "leads": 4, "own_responses": 500, "own_retailers": 50, "own_pulls": 100}
"""Upper limits of the counts of a specification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionSpec:
    """What to fit.

    Parameters
    ----------
    week_effects
        What has an effect in every week: the brand (takes up its advertising), or the category.
    lags
        Weeks after a promotion in which a dip is looked for.
    leads
        Weeks before a promotion in which a dip is looked for: shoppers who wait for it. None unless
        asked for, as where promotions are announced.
    own_responses
        How many items get responses of their own: those that sell most. All further items share
        one set.
    own_retailers
        How many retailers add something of their own to the responses: the largest. All further
        ones add the same.
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
    leads: int = 0
    own_responses: int = 24
    own_retailers: int = 8
    own_pulls: int = 12
    trends: bool = True
    selection_sd: float = 0.25
    margin_share: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.week_effects not in get_args(WeekEffects):
            raise UnknownNameError("week effects", self.week_effects, get_args(WeekEffects))
        for name, high in MOST.items():
            got = getattr(self, name)
            if not 0 <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: 0 to {high}")
        if not 0 <= self.selection_sd <= 1:
            raise BadInputError(f"selection_sd: got {self.selection_sd}, allowed: 0 to 1")
        if self.margin_share is not None and not 0 < self.margin_share < 1:
            raise BadInputError(f"margin_share: got {self.margin_share}, allowed: between 0 and 1")


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
    retailer
        (N,) set of the row's retailer.
    contrasts
        (R, C, 4) how much of each contrast every set of retailers has.
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
    retailer: Integers
    contrasts: Floats
    puller: Integers
    support: Floats
    log_price: Floats
    market: Market
    gaps: Floats
    trends: Floats
    week: Integers
    offset: Floats
    own_pulls_told: bool

    def responses(self, parameters: Floats) -> Floats:
        """Return the responses of every set of items at every set of retailers, (G, R, 4)."""
        items, retailers = self.layout.by_item(parameters), self.layout.by_contrast(parameters)
        added = np.einsum("rck,ck->rk", self.contrasts, retailers)
        found: Floats = items[:, None, :] + added
        return found

    def of_rows(self, parameters: Floats) -> Floats:
        """Return the responses of every row's item at its retailer, (N, 4)."""
        found: Floats = self.responses(parameters)[self.group, self.retailer]
        return found

    def own(self, parameters: Floats, support: Floats | None = None) -> Floats:
        """Return the log support S of every row, (N,), where support is as seen unless given."""
        columns = self.support if support is None else support
        found: Floats = np.einsum("nk,nk->n", columns, self.of_rows(parameters))
        return found


def design(rows: PromotionRows, spec: PromotionSpec) -> Design:
    """Lay the regression out, with one set of responses for all items."""
    groups = response_groups(rows, spec.own_responses)[rows.item]
    trends = _trends(rows, groups) if spec.trends else np.zeros((rows.size, 0))
    by = rows.brand if spec.week_effects == "brand" else np.zeros_like(rows.brand)
    near = market(rows, spec.lags, spec.leads)
    return Design(
        layout=Layout(1, 0, 1, spec.lags + spec.leads, trends.shape[1], spec.leads),
        group=np.zeros(rows.size, np.int64),
        group_of_item=np.zeros(rows.names.items.size, np.int64),
        retailer=np.zeros(rows.size, np.int64),
        contrasts=np.zeros((1, 0, len(LEVERS))),
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


def regrouped(found: Design, rows: PromotionRows, groups: Groups) -> Design:
    """Return the regression with other sets of responses, retailers and pulls."""
    items, retailers, pullers = groups.items, groups.retailers, groups.pullers
    basis = retailer_contrasts(rows, retailers)
    layout = replace(
        found.layout,
        groups=int(items.max()) + 1,
        contrasts=basis.shape[1],
        pulls=int(pullers.max()) + 1,
    )
    return replace(
        found,
        layout=layout,
        group=items[rows.item],
        group_of_item=items,
        retailer=retailers[rows.retailer],
        contrasts=basis,
        puller=pullers[rows.brand],
    )


def _gaps(rows: PromotionRows, near: Market) -> Floats:
    gone = 1 - rows.available
    return np.column_stack([near.own_others(gone), near.competitors(gone)])


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
    pulling = pulls(design, parameters)
    return _moved(design, design.own(parameters), parameters[design.layout.dips], pulling)


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
    dips, pulling = parameters[layout.dips], pulls(design, parameters)
    columns = np.zeros((design.group.size, layout.size))
    for lever in range(len(LEVERS)):
        columns[:, lever : layout.responses : len(LEVERS)] = _spread(
            design, design.support[:, lever], dips, pulling
        )
        added = columns[:, layout.retailers][:, lever :: len(LEVERS)]
        for contrast in range(layout.contrasts):
            share = design.contrasts[design.retailer, contrast, lever]
            added[:, contrast] = _moved(design, share * design.support[:, lever], dips, pulling)
    support = design.own(parameters)
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


def _moved(design: Design, support: Floats, dips: Floats, pulling: tuple[Floats, Floats]) -> Floats:
    """Return what log support of every row, (N,), does to every row: itself, later, beside it."""
    near, (own, rival) = design.market, pulling
    total = support - near.own_others(own * support) - near.competitors(rival * support)
    for lag, dip in enumerate(dips, start=1):
        total -= dip * near.lagged(support, lag)
    return np.asarray(total, dtype=np.float64)


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
