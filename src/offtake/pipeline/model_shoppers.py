"""What is said of shoppers and brand, subject by subject, as parts of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from offtake.pipeline.modelled import Modelled, ModelTable, Progress
from offtake.pipeline.question import Ground, settled

if TYPE_CHECKING:
    import pyarrow as pa

BASKETS = ("basket_line", "product")


def _fit(subject: str) -> Callable[[Ground, Progress], Mapping[str, pa.Table]]:
    def fit(ground: Ground, progress: Progress) -> Mapping[str, pa.Table]:
        from offtake.models.shoppers.answer import shopper_tables

        category = ground.framed.frame.category
        found = shopper_tables(
            ground.store, ground.tables, category, subject=subject, progress=progress
        )
        return {name: settled(table) for name, table in found.items()}

    return fit


def _notes(name: str, title: str) -> ModelTable:
    return ModelTable(
        name=name,
        title=title,
        definition="What weakens the answers, and what they rest on.",
        formula="in words",
        unit="count",
    )


NORMS = Modelled(
    name="norms",
    needs=BASKETS,
    reads=("basket_line", "product", "household", "store"),
    fit=_fit("norms"),
    tables=(
        ModelTable(
            name="shopper_norms",
            title="Brands beside what is usual for their size",
            definition="Penetration, purchases per buyer, share of requirements, sole buyers and "
            "repeat of every brand, beside what a brand of its share usually has.",
            formula="NBD-Dirichlet (Goodhardt, Ehrenberg and Chatfield 1984)",
            unit="percent",
            caveat="Told where it lies apart by more than chance, false discoveries held down",
        ),
        ModelTable(
            name="shopper_norm_fit",
            title="How the category is bought",
            definition="How often households buy the category, and how loyally: the parameters "
            "that norms follow from.",
            formula="negative binomial purchases of the category, Dirichlet choice of brands",
            unit="ratio",
        ),
        ModelTable(
            name="shopper_norm_counts",
            title="Households by how often they bought",
            definition="Part of all households that bought the category, and each brand, so many "
            "times: observed and by the norm.",
            formula="households with n purchases / households x 100",
            unit="percent",
        ),
        ModelTable(
            name="shopper_norm_line",
            title="The double-jeopardy line",
            definition="Purchases per buyer that are usual at every penetration.",
            formula="by the norm; by rule of thumb frequency x (1 - penetration) is constant",
            unit="per_household",
        ),
        ModelTable(
            name="shopper_duplication",
            title="Shared buyers, pair by pair",
            definition="Of each brand's buyers, the part that also bought another, beside the "
            "duplication of purchase law; pairs that share more stand close to each other.",
            formula="households that bought both / buyers x 100; usual: D x penetration",
            unit="percent",
        ),
        _notes("shopper_norm_notes", "What norms rest on"),
    ),
)
CUSTOMERS = Modelled(
    name="customers",
    needs=BASKETS,
    reads=("basket_line", "product", "household", "store"),
    fit=_fit("customers"),
    tables=(
        ModelTable(
            name="shopper_customer_base",
            title="Customer bases",
            definition="Of the households that ever bought a brand: how many are still customers, "
            "what they will buy, and what they are worth.",
            formula="sums over customers of the chance to be one still, and of what is expected",
            unit="households",
            caveat="Panel households only; intervals hold the model's uncertainty and chance",
        ),
        ModelTable(
            name="shopper_customer_models",
            title="Models of customer bases, held to later weeks",
            definition="Every model's forecast of weeks that it had not seen, beside what came.",
            formula="BG/NBD, MBG/NBD, Pareto/NBD, BG/BB",
            unit="percent",
        ),
        ModelTable(
            name="shopper_customer_parameters",
            title="Parameters of customer bases",
            definition="How purchase rates and dropout are spread over customers.",
            formula="maximum likelihood",
            unit="ratio",
        ),
        ModelTable(
            name="shopper_customer_tracking",
            title="Repeat purchases week by week",
            definition="Purchases after the first, added up, beside what was expected.",
            formula="cumulative count",
            unit="count",
        ),
        ModelTable(
            name="shopper_customers",
            title="Customers one by one",
            definition="Chance to be a customer still, purchases to come and worth of households.",
            formula="given how often, since when and how lately each bought",
            unit="percent",
        ),
        _notes("shopper_customer_notes", "What customer bases rest on"),
    ),
)
WON = Modelled(
    name="won",
    needs=BASKETS,
    reads=(
        "basket_line",
        "product",
        "promotion",
        "household",
        "store",
        "redemption",
        "coupon",
        "unit_margin",
    ),
    fit=_fit("won"),
    tables=(
        ModelTable(
            name="shopper_won",
            title="How buyers were won, brand by brand",
            definition="First-time buyers by what was there when they first bought, whether they "
            "came back, and how that compares with buyers like them won at full price.",
            formula="first-time buyers who bought again within 13 weeks / followed x 100",
            unit="percent",
            caveat="Differences compare households alike in what they did before; no experiment",
        ),
        ModelTable(
            name="shopper_won_category",
            title="How buyers were won, all brands",
            definition="The same over all brands of the category.",
            formula="as by brand",
            unit="percent",
        ),
        ModelTable(
            name="shopper_won_combinations",
            title="What was there at the first purchase",
            definition="First-time buyers by every combination of coupon, display, leaflet, deal.",
            formula="count",
            unit="households",
        ),
        ModelTable(
            name="shopper_won_curves",
            title="Buying again by weeks since the first purchase",
            definition="Part that has bought again, those not yet followed counting while watched.",
            formula="Kaplan and Meier's estimate",
            unit="percent",
        ),
        ModelTable(
            name="shopper_buyer_types",
            title="Kinds of buyers",
            definition="Loyal buyers, switchers, deal buyers, pantry loaders and new buyers of "
            "every brand, by a stated rule.",
            formula="every buyer is of one kind",
            unit="households",
            additivity="kinds add up to all buyers of a brand",
        ),
        _notes("shopper_won_notes", "What that rests on"),
    ),
)
CAMPAIGNS = Modelled(
    name="campaigns",
    needs=(*BASKETS, "campaign", "campaign_contact"),
    reads=(
        "basket_line",
        "product",
        "household",
        "campaign",
        "campaign_contact",
        "coupon",
        "redemption",
        "store",
    ),
    fit=_fit("campaigns"),
    tables=(
        ModelTable(
            name="shopper_campaigns",
            title="What campaigns to households did",
            definition="Households, trips, units and money that each campaign added, what its "
            "coupons subsidised, and how far that can be trusted.",
            formula="change of households with the campaign - change of households alike without",
            unit="units",
            caveat="Households were chosen, not drawn: doubly robust difference in differences",
        ),
        ModelTable(
            name="shopper_campaign_effects",
            title="Campaigns, every outcome",
            definition="The same for the goods promoted, the brand, the category and the store.",
            formula="as by campaign",
            unit="units",
        ),
        ModelTable(
            name="shopper_campaign_weeks",
            title="Campaigns week by week",
            definition="What was added in each week from the start, and in the weeks before it, "
            "where there should be nothing.",
            formula="as by campaign",
            unit="units",
        ),
        ModelTable(
            name="shopper_campaign_checks",
            title="Checks of campaigns",
            definition="Trends before the start, starts that never were, goods that had nothing to "
            "do with it, and how comparable households are.",
            formula="the same estimate where there is nothing to find",
            unit="units",
        ),
        _notes("shopper_campaign_notes", "What campaigns rest on"),
    ),
)
FUNNEL = Modelled(
    name="funnel",
    needs=("survey_answer",),
    reads=(
        "survey_answer",
        "message_recall",
        "sales",
        "basket_line",
        "product",
        "store",
        "household",
    ),
    fit=_fit("funnel"),
    tables=(
        ModelTable(
            name="shopper_funnel",
            title="The brand funnel, smoothed",
            definition="Who knows, considers, tried, repeats and is loyal to each brand, by region "
            "and wave, with chance and the habits of fieldwork houses taken off.",
            formula="random walk of each step, seen through samples",
            unit="percent",
        ),
        ModelTable(
            name="shopper_funnel_steps",
            title="Where the funnel leaks",
            definition="Conversions beside what is usual for a brand as well known.",
            formula="stage / stage before",
            unit="percent",
        ),
        ModelTable(
            name="shopper_funnel_changes",
            title="Did the funnel grow?",
            definition="The latest wave against earlier ones.",
            formula="difference of smoothed shares",
            unit="points",
        ),
        ModelTable(
            name="shopper_houses",
            title="Habits of fieldwork houses",
            definition="How much more readily people say yes to each house.",
            formula="logits, adding up to 0 over houses",
            unit="points",
        ),
        ModelTable(
            name="shopper_segments",
            title="The funnel by segment",
            definition="Where a brand is stronger or weaker than usual, by lifestyle and need.",
            formula="smoothed shares by segment, pooled",
            unit="percent",
        ),
        ModelTable(
            name="shopper_heads_or_stores",
            title="More heads or more stores?",
            definition="Share in people's heads beside share of weighted distribution, and what "
            "to do.",
            formula="mental share - physical share",
            unit="points",
            needs=("sales",),
        ),
        ModelTable(
            name="shopper_funnel_panel",
            title="What people say beside what they buy",
            definition="The funnel beside penetration, repeat and share of requirements.",
            formula="survey and panel, each by its own definition",
            unit="percent",
            needs=("basket_line",),
        ),
        ModelTable(
            name="shopper_messages",
            title="Messages by touchpoint",
            definition="Which messages were noticed where, and what people made of them.",
            formula="answers / people asked x 100",
            unit="percent",
            caveat="Buyers of a brand notice its messages more: no effect of the message",
            needs=("message_recall",),
        ),
        ModelTable(
            name="shopper_message_conflicts",
            title="Messages that contradict each other",
            definition="Pairs of messages of a brand that ran together, and how many people who "
            "noticed both say that they contradict each other.",
            formula="answers / people who noticed both x 100",
            unit="percent",
            needs=("message_recall",),
        ),
        _notes("shopper_funnel_notes", "What the funnel rests on"),
    ),
)
TRENDS = Modelled(
    name="trends",
    needs=("sales", "product"),
    reads=("sales", "basket_line", "product", "store"),
    fit=_fit("trends"),
    tables=(
        ModelTable(
            name="shopper_trends",
            title="What emerges and what fades",
            definition="Shares of categories, and within the category of brands, pack sizes and "
            "the like, that moved to another level, with the date.",
            formula="change points of the log odds of the weekly share",
            unit="percent",
            caveat="A season looks like a change where less than two years are loaded",
            additivity="shares of a dimension add up to 100",
        ),
        ModelTable(
            name="shopper_trend_weeks",
            title="Changed shares week by week",
            definition="Shares of what changed, counted and fitted.",
            formula="weekly amount / weekly total x 100",
            unit="percent",
        ),
        _notes("shopper_trend_notes", "What trends rest on"),
    ),
)
SHOPPERS = (NORMS, CUSTOMERS, WON, CAMPAIGNS, FUNNEL, TRENDS)
