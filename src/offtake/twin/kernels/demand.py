"""The demand model: log-linear in price, display and feature, with pull between items and weeks.

The form is that of the SCAN*PRO family (Wittink et al. 1988; van Heerde, Leeflang and Wittink
2004), in which the lift of an item takes from its brand's other items, from other brands and from
its own later weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Floats, Ints

LEAST_OTHERS = 0.1
"""Where others hold less than this share, they give no more than if they held it."""


@dataclass(frozen=True, slots=True)
class Response:
    """How J items respond, in logs.

    Parameters
    ----------
    regular, promoted
        (J,) elasticities to the regular price and to the paid over the regular price.
    display, feature, display_feature
        (J,) log lifts of a full week.
    pull
        (J, J) what one unit of log attraction of item k (column) takes from item j (row).
    dips
        (L,) what one unit of log support takes from the item itself 1 to L weeks later.
    """

    regular: Floats
    promoted: Floats
    display: Floats
    feature: Floats
    display_feature: Floats
    pull: Floats
    dips: Floats


def pull_matrix(
    share_of_brand: Floats, share_of_category: Floats, brand: Ints, within: float, between: float
) -> Floats:
    """Return what items take from each other, shape (J, J).

    Parameters
    ----------
    share_of_brand, share_of_category
        (J,) base shares of the items.
    brand
        (J,) brand of each.
    within, between
        Strength of the pull on the brand's other items together, and on all other brands together,
        however many there are: what an item gains comes from others in proportion to their size.

    Examples
    --------
    >>> shares = np.array([0.5, 0.5])
    >>> pull_matrix(np.ones(2), shares, np.array([0, 1]), 0.3, 0.6).tolist()
    [[0.0, 0.6], [0.6, 0.0]]
    """
    same = brand[:, None] == brand[None, :]
    of_brand = np.bincount(brand, share_of_category)[brand]
    mates = share_of_brand / np.maximum(1 - share_of_brand, LEAST_OTHERS)
    rivals = share_of_category / np.maximum(1 - of_brand, LEAST_OTHERS)
    pull = np.where(same, within * mates[None, :], between * rivals[None, :])
    np.fill_diagonal(pull, 0.0)
    return pull


def log_support(cut: Floats, display: Floats, feature: Floats, response: Response) -> Floats:
    """Return the log lift of an item's own promotion, before any pull.

    Parameters
    ----------
    cut
        (S, J, T) price cut at the till, a fraction of the regular price.
    display, feature
        (S, J, T) part of the week on display; whether in the leaflet.
    response
        Responses of the J items.
    """
    lift: Floats = response.promoted[:, None] * np.log1p(-cut)
    lift += response.display[:, None] * display
    lift += response.feature[:, None] * feature
    lift += response.display_feature[:, None] * display * feature
    return lift


def later_dip(support: Floats, dips: Floats) -> Floats:
    """Return what support in earlier weeks takes from each week, shape of `support`.

    Examples
    --------
    >>> later_dip(np.array([[[1.0, 0.0, 0.0]]]), np.array([0.25])).tolist()
    [[[0.0, 0.25, 0.0]]]
    """
    dip = np.zeros_like(support)
    for lag, strength in enumerate(dips, start=1):
        dip[..., lag:] += strength * support[..., :-lag]
    return dip
