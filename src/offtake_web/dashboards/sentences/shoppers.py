"""What the library says of shoppers and the brand, as templates to translate."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from django.utils.translation import pgettext_lazy

from offtake_web.dashboards.sentences import shopper_notes

SIZE = (
    _("Nothing is known yet."),
    _(
        "%(share)s of households bought %(brand)s, %(times)s times each, and gave it %(needs)s of "
        "what they buy of the category."
    ),
    _("Bought as a brand of its size is."),
    _("Bought as the other brands of this market are."),
    _("Small brands together: not compared."),
    _("Fewer buyers than its size calls for, who buy it more often."),
    _("More buyers than its size calls for, who buy it less often."),
    _("Its buyers give it less of their category purchases than usual."),
    _("Its buyers give it more of their category purchases than usual."),
    _("Fewer of its buyers than usual buy nothing else."),
    _("More of its buyers than usual buy nothing else."),
    _("Fewer of its buyers than usual came back."),
    _("More of its buyers than usual came back."),
    _("Large brands are bought by more, and a little more often"),
    _("Each mark is a brand."),
    _(
        "On the line a brand is bought as often as its size lets expect; it grows by more buyers, "
        "hardly ever by more purchases of the same ones."
    ),
    _("Brands beside what is usual for their size"),
    _("What else buyers of %(brand)s buy"),
    _("A brand shares its buyers with others by how large these are."),
    _("Those that share more than usual stand close to it."),
    _("Of the buyers of %(brand)s, the part that also bought"),
    _("usual"),
    _("What that says"),
    _("Also bought"),
    _("Also bought it"),
    _("Index"),
    _("More or less than usual"),
    _("more than usual"),
    _("less than usual"),
    _("as usual"),
)
CUSTOMERS = (
    _("Of %(ever)s households that ever bought %(brand)s, %(still)s are still customers."),
    _("They are expected to spend %(worth)s within %(weeks)s weeks."),
    _("%(ever)s households ever bought %(brand)s."),
    _(
        "The model that foretold later weeks best lets nobody leave, so how many have left is not "
        "told."
    ),
    _("%(brand)s: bought again, and expected"),
    _("Purchases after the first, added up."),
    _(
        "The model saw the weeks before the forecast begins; what came later stands beside it and "
        "its 80 %% range."
    ),
    _("Models, held to weeks they had not seen"),
    _("Customer bases"),
    _("Households that ever bought, ours first"),
    _("Spent per purchase"),
    _("Model"),
    _("Chosen"),
    _("chosen"),
    _("Bought again, held out"),
    _("Expected"),
    _("Error"),
    _("retail value"),
    _("margin"),
    _("too few customers bought again"),
    _("no search ended: take its figures with care"),
    _("the only one"),
    _("forecast the weeks held out best"),
    _("as good as %(model)s within a standard error, and simpler"),
)
WON = (
    _("%(deal)s of those won on a deal bought again, %(plain)s of those won at full price."),
    _(
        "%(deal)s of those won on a deal bought again, %(plain)s of those won at full price; like "
        "with like the difference is %(reach)s points."
    ),
    _("Share of first-time buyers who bought again, by what won them"),
    _("All brands of the category, by weeks since the first purchase."),
    _(
        "Who is won on a deal differs in other ways, too: beside full price compares like with "
        "like."
    ),
    _("All brands of the category"),
    _("How buyers of %(brand)s were won"),
    _("First-time buyers of %(brand)s"),
    _("Loyal buyers, pantry loaders and the rest: %(brand)s"),
    _("Buyers by kind; every buyer is of one kind"),
    _("Won by"),
    _("First-time buyers"),
    _("Bought again"),
    _("Beside full price"),
    _("Bought on deal later"),
    _("Units each"),
    _("Spent each"),
    _("Told from"),
    _("of households"),
    _("of units"),
    _("of value"),
    _("Bought on deal"),
    _("Who that is"),
    _("coupon"),
    _("display"),
    _("leaflet"),
    _("deal"),
    _("full price"),
    _("not known"),
    _("its own buyers and other groups"),
    _("other groups: too few of its own"),
    _("once"),
    _("pantry loader"),
    _("deal only"),
    _("loyal"),
    _("switcher"),
    _("first bought in the last %(weeks)s weeks: too late to tell"),
    _("bought on one day only"),
    _(
        "on days with a deal buys at least %(times)s times as much of the category as on others, "
        "then waits at least %(waits)s times as long; %(days)s days of each or more"
    ),
    _("never bought but on deal, on two days or more"),
    _("covers %(share)s %% or more of the category's units with it"),
    _("all other buyers"),
    _("%% that bought again"),
    _("weeks since the first purchase"),
)
CAMPAIGNS = (
    _("What campaigns added cannot be told: %(reason)s."),
    _(
        "Campaigns changed what %(homes)s households bought by %(units)s units, beside households "
        "like them."
    ),
    _("Campaign by campaign"),
    _(
        "Households are chosen, so each campaign is compared with households like its own that did "
        "not get it."
    ),
    _("The best known come first."),
    _("Campaigns, those best known first"),
    _("How far that can be trusted, and what coupons subsidised"),
    _("Grades, with the reason"),
    _("%(campaign)s, week by week"),
    _("Campaign %(number)s"),
    _("Extra units by week from the start of the campaign."),
    _("Before the start there should be nothing to see."),
    _("Thin lines: 80 %% ranges of a week."),
    _("Extra spending in the store"),
    _("Contacted"),
    _("Compared with"),
    _("Redeemed it"),
    _("of them, would have bought anyway"),
    _("cannot tell"),
)
REASONS = (
    _("too few weeks are loaded before it began to know its households by: load earlier baskets"),
    _("the data end before a week of it had passed: load later baskets"),
    _("too few of its households can be compared: judge it with others of its kind"),
    _(
        "nearly everybody like its households was sent it too: hold out a random part of them next "
        "time"
    ),
    _(
        "most of its households have nobody like them who was not sent it: hold out a random part "
        "of them next time"
    ),
    _(
        "even weighted, those who were not sent it bought differently before: hold out a random "
        "part next time"
    ),
    _("nobody is recorded as sent it: load campaign_contact"),
    _("hardly anybody compared bought any of its products"),
    _("none of them can be told"),
    _("the same comparison finds an effect before it began"),
    _("its households were already moving apart from the others before it began"),
    _("the same comparison finds effects on categories that it has nothing to do with"),
    _(
        "most of its households were sent another campaign for the category at the time, so that "
        "effects cannot be told apart well"
    ),
    _("the interval is wide: more households or longer history narrow it"),
    _("some of its households have nobody to compare with: the figures are of the others"),
    _("the data end before its weeks were over"),
)
"""Why a campaign's effect is told no better; several stand in one sentence."""
FUNNEL = (
    _("Of 100 people who %(stage)s, %(share)s %(next)s: %(brand)s."),
    _("know it"),
    _("would consider it"),
    _("have bought it"),
    _("have bought it again"),
    _("buy it most"),
    _("name it first"),
    _("There are too few other brands to say what is usual."),
    _("Usual for a brand as well known is %(norm)s."),
    _("Here it loses most: %(lost)s of every 100 people asked."),
    _("The funnel of %(brand)s over time"),
    _(
        "Points are the waves as they came, lines what is left once chance and the habits of "
        "fieldwork houses are taken off, with 80 %% ranges."
    ),
    _("Where %(brand)s loses people"),
    _("Of those at one stage, how many go on, beside what is usual for a brand as well known."),
    _(
        "Some who bought it would not consider it now: they are at the stages of buying all the "
        "same."
    ),
    _("From stage to stage: %(brand)s"),
    _("What changed"),
    _("Know it"),
    _("Would consider it"),
    _("Have bought it"),
    _("Bought it again"),
    _("Buy it most"),
    _("At the stage before"),
    _("Usual for its size"),
    _("Lost of 100 people"),
    _("Largest leak"),
    _("leaks here"),
    _("To"),
    _("Since"),
    _("%(weeks)s weeks ago"),
    _("Share now"),
    _("Chance it grew"),
    _("Finding"),
    _("grew"),
    _("fell"),
    _("not sure"),
    _("More heads, or more stores?"),
    _("The share of people who name the brand first, beside its share of distribution."),
    _("Stronger in heads: win stores."),
    _("Stronger in stores: win heads."),
    _("By brand and region"),
    _("everywhere"),
    _("Share in heads"),
    _("Share of distribution"),
    _("At most worth a year"),
    _("more stores"),
    _("more heads"),
    _("balanced"),
    _("stores full"),
    _("Segments in which %(brand)s is stronger or weaker than usual"),
    _("Beside what the segment says of all brands: some know every brand better."),
    _("Those that are surely apart"),
    _("Beside what it says of all brands"),
    _("strong"),
    _("weak"),
    _("What people say beside what households do"),
    _("%(brand)s: survey and panel"),
    _("bought at all"),
    _("bought again"),
    _("People say"),
    _("Households do"),
    _("Plausible"),
    _("Habits of fieldwork houses, taken off above"),
    _("How much more readily people say yes"),
    _("House"),
    _("More readily"),
    _("Of the first answers"),
    _("Of the latest"),
    _("says yes more"),
    _("says yes less"),
    _("not told apart"),
    _("Which messages were noticed where"),
    _("That people who noticed it consider the brand more is no effect of the message."),
    _("Messages of the latest half year, those noticed most first"),
    _("Noticed it"),
    _("Understood it"),
    _("Knew whose it was"),
    _("Say it contradicts"),
    _("Which messages contradict each other"),
    _("Pairs of messages that ran together"),
    _("Beside"),
    _("There"),
    _("Say so"),
    _("contradict each other"),
    _("television"),
    _("online video"),
    _("outdoor"),
    _("radio"),
    _("go together"),
)
HEADINGS = (
    pgettext_lazy("heading", "About"),
    pgettext_lazy("heading", "Change"),
    pgettext_lazy("heading", "Go on"),
)
"""Words that pages use in another sense too; `said` looks for them among headings."""
TRENDS = (
    _("In %(category)s %(inside)s; of the categories of the whole store %(outside)s."),
    _("%(up)s share emerged and %(down)s faded"),
    _("%(up)s shares emerged and %(down)s faded"),
    _("With less than two years loaded, a season looks like a change."),
    _("What emerges and fades in %(category)s"),
    _("Shares of the weekly total; thin lines are the weeks, thick ones the level fitted."),
    _("The surest changes are drawn."),
    _("Shares that changed, the surest first"),
    _("Categories that emerge and fade in the whole store"),
    _("Categories whose share of all sales changed"),
    _("The largest shares in %(category)s: none is known to have changed"),
    _("Shares, the largest first"),
    _("About %(share)s %% of %(what)s throughout."),
    _("Changed in the week of %(day)s, and is back near %(share)s %% of %(what)s."),
    _("Changed about %(day)s (%(low)s to %(high)s), and is back near %(share)s %% of %(what)s."),
    _("From %(before)s %% to %(after)s %% of %(what)s, mostly in the week of %(day)s."),
    _(
        "From %(before)s %% to %(after)s %% of %(what)s, mostly about %(day)s (%(low)s to "
        "%(high)s)."
    ),
    _("There are too few weeks to tell."),
    _("Category"),
    _("too few weeks"),
    _("stable"),
    _("emerging"),
    _("fading"),
    _("one-off"),
    _("category"),
    _("manufacturer"),
    _("pack size"),
    _("subcategory"),
    _("other brands"),
    _("private label"),
    _("manufacturers' brands"),
    _("(all smaller ones)"),
    _("(not stated)"),
    _("%(caption)s; the first %(shown)s of %(lines)s"),
)
SENTENCES = (
    *SIZE,
    *CUSTOMERS,
    *WON,
    *CAMPAIGNS,
    *REASONS,
    *FUNNEL,
    *TRENDS,
    *shopper_notes.SENTENCES,
)
