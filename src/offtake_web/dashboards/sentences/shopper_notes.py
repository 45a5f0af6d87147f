"""What to beware of in figures of shoppers and the brand, as templates to translate."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

CAMPAIGNS = (
    _("Households were chosen, not drawn by lot."),
    _(
        "Effects compare them with households of like history that were not sent the campaign; "
        "what else told the sender whom to choose stays in them."
    ),
    _("Figures are of the panel's households, not projected to all."),
    _(
        "Subsidised redemptions are a lower bound: those beyond them may have come through the "
        "coupon."
    ),
    _(
        "Coupons are for products of several categories; the effect is on this category of being "
        "sent the campaign."
    ),
    _(
        "Where every household is sent only some of the coupons, those of other categories water "
        "it down."
    ),
    _("No campaign that is loaded is for products of this category."),
    _(
        "No coupon of it is loaded for this category: all of its brand's products are taken to be "
        "promoted."
    ),
    _(
        "It is loaded to begin on %(first)s, but was sent from %(start)s on: that is taken for its "
        "start."
    ),
    _(
        "%(outside)s contacted households are left out: nobody like them was not contacted, or "
        "they bought nothing at all before it began."
    ),
    _("After weighting, one covariate is still %(worst)s standard deviations off."),
)
CUSTOMERS = (
    _(
        "A household that bought before the data begin (%(monday)s) looks like a new one: in a "
        "short panel most first purchases are not the first."
    ),
    _("Panel households, each counted once: not the whole customer base of the market."),
    _("Household weights are not used."),
    _(
        "In the %(weeks)s weeks held out forecasts were off by %(off)s %% more than their "
        "intervals said, over all names: seasons, promotions and rivals move all customers at "
        "once."
    ),
    _("Intervals of totals to come are that much wider."),
    _(
        "Fewer than %(least)s customers had bought again before the cut, so no model was fitted: "
        "%(names)s."
    ),
    _("%(count)s names with fewer customers are left out."),
    _("The search for the parameters did not end: take the figures with care."),
    _(
        "The data do not tell %(names)s of %(code_model)s apart from the rest: forecasts stand, "
        "these parameters do not."
    ),
    _(
        "Models put those who still are customers between %(low)s and %(high)s %%: they differ in "
        "when a customer may leave, which nobody sees."
    ),
    _(
        "In the weeks held out %(code_model)s expected %(share)s %% more repeat purchases than "
        "there were."
    ),
    _(
        "In the weeks held out %(code_model)s expected %(share)s %% fewer repeat purchases than "
        "there were."
    ),
    _("Spend per purchase could not be modelled: too few values, or all of them alike."),
    _(
        "Frequent customers spend more at a purchase (correlation %(correlation)s): values of "
        "customers are rougher than they look."
    ),
    _(
        "Frequent customers spend less at a purchase (correlation %(correlation)s): values of "
        "customers are rougher than they look."
    ),
)
NORMS = (
    _("Period: %(weeks)s."),
    _("Compare figures of equal periods only."),
    _(
        "A purchase is a basket with at least one unit, as in the measure trips; a basket with two "
        "brands is a purchase of each, so that the category has more purchases than baskets: "
        "%(times)s for each."
    ),
    _(
        "Households count by their weights: penetration is that of the measure "
        "penetration_weighted."
    ),
    _("For errors the %(households)s households are worth %(size)s."),
    _("All households count alike, whatever their weights: as in the measure penetration."),
    _(
        "Brands with fewer than %(least)s buyers, and lines without a brand, are together as "
        "%(other)s: they are part of the market and are not compared."
    ),
    _("The period has one week: nothing is said of buyers who come back."),
    _("Every household in the data bought the category: those who never buy it are missing."),
    _(
        "They are taken to be %(share)s %% of all households, and count as having bought nothing; "
        "penetrations are of the households in the data."
    ),
    _("Load the baskets of all categories for better norms."),
    _("Every household bought the category, so that K comes from the likelihood."),
    _(
        "K is at its limit: households differ no more than chance makes them (Poisson), and it has "
        "no interval."
    ),
    _("S is at its limit: the brands' penetrations are out of the reach of the Dirichlet."),
    _(
        "%(figure)s: %(many)s of %(count)s brands are below the norm, so the market as a whole is "
        "not as the model has it (it assumes one that is steady and not parted)."
    ),
    _(
        "%(figure)s: %(many)s of %(count)s brands are above the norm, so the market as a whole is "
        "not as the model has it (it assumes one that is steady and not parted)."
    ),
    _("Compare brands with each other instead; their readings leave it out."),
    _("Purchase frequency"),
    _("Share of category purchases"),
    _("Sole buyers"),
    _("Coming back"),
)
WON = (
    _(
        "Support wins households that like a group less, of which fewer come back whatever won "
        "them."
    ),
    _("Taken out of the differences, in points of repeat: %(points)s."),
    _(
        "How many fewer come back because support wins households that like a group less is not "
        "told for: %(won)s."
    ),
    _("It stays in these differences."),
    _(
        "Nobody bought for the first time: %(weeks)s weeks of baskets must be loaded before a "
        "purchase can be called a first one."
    ),
    _("Nobody was won at full price: there is nothing to compare other buyers with."),
    _(
        "No promotions are loaded: who was won on display or by a leaflet counts as won on deal or "
        "at full price."
    ),
    _(
        "%(share)s %% of first purchases were made in stores whose displays and leaflets nobody "
        "reports; they stand apart as 'not known'."
    ),
    _(
        "%(found)s buyers look like pantry loaders; %(chance)s would if their days on deal fell at "
        "random, so not every one of them is."
    ),
    _("Differences in repeat are between buyers who are alike in what is known of them."),
    _("Nobody drew lots who is won how: it is no experiment."),
    _(
        "First-time means new in the loaded weeks: who buys less often than every %(weeks)s weeks "
        "can look new."
    ),
    _(
        "On deal means at least %(cut)s %% below the regular price, or a cut that was reported; "
        "prices for holders of a loyalty card count."
    ),
    _(
        "Displays and leaflets are reported by week, so some who are counted as won on display "
        "came on a day without it."
    ),
    _("Kinds of buyers say what households did."),
    _("What they would do if deals stopped is not told."),
)
FUNNEL = (
    _("Never answered in this category, and left out: %(steps)s."),
    _("There are %(waves)s waves: too few to tell a trend from chance."),
    _("There are too few brands to say which conversion is usual for a brand's size."),
    _("The survey names no regions, or one only: figures are those of all people."),
    _(
        "An answer to a later question without a yes to the one before it is not counted in "
        "smoothed shares; raw figures count it."
    ),
    _(
        "Who noticed a message considers the brand more often partly because buyers notice more: "
        "the difference is no effect of the message."
    ),
    _("%(subject)s: %(code_contract)s holds nothing of this category."),
    _("More heads or more stores: left out."),
    _("What people say beside what they buy: left out."),
    _("Which messages were noticed where: left out."),
    _("More heads or more stores"),
    _("To have it: offtake load FILE --as %(code_contract)s."),
    _(
        "%(code_contract)s names one house or none: what a change of house does to the figures "
        "cannot be told from a change of mind."
    ),
    _(
        "House effects add up to zero over houses: what all houses get wrong together, no survey "
        "shows."
    ),
    _("People's answers on several brands count as separate in them."),
    _(
        "No two houses ever asked in the same wave: their effects rest on the assumption that "
        "brands do not jump when the house changes."
    ),
    _("What people say beside what they buy"),
)
TRENDS = (
    _("There are %(weeks)s whole weeks; changes are looked for from %(least)s on."),
    _(
        "%(count)s shares were looked at and %(told)s changed; about %(share)s %% of those told "
        "may be false."
    ),
    _("Shares of one whole go together: where one grows, others must fall."),
    _("Changes that are only just told look larger than they are."),
    _(
        "A change that goes on for months is told as one step or several; its date is that of the "
        "greatest."
    ),
    _("Levels change for many reasons: a new listing, a price, a competitor, taste."),
    _("The date tells where to look, not why."),
    _(
        "With %(weeks)s weeks a season looks like a change: only two years and more can be set "
        "against the same time of the year before."
    ),
    _("%(weeks)s week at the beginning or end is left out: loaded in part."),
    _("Shares are those of the panel's households."),
)
LEFT_OUT = (
    _(
        "the effect of campaigns needs %(code_needs)s; nothing has been loaded into "
        "%(code_absent)s."
    ),
    _("customer bases need baskets of households; nothing has been loaded into %(code_absent)s"),
    _("norms need %(code_needs)s; nothing has been loaded into %(code_absent)s."),
    _("trends need %(code_needs)s; nothing has been loaded into %(code_absent)s."),
    _("how buyers were won needs %(code_needs)s; nothing has been loaded into %(code_absent)s."),
    _("the brand funnel needs %(code_needs)s, and nothing has been loaded into it."),
    _("Load it: offtake load FILE --as %(code_contract)s"),
    _("Load it with: offtake load FILE --as %(code_contract)s"),
    _("weeks: got %(weeks)s of baskets, allowed: enough to learn from 4"),
    _("brands: got %(brands)s, allowed: two or more, for norms compare them"),
    _("category: got %(category)s, of which no product is loaded; see: %(code_command)s"),
    _("category: got %(category)s, in which nobody was asked about a brand; see: %(code_command)s"),
    _("category: got %(category)s, in which nothing sold; see: %(code_command)s"),
    _("category: got %(category)s, of which no household bought anything; see: %(code_command)s"),
    _("category: got %(category)s, which no household bought; see: %(code_command)s"),
    _(
        "norms: got %(category)s in %(period)s, of which nobody bought anything; see: "
        "%(code_command)s"
    ),
)
"""Why a subject is not told."""
SENTENCES = (*CAMPAIGNS, *CUSTOMERS, *NORMS, *WON, *FUNNEL, *TRENDS, *LEFT_OUT)
