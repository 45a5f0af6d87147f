"""What the library says of availability, as templates to translate."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SENTENCES = (
    # headline
    _("Nothing sold that can be watched."),
    _("%(share)s of demand did not find its item."),
    _("That cost %(lost)s, of which %(brand)s is lost to the brand for good."),
    _("That cost %(units)s units."),
    _("%(count)s shelves are likely empty or low now."),
    _("1 shelf is likely empty or low now."),
    # notes of the model
    _("%(alarms)s alarms in all, of which %(false)s are false, expected."),
    _(
        "No shelf flags are loaded (stock with hours or shoppers): short gaps do not show in "
        "sales, and what they cost is not counted."
    ),
    _(
        "Shelf flags are known of some items only; of the others short gaps do not show, and what "
        "they cost is not counted."
    ),
    _(
        "Where nothing is recorded, %(unseen)s %% of shopping is taken to miss items in gaps too "
        "short to show: %(usual)s %% do so usually, less what was found."
    ),
    _(
        "Lost units rest on it, and on a model that may be off by %(form)s %%: ranges count with "
        "both."
    ),
    _(
        "%(count)s store-items are on no distribution list: where they stay away they are taken "
        "for gone, not for out of stock."
    ),
    _(
        "Half of the store-items sell %(units)s units or fewer a day: where sales are those of a "
        "panel of households, a household that stays away looks like an empty shelf."
    ),
    _(
        "Half of the store-items sell %(units)s units or fewer a week: where sales are those of a "
        "panel of households, a household that stays away looks like an empty shelf."
    ),
    _(
        "%(count)s stores sold nothing at all at the end of the data; they are watched to their "
        "last sale only."
    ),
    _("Demand and shelves were still moving a little in the last round."),
)
CLAUSES = (
    # causes, and what to do about them
    _("gone"),
    _("supply"),
    _("phantom stock"),
    _("promotion"),
    _("the item stopped selling for good: taken off the range, or never put back"),
    _("many of the retailer's stores ran out at once: supply or the retailer's order"),
    _("the stock record says it is there: count it, and correct the record"),
    _("it ran out on promotion: more was wanted than was ordered for it"),
    _("this store alone: its order, or its shelf was not filled"),
    # gaps, and what they mean
    _("listed not selling"),
    _("listed never sold"),
    _("lost"),
    _("void"),
    _("on the list and sold before, nothing in the latest weeks"),
    _("on the list, but never sold since it was listed"),
    _("sold before and has stopped for good, though nobody took it off the list"),
    _("not on the list or never sold, but similar stores sell it"),
    # what there is to see to in a store
    _("%(item)s: gone"),
    _("%(item)s: supply"),
    _("%(item)s: phantom stock"),
    _("%(item)s: promotion"),
    _("%(item)s: store"),
    _("%(item)s: listed not selling"),
    _("%(item)s: listed never sold"),
    _("%(item)s: lost"),
    _("%(item)s: void"),
    # worth, captions
    _("margin"),
    _("retail value"),
    _("By store"),
    _("Visits and calls, the best first"),
    _("the first %(shown)s of %(count)s"),
    _("%(table)s; the bars' ends are 80 %% ranges"),
)
"""What stands in the places of sentences, in cells and in charts."""
