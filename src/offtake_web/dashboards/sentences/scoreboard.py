"""What the library says on the scoreboard, as templates to translate."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from django.utils.translation import pgettext_lazy

HEADLINES = (
    _("%(who)s sold %(sales)s of %(category)s in the period, %(moved)s more than in %(before)s."),
    _("%(who)s sold %(sales)s of %(category)s in the period, %(moved)s less than in %(before)s."),
    _("%(who)s sold %(sales)s of %(category)s in the period, as much as in %(before)s."),
    _("%(who)s sold %(sales)s of %(category)s in the period, against nothing in %(before)s."),
    _("the %(weeks)s weeks before"),
    _("the week before"),
    _("the same %(weeks)s weeks a year ago"),
    _("the same week a year ago"),
    _("Its share of the category stayed at %(level)s."),
    _("Its share of the category grew %(points)s points to %(level)s."),
    _("Its share of the category fell %(points)s points to %(level)s."),
    _("Manufacturer %(number)s"),
)
MOVED = (
    _("Seen through %(side)s, what counted most is that %(one)s."),
    _("Seen through %(side)s, what counted most is that %(one)s; against that, %(other)s."),
    _("the households of the panel"),
    _("more households shopped at all (%(part)s)"),
    _("fewer households shopped at all (%(part)s)"),
    _("a larger part of households bought it (%(part)s)"),
    _("a smaller part of households bought it (%(part)s)"),
    _("each buyer spent more (%(part)s)"),
    _("each buyer spent less (%(part)s)"),
    _("more stores traded (%(part)s)"),
    _("fewer stores traded (%(part)s)"),
    _("more of the stores sold it (%(part)s)"),
    _("fewer of the stores sold it (%(part)s)"),
    _("it sold faster where it was sold (%(part)s)"),
    _("it sold more slowly where it was sold (%(part)s)"),
    _("there were more weeks (%(part)s)"),
    _("there were fewer weeks (%(part)s)"),
    _("shoppers paid more per unit (%(part)s)"),
    _("shoppers paid less per unit (%(part)s)"),
    _("Households shopping x penetration x spend per buyer."),
    _("Each bar starts where the one above it ended; together they are the whole change."),
    _(
        "These are the households of the panel alone, whose purchases come to %(share)s of the "
        "sales in stores: the amounts are theirs."
    ),
    _("Active stores x distribution x rate of sale x price paid."),
    _("The same change, the other way round."),
    _("All sales in stores."),
)
MARKETING = (
    _("%(share)s of households bought it in the period."),
    _("%(share)s of households bought it in the period, as before."),
    _("%(share)s of households bought it in the period (%(points)s points)."),
    _(
        "Of a change of %(change)s units, net switching from competitors accounts for "
        "%(switching)s."
    ),
    _("Of a change of %(change)s units, net switching to competitors accounts for %(switching)s."),
    _(
        "It has %(support)s of the category's promotion support for %(sales)s of its sales: more "
        "than its fair share (index %(index)s)."
    ),
    _(
        "It has %(support)s of the category's promotion support for %(sales)s of its sales: less "
        "than its fair share (index %(index)s)."
    ),
    _(
        "It has %(support)s of the category's promotion support for %(sales)s of its sales: just "
        "its fair share (index %(index)s)."
    ),
    _("Where the change in our units came from, household by household."),
    _("An index of 100 is a fair share; below it, others are promoted more than they sell."),
    _(
        "Of the households that bought the manufacturer of the row, the part that also bought that "
        "of the column."
    ),
)
SALES = (
    _("%(share)s of stores sold it."),
    _("%(share)s of stores sold it, as before."),
    _("%(share)s of stores sold it (%(points)s points)."),
    _("%(share)s of stores sold it, at %(speed)s units a week each."),
    _("%(share)s of stores sold it, as before, at %(speed)s units a week each."),
    _("%(share)s of stores sold it (%(points)s points), at %(speed)s units a week each."),
    _("Every store that sold the category sold it too."),
    _(
        "%(stores)s stores sold the category without it; the largest of them sold %(sales)s of the "
        "category."
    ),
    _(
        "%(stores)s store sold the category without it; the largest of them sold %(sales)s of the "
        "category."
    ),
    _("Value sales, all weeks loaded."),
    _("Value sales, %(currency)s, all weeks loaded."),
    _("Average price paid per unit, and what a unit would have cost without any promotion."),
    _(
        "Average price paid per unit, %(currency)s, and what a unit would have cost without any "
        "promotion."
    ),
    _("The axis does not start at zero."),
    _(
        "Of the weeks in which a store sold it, the per cent with an item on display, or in a "
        "mailer or leaflet."
    ),
    _("Items at the upper left sell fast in few stores: ask for them first."),
    _("The upward scale is logarithmic."),
    _("Stores that sold the category and nothing of ours."),
    _(
        "The %(shown)s largest of %(stores)s stores that sold the category and nothing of ours; "
        "all of them are in the run's table voids_by_store."
    ),
)
MEDIA_AND_BRAND = (
    _("Bars: what our brands spent (left)."),
    _("Bars: what our brands spent, %(currency)s (left)."),
    _("Line: value sales (right)."),
    _("Line: value sales, %(currency)s (right)."),
    _("Both begin at zero."),
    _("That they move together is no proof that one moves the other."),
    _("Brands whose share of voice exceeds their share of sales tend to grow."),
    _("Where our brands spend, and their part of what the category spends there."),
    _(
        "Our brands spent %(spend)s on media in the period: %(voice)s of what the category spent, "
        "for %(sales)s of its sales."
    ),
    _("That is %(points)s points above the share of sales."),
    _("That is %(points)s points below the share of sales."),
    _(
        "Per cent of the people asked, ours above the main rival; the thin lines are 95 %% "
        "intervals."
    ),
    _("Mental share: part of all first mentions of a brand."),
    _("Physical share: part of the distribution of the same brands."),
    _("Above zero, more stores are the lever; below it, more heads."),
    _("Each step as per cent of those who took the step before, with its 95 %% interval."),
    _("Of the people asked, %(know)s know %(brand)s and %(most)s buy it most."),
    _(
        "It has %(heads)s of the first mentions and %(stores)s of the distribution: more heads are "
        "the lever."
    ),
    _(
        "It has %(heads)s of the first mentions and %(stores)s of the distribution: more stores "
        "are the lever."
    ),
)
FIELD = (
    _(
        "Per cent of our items that were on shelf: by the clock, of the hours that stores with "
        "stock records were open; by visits, of the target items that were checked."
    ),
    _("Shelf space that visits counted, against value sales in all stores."),
    _("By the stock records it was on the shelf %(share)s of the time that stores were open."),
    _("Visits found %(share)s of the %(count)s target items they checked."),
    _("Of %(count)s agreed displays, %(share)s were seen on the floor."),
    _("Salespeople wrote %(count)s notes, in all categories."),
    _(
        "Salespeople wrote %(count)s notes, in all categories; %(share)s of those due were "
        "answered in time."
    ),
    _(
        "Salespeople wrote %(count)s notes, in all categories, half of the answers within "
        "%(hours)s hours."
    ),
    _(
        "Salespeople wrote %(count)s notes, in all categories; %(share)s of those due were "
        "answered in time, half of the answers within %(hours)s hours."
    ),
    _("What was reached of what was asked; the line is 100 %%."),
    _("A sign of load on a team, never of a person."),
    _("Rates of fewer than %(people)s people are not shown."),
    _("Teams reached %(share)s of their targets."),
    _("Personal targets add up to %(times)s times the company's."),
    _("Staff turnover is %(share)s a year."),
    _("under %(people)s people"),
)
HEADINGS = (
    _("Availability, space and displays by retailer"),
    _("Conversion from step to step"),
    _("From knowing a brand to buying it most"),
    _("Headcount and turnover by team"),
    _("Media and sales by brand"),
    _("Mental against physical share"),
    _("Mental less physical"),
    _("Mental share"),
    _("More heads or more stores?"),
    _("Median"),
    _("Nine in ten"),
    _("Notes, those answered in time, and hours to an answer"),
    _("Of it voluntary"),
    _("Of the people asked"),
    _("Of those who know it, consider it"),
    _("Of those, have bought it"),
    _("Of those, bought it again"),
    _("Of those, buy it most"),
    _("Our spend"),
    _("Over-assignment"),
    _("Physical share"),
    _("Share of shelf and of sales"),
    _("Share of shelf width"),
    _("Share of voice against share of sales, by brand"),
    _("Space and displays, against the main competitors"),
    _("Spend of our brands by channel"),
    _("Spend of the category"),
    _("Topic not stated"),
    _("Where people drop out"),
    _("% of buyers"),
    _("in the period"),
    # topics of notes and channels of media, as the simulated market has them
    _("Out of stock"),
    _("Competitor promotion"),
    _("Pack look"),
    _("Price too high"),
    _("Display missing"),
    _("New item request"),
    _("Delivery late"),
    _("Praise campaign"),
    _("Television"),
    _("Online video"),
    _("Outdoor"),
    _("Radio"),
)
CHANNELS = (pgettext_lazy("heading", "Search"),)
"""What pages use in another sense too; `said` looks for it among headings."""
ABSENT = (
    _("media spending"),
    _("a brand survey"),
    _("stock records"),
    _("audits"),
    _("field notes"),
    _("targets"),
    _("people"),
)
SENTENCES = (
    *HEADLINES,
    *MOVED,
    *MARKETING,
    *SALES,
    *MEDIA_AND_BRAND,
    *FIELD,
    *HEADINGS,
    *ABSENT,
)
