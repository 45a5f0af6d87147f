"""The library's sentences, named here so that they are translated; a test finds those that lack."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SENTENCES = (
    # conflicts
    _(
        "%(one)s and %(other)s promote items of one brand at the same time (%(items)s); how much "
        "they take from each other is not known."
    ),
    _(
        "%(one)s and %(other)s promote items of one brand at the same time (%(items)s); "
        "%(share)s%% of what one gains comes from the brand's other items."
    ),
    _(
        "%(second)s starts %(days)s days after %(first)s ended, on the same items (%(items)s); "
        "%(weeks)s free weeks are usual, as the data do not tell how long shoppers live on what "
        "they stocked."
    ),
    _(
        "%(second)s starts %(days)s days after %(first)s ended, on the same items (%(items)s); "
        "shoppers who stocked up still hold back %(share)s%% of its gain."
    ),
    _("%(one)s and %(other)s promote %(items)s at the same time, %(first)s to %(last)s."),
    _(
        "%(items)s: at no retailer of the campaign do stores with %(asked)s%% of the category's "
        "sales sell it; the least is %(least)s%%."
    ),
    _(
        '%(brand)s says "%(one)s" and "%(other)s" in the same place (%(where)s), %(first)s to '
        "%(last)s."
    ),
    _("%(media)s starts %(days)s days before %(listing)s puts %(items)s on the shelf."),
    # forecast
    _("No model tells what a %(kind)s sells; only promotions and displays have one."),
    _("Neither a price cut, a display nor a leaflet is planned yet."),
    _("No item or no retailer is named yet."),
    _(
        "No promotion model was fitted: load promotions and sales, and refresh with the model "
        "promotion."
    ),
    _("The data do not tell what %(lever)s does in this category."),
    _("a price cut"),
    _("a display"),
    _("a leaflet"),
    _("Less than two years are loaded, so no season is in the base."),
    _("How %(retailer)s usually executes is not known; it is taken to do all that is agreed."),
    _("%(item)s does not sell at %(retailer)s now, so what it would sell is not known."),
    _("No response of %(item)s at %(retailer)s is known."),
    _("None of the stores chosen is of %(retailer)s."),
    # guardrails
    _("It costs %(cost)s; more than %(limit)s needs a yes."),
    _("The price cut is %(cut)s%%; more than %(limit)s%% needs a yes."),
    _(
        "It is expected to return %(roi)s%% net (%(low)s%% to %(high)s%%); less than %(limit)s%% "
        "needs a yes."
    ),
    _("There are %(days)s days between it and %(other)s; fewer than %(limit)s weeks need a yes."),
    _("It starts in %(days)s days; fewer than %(limit)s need a yes."),
    _("It lasts %(days)s days; more than %(limit)s need a yes."),
    _("It runs in %(share)s%% of all stores; more than %(limit)s%% needs a yes."),
    _("Its return is not known; %(limit)s%% or more is asked for."),
    # readiness
    _("%(by)s acknowledged the brief on %(on)s."),
    _("Sales has not acknowledged the brief; due on %(due)s."),
    _("Sales has not acknowledged the brief; it was due on %(due)s."),
    _("%(by)s confirmed on %(on)s that the material is delivered."),
    _("The material is not delivered yet; due on %(due)s."),
    _("The material is not delivered; it was due on %(due)s."),
    _("%(by)s confirmed on %(on)s that the retailer gave the slot."),
    _("The retailer has not confirmed the slot; due on %(due)s."),
    _("The retailer has not confirmed the slot; it was due on %(due)s."),
    _("Distribution is not known: load sales by store."),
    _("%(item)s is not on the list of any store of %(retailer)s."),
    _(
        "%(item)s sells in %(reached)s%% of the stores of %(retailer)s that list it; %(asked)s%% "
        "are asked for."
    ),
    _(
        "%(item)s sells at %(retailer)s in stores with %(reached)s%% of the category's sales; "
        "%(asked)s%% are asked for."
    ),
    _("Which stores list it is not known: load the distribution list."),
    _(
        "%(item)s is listed in %(share)s%% of the stores of %(retailer)s; %(asked)s%% are asked "
        "for."
    ),
    _("Stock is not known: load stock."),
    _("Stock of %(item)s at %(retailer)s is not known: load stock."),
    _("What %(item)s will sell at %(retailer)s is not known, so neither is how long stock lasts."),
    _("Nothing is expected to sell, so stock says nothing."),
    # what is needed on hand, as gate and conflict say it
    _("%(item)s at %(retailer)s needs %(units)s units from %(first)s to %(last)s: %(parts)s."),
    _(
        "%(plans)s together need %(units)s units of %(item)s at %(retailer)s from %(first)s to "
        "%(last)s: %(parts)s."
    ),
    _("%(base)s that sell anyway and up to %(on_top)s on top"),
    _("%(base)s that sell anyway and up to %(on_top)s on top, as far as that is known"),
    _("%(base)s that sell anyway; what comes on top is not known"),
    _("On %(as_of)s %(on_hand)s were on hand; days covered: %(lasts)s of %(days)s."),
    _(
        "On %(as_of)s %(on_hand)s were on hand; days covered: %(lasts)s of %(days)s. In all "
        "%(short)s are short."
    ),
    _(
        "On %(as_of)s %(on_hand)s were on hand; days covered: %(lasts)s of %(days)s. In all "
        "%(short)s are short, and %(coming)s are on their way."
    ),
    _("%(needed)s %(there)s"),
    # moves
    _("Its first day has not come."),
    _("Its readiness has not been looked at."),
    _("The gate %(gate)s is %(status)s and nobody let it pass."),
    _("%(who)s must approve a guardrail that it breaks."),
    _(
        "It was locked with a cost before, and the data cannot forget one, only correct it: state "
        "its cost, 0 where there is none."
    ),
    # words in sentences
    _("green"),
    _("amber"),
    _("red"),
)
