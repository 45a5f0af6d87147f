"""The prose of the page on the twin."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

INTRODUCTION = """# The twin

*Written by `python -m docs.twin` from the code, the twin and the data; do not edit.*

The twin is a simulated market: stores, items, promotions, media, sales representatives, shoppers.
It goes through the same contracts as real data, and everything that acts in it is known and
stored. How to make one: [make a twin](../how-to/make-a-twin.md). Why it is built as it is:
[decision 0006](../adr/0006-the-twin.md).

It is **for**

- measuring whether a model finds effects whose truth is known: its bias, its error, the coverage
  of its intervals (`offtake twin verify`);
- showing and testing what public data do not have: visits, audits, notes, targets, availability;
- tests and benchmarks at any size, with the same bytes for the same seed.

It is **not for**

- learning about any market. What it holds was put in, by measurement or by assumption; getting it
  out again is no finding. **It is never evidence about the market.**
- forecasting, setting budgets or targets, or judging people;
- showing that a model works on real data. A model that fails on the twin is broken; one that
  succeeds has passed an easier test than reality sets.

Every simulated row and every picture carries a label. On this page, wherever numbers are called
the twin's, it is: **{label}**. The twin has {spec}. Make the page again, with its pictures:

```console
$ make demo SERVE=0                # the real panel
$ python -m docs.twin              # needs FreshRetailNet in the folder OFFTAKE_REFERENCE_DATA names
```

Real data: Complete Journey (84.51°, frequent shoppers of one chain over one year) and
FreshRetailNet-50K (Dingdong, CC BY 4.0; every tenth series).
"""

METHOD = """## How they are compared

Complete Journey is a household *panel*: it sees about 2.5 % of a store's shoppers (a named
assumption, `panel_share`). The twin sells whole stores, about forty times as much. Totals differ
by design, and counts that small follow other rules than large ones. So a panel is taken out of
the twin first:

1. *One chain.* Complete Journey is one chain; so are the stores compared, those of the twin's
   largest retailer. Leaflets and price cuts are a chain's: over several, the price of an item in
   other stores would say little about the price here.
2. *A panel's share of the units.* Of every store, item and week the panel gets a beta-binomial
   draw with mean `panel_share`. It is the exact reverse of how the twin scales a panel up: a
   store is forty panels that buy independently. Drawing every unit by itself would make sales too
   even, since a household buys several units at once or none. The spread of the draw is the
   measured one, so that **dispersion agrees nearly by construction**; the share of rows without a
   sale does not.
3. *The calibration itself.* The very functions that measured the real panel, with its selection
   (pairs of store and item with 4 units or more, weeks between first and last sale), its imputed
   prices and its estimator, measure the twin's panel: a round trip. What comes back differs from
   what was put in where selection, imputation or the model of the estimator matter, and that is
   the point.
"""

DIFFERENCES = """## What differs by design

- **Items.** The twin has a few dozen items in a category, the real range hundreds. It leaves the
  long tail out, so its best sellers have a smaller share. Usual rates and their spreads were
  measured on pairs that pass the panel's selection. The twin's are lower and wider
  (`unselected_rate`, `unselected_spread`), so that its own panel, selected in the same way, shows
  about what the real one does.
- **Price cuts without support.** In the real data a loyalty-card price stands on the shelf much
  of the time, with neither display nor leaflet. In the twin a cut belongs to a promotion. Its
  cuts are rarer, and go together with displays and leaflets more closely, so that a model has
  less to tell them apart by.
- **Who decides on displays.** Real displays differ from store to store; in the twin a display is
  agreed for the chain, and stores differ in whether they carry it out, for reasons that also sell
  more (good managers, visits). That selection is what the twin is to test models against.
- **Response.** The estimator knows no later dip and no pull between items, and takes any display
  for a whole week's; what it measures is net of all that. The twin's own responses are larger in
  proportion, so that measured again they come back about as large as the real ones.
- **Elasticity to the regular price.** Real regular prices hardly move within a year, so the panel
  says little; the twin leans on the published mean of -2.62.
- **Manufacturers.** Five named manufacturers and a private label in every category, with the
  measured shares as weights for the number of items.
- **Level of out-of-stocks.** 8.3 % by design, the published world-wide mean. FreshRetailNet is
  fresh food, much of which sells out on purpose in the evening.
- **Money.** No public data say what promotions cost their sponsors and what units earn. Margins,
  fees and funding are assumed throughout (from `unit_margin` to `cut_funded`), at a level at which
  about as many promotions lose money as are published to. A return found in the twin says
  nothing about any other.
- **Shoppers and sales.** Household purchases and whole-store sales share promotions and
  availability, not the shoppers: their totals are not meant to agree. Stores do not compete with
  each other.
"""

OUTAGE_WORDS = """## Out-of-stocks

Real: daily hours out of stock of fresh products. Twin: the same hours from its truth. Both are
described by the same code: a run is adjacent days with stock-out hours.
"""

PUBLISHED_WORDS = """## Beside published figures

These have no raw data to stand beside; the twin's numbers are its truth. The two published splits
of promotion volume are weekly store data (about a third each) and daily item data (6 % other
weeks, 22 % other items, 72 % category); the twin aims at the former. The twin's advertising
elasticity is the mean over regions and weeks of the response to built-up advertising, all
channels of a brand together.
"""

SHOPPER_WORDS = """## Households

One year of both household panels, by the measures `penetration`, `purchase_frequency` and `scr`.
The NBD shape is that of the gamma-distributed purchase rates at which penetration and mean agree;
smaller is more unequal. The share of requirements is that of the manufacturer with the most
buyers.
"""

TRUTH_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "audit": "what an auditor should have seen, by visit and item",
        "brand_health": "true awareness, consideration, trial, repeat and loyalty by brand, region "
        "and week, and what media do to them",
        "calendar": "season and holidays of every category, in logs, by week",
        "campaign": "mean lift of every loyalty campaign",
        "campaign_household": "who was likely to be contacted, who was, and what it added",
        "demand": "demand by store, item and week: as it is, and without promotions",
        "effect": "units that every effect adds, by item and region, found by switching it off",
        "facings": "facings that every item has in every store",
        "event": "what every promotion did: its items' gain, and where that came from",
        "execution": "what every store did with every display agreed, and how likely it was to",
        "house": "how the houses that field the survey lean",
        "household": "purchase rate of every household and category, and its taste for brands",
        "item": "usual rate, responses, trend and launch of every item",
        "lost_sales": "units lost to out-of-stocks, by store, item and week",
        "message": "what every brand says where, how many notice it, and what says the contrary",
        "media": "built-up advertising and its log effect, by brand, channel, region and week",
        "media_channel": "carry-over, saturation and strength of every brand's channels",
        "note": "topic of every note, and whether what it says is so",
        "opinion": "what shoppers hold of a brand, by topic and week",
        "outage": "every out-of-stock: when it began and how long it lasted",
        "pull": "strength of cannibalisation, switching and stockpiling",
        "region": "share of shoppers of every region",
        "wrong_record": "days on which a stock record is wrong, and by what factor",
        "reaction": "what shoppers do who find an item missing, by category",
        "staff": "who has a territory each week, the pressure on them, the hazard of leaving",
        "store": "size and quality of the manager of every store",
        "target": "potential of every territory, a fair target, and how unfair the real one is",
        "trial": "first purchases of a brand, what set them off, and how much follows",
        "void": "listed items that never reached the shelf",
    }
)
"""Every truth table in one line."""
