"""What every term of the page on shoppers means."""

from __future__ import annotations

from offtake.report.promotion_terms import Term

TERMS = (
    Term("penetration", "Penetration", "The part of all panel households that bought the brand at "
         "least once in the period.", "buying households / households x 100"),
    Term("frequency", "Purchases per buyer", "How many shopping baskets with the brand a buying "
         "household had.", "occasions / buying households"),
    Term("requirements", "Share of their needs", "What the brand's buyers cover of what they buy "
         "of the category with it (share of requirements).",
         "purchases of the brand / category purchases of its buyers x 100"),
    Term("sole", "Buy nothing else", "Buyers of the brand who bought no other brand of the "
         "category in the period (sole buyers).", "sole buyers / buyers x 100"),
    Term("norm", "Usual for the size", "What a brand of this share would show if its buyers were "
         "like everybody else's: the NBD-Dirichlet model (Goodhardt, Ehrenberg and Chatfield "
         "1984). What lies apart by more than chance is told; most brands do not.",
         "from the share, and how often and how loyally households buy the category"),
    Term("duplication", "Shared buyers", "Of the brand's buyers, the part that also bought "
         "another. Usual is D times the other brand's penetration (duplication of purchase).",
         "households that bought both / buyers x 100"),
    Term("customer", "Customers", "Households that ever bought the brand in the weeks loaded.",
         "count of households"),
    Term("alive", "Still customers", "How many of them would still buy again some day, as their "
         "purchases so far let expect. Nobody says goodbye: a customer is lost by degrees.",
         "sum of the chances that each is still a customer"),
    Term("purchases_to_come", "Purchases to come", "Days with a purchase that are expected of "
         "today's customers in the weeks ahead.", "sum of what is expected of each"),
    Term("lifetime_value", "Worth per customer", "What a customer is expected to bring from now "
         "on, later money counting for less; in margin where its share is given, else in retail "
         "value.",
         "purchases to come, discounted x spend per purchase x margin"),
    Term("customer_model", "Model", "Models of when customers buy and when they stop, fitted to "
         "the first weeks and held to the weeks after. The one that foretold best is used.",
         "BG/NBD, MBG/NBD, Pareto/NBD, BG/BB"),
    Term("won_by", "Won by", "What was there when a household bought the brand for the first time "
         "in a quarter: a coupon, a display, a leaflet, a deal, or the full price. What comes "
         "first in this list counts.", "from basket lines, coupons and promotions of the store"),
    Term("first_repeat", "Bought again", "The part of first-time buyers who bought the brand again "
         "on another day within a quarter.", "first-time buyers who bought again / followed x 100"),
    Term("won_difference", "Beside full price", "By how many points more or fewer bought again "
         "than buyers like them won at full price. Not an experiment: what is not in the data may "
         "still differ.", "difference, households alike in what they did before"),
    Term("deal_dependence", "Bought on deal", "The part of the units bought later that came with a "
         "discount or coupon.", "units on deal / units x 100"),
    Term("buyer_type", "Kind of buyer", "Every buyer of the brand is of one kind, by a rule that "
         "stands in the table.", "stated in the table"),
    Term("campaign", "Campaign", "A mailing with coupons to chosen households.",
         "from campaigns and contacts"),
    Term("campaign_controls", "Compared with", "How many households, equally weighted, those that "
         "did not get the campaign and are like those that did are worth.",
         "(sum of weights) squared / sum of squared weights"),
    Term("campaign_effect", "Extra", "What households with the campaign bought beyond what they "
         "would have without it: their change against the change of households alike, which is "
         "right if either the choice of households or their course is modelled well.",
         "doubly robust difference in differences (Sant'Anna and Zhao 2020)"),
    Term("subsidised", "Would have bought anyway", "Households that redeemed a coupon and would "
         "have bought without it, at least.", "redeemed - households won"),
    Term("campaign_grade", "Grade", "How far the answer can be trusted: A to D, by how comparable "
         "the others are and whether the checks hold.", "stated with each campaign"),
    Term("campaign_check", "Checks", "Whether households with the campaign moved apart before it "
         "began, whether a start that never was shows an effect, whether goods that it had nothing "
         "to do with show one.", "the same estimate where there is nothing to find"),
    Term("funnel", "Brand funnel", "How many people know the brand, would consider it, have bought "
         "it, bought it again, buy it most. Smoothed over waves, with the habits of fieldwork "
         "houses taken off.", "random walk of each step, seen through samples"),
    Term("funnel_change", "Change", "The latest wave against an earlier one, in points.",
         "difference of smoothed shares"),
    Term("leak", "Leak", "The step at which the brand loses most people against what is usual for "
         "a brand as well known.", "people before x (usual - own conversion)"),
    Term("heads_or_stores", "Heads or stores", "The brand's share of first mentions less its share "
         "of summed weighted distribution. Above 0 it is stronger in heads than in stores.",
         "mental share - physical share"),
    Term("heads_or_stores_worth", "At most worth", "Sales a year if the lagging share came up to "
         "the other, as larger brands sell more: an association, and at most that.",
         "value x (ratio of shares to the power of its elasticity - 1)"),
    Term("message", "Message", "What people noticed, shown a message of the brand at a touchpoint, "
         "and what they made of it.", "answers / people asked x 100"),
    Term("message_conflict", "Contradictions", "Of those who noticed both messages, the part that "
         "says one contradicts the other; usual is what people say who saw only one.",
         "answers / people who noticed both x 100"),
    Term("segment", "Segments", "A stage of the funnel among people of one lifestyle or need. What "
         "the segment says of all brands is taken off before it is called strong or weak.",
         "smoothed share of the segment - share of all people"),
    Term("said_and_done", "Said and done", "What people say of having bought the brand beside what "
         "panel households bought within a year. Fewer who say they ever bought it than bought it "
         "within the year is not plausible.", "survey and panel, each by its own definition"),
    Term("house", "Fieldwork houses", "How much more readily people say yes to an interviewer or "
         "panel provider than to the others. Where the mix of houses changes, raw figures drift.",
         "effects add up to 0 over houses"),
    Term("trend", "Trend", "A share of the weekly total that moved to another level, with the week "
         "in which it mostly did. About one in ten of those told may be false.",
         "change points of the log odds of the share"),
)  # fmt: skip
