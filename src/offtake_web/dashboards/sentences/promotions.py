"""What the library says of promotions, as templates to translate."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SENTENCES = (
    # all promotions together
    _("No promotions of %(whose)s in %(category)s are known."),
    _("%(whose)s ran %(promotions)s in %(category)s."),
    _(
        "They sold %(units)s extra units (%(range)s); %(share)s of what was promoted would have "
        "sold anyway."
    ),
    _("Where the extra came from: %(parts)s."),
    _("Where the extra came from: %(parts)s; besides, promotion brought %(given)s."),
    _("Cost and margin are known for %(count)s of them."),
    _("The margin is known for %(count)s of them."),
    _("They cost nothing and brought %(margin)s of margin."),
    _("Net return, where 0 breaks even: %(value)s."),
    _(
        "Net return, where 0 breaks even: %(planned)s as planned, %(executed)s where executed, "
        "%(full)s if fully executed."
    ),
    _("As they ran they lost money."),
    _("Together they paid off."),
    _(
        "Together they were badly executed, not a bad idea: in every store agreed they would have "
        "paid."
    ),
    _("Together they were a bad idea: even in every store agreed they would have lost money."),
    _("Whether they paid together, the data do not tell."),
    _("Whether they paid is not known."),
    _("Whether they paid is not known: what a unit earns is not loaded (unit_margin)."),
    _("Whether they paid is not known: their cost is not loaded (promotion_cost)."),
    _("They brought %(margin)s of margin before their cost: not worth it at any cost."),
    _(
        "They brought %(margin)s of margin before their cost: hardly worth it at any cost, and "
        "surely not above %(most)s."
    ),
    _("They brought %(margin)s of margin before their cost: worth it if they cost less than that."),
    _(
        "They brought %(margin)s of margin before their cost: worth it if they cost less than "
        "that, but perhaps not at any cost."
    ),
    # one promotion
    _("%(what)s at %(retailer)s, %(days)s (%(weeks)s): %(support)s."),
    _("%(what)s, %(days)s (%(weeks)s): %(support)s."),
    _("What it did to sales is not known."),
    _(
        "It gained nothing that could be seen: %(units)s units (%(range)s); %(base)s would have "
        "sold anyway."
    ),
    _("It gained %(units)s units (%(range)s); %(base)s would have sold anyway."),
    _(
        "It gained %(units)s units (%(range)s); %(base)s would have sold anyway, a lift of "
        "%(lift)s in the stores with it."
    ),
    _("%(stores)s had it; no plan is known for it."),
    _("%(stores)s agreed to it, and %(executed)s executed it."),
    _("It cost %(cost)s and brought %(margin)s of margin."),
    _("It brought %(margin)s of margin before its cost: not worth it at any cost."),
    _(
        "It brought %(margin)s of margin before its cost: hardly worth it at any cost, and surely "
        "not above %(most)s."
    ),
    _("It brought %(margin)s of margin before its cost: worth it if it cost less than that."),
    _(
        "It brought %(margin)s of margin before its cost: worth it if it cost less than that, but "
        "perhaps not at any cost."
    ),
    _("It paid off: %(done)s, all of the range above 0."),
    _(
        "Badly executed: as it was it lost money, %(done)s; in every store agreed it would have "
        "paid, %(full)s."
    ),
    _(
        "A bad idea: even in every store agreed it would have lost money, %(full)s; as planned "
        "%(done)s."
    ),
    _("A bad idea as it ran: it lost money, %(done)s."),
    _("The data do not tell whether it paid: %(done)s as planned, %(full)s if fully executed."),
    _("Whether it paid is not known: its cost is not loaded (promotion_cost)."),
    _("Whether it paid is not known: what a unit of it earns is not loaded (unit_margin)."),
    _("%(count)s stores: %(parts)s."),
    _("1 store: %(parts)s."),
    _("No store is known."),
    _("One mark is one store: the larger, the more it sold."),
    _("The promoted items in all stores of the retailers."),
    _("Shaded weeks are those of the promotion; the band is the range of the base."),
    # what the other stores would do
    _("Full execution does not pay back, even with the response counted with."),
    _("It pays back as it is, whatever the other stores would do."),
    _(
        "Full execution pays back if stores that did not execute would respond at least "
        "%(times)s times as strongly as counted with."
    ),
    _("Counted with is %(times)s times (%(range)s) the response of the stores that did."),
    _(
        "Counted with is %(times)s times (%(range)s) the response of the stores that did, which "
        "the data hardly tell."
    ),
    # what is missing
    _("Promotions show once they are loaded."),
    _("No plan is known, so the three results are one and the same."),
    _(
        "They come apart once planned promotions are loaded: rows of the promotion table with "
        "status planned."
    ),
    _("No promotion has a margin, so there are no returns and no verdicts."),
    _("Load what a unit earns, and what promotions cost."),
    _("Margins are known, but not what promotions cost, so there are no returns and no verdicts."),
    _("The incremental margin says what each was worth at most; load what they cost."),
    # what holds a grade down
    _("The interval is wide: more weeks or stores with the same support narrow it."),
    _("Few stores took part: run it in more, or judge it with others of its kind."),
    _(
        "The item was hardly ever promoted like this, so its response is the category's: promote "
        "it again, or judge it with others of its kind."
    ),
    _("Price cuts are derived from prices paid: load the discounts agreed."),
    _(
        "In most store-weeks nothing sold, so prices there are those of other stores: load shelf "
        "prices."
    ),
    _(
        "No plan is loaded, so that nobody knows who should have taken part: load planned "
        "promotions."
    ),
    _("The regression did not converge: look for items that never sold without support."),
    # notes of the model
    _("The regression did not converge; take the figures as rough."),
    _(
        "%(count)s store-item-weeks are left out: off the shelf all week, no price known, or given "
        "away."
    ),
    _("No plan is loaded: as planned, where executed and if fully executed are the same."),
    _("Price cuts are derived from prices paid, as no discounts are loaded."),
    _(
        "Rows that were set aside on loading and are in no answer: %(rows)s; see: offtake "
        "set-aside."
    ),
    _(
        "%(count)s items without a margin beside others of their maker that have one (what they "
        "lose to promotions counts nothing): %(names)s."
    ),
    _(
        "%(count)s promotions outside what sold are left out (item not sold there, or no sales "
        "that week): %(names)s."
    ),
    _("%(count)s costs are of promotions that no promotion row names: %(names)s."),
    _("%(count)s retailers have margins and no store in the store list: %(names)s."),
)
CLAUSES = (
    _("%(names)s and %(count)s more"),
    _("Manufacturer %(number)s"),
    _("retailer not stated"),
    _("support not stated"),
    _("price cut"),
    _("price cut of %(depth)s"),
    _("display"),
    _("feature"),
    _("net return %(value)s"),
    _("margin %(margin)s at no cost"),
    _("%(units)s from competitors"),
    _("%(units)s from other weeks"),
    _("%(units)s from the brand's other items"),
    _("%(units)s to competitors"),
    _("%(units)s to other weeks"),
    _("%(units)s to the brand's other items"),
    _("%(units)s added to the category"),
    _("%(units)s taken off the category"),
    _("%(count)s agreed and executed"),
    _("%(count)s agreed, not executed"),
    _("%(count)s executed without plan"),
    _("%(count)s neither"),
    _("%(region)s: %(done)s of %(agreed)s agreed executed"),
    _("%(region)s: %(count)s had it"),
    _("All stores"),
    _("As planned: all stores of the plan, whatever they did"),
    _("Where executed: stores that did what was agreed"),
    _("If fully executed: had every store agreed done all of it"),
    _("the first %(shown)s of %(count)s items"),
    _("mostly its own"),
    _("in part its category's"),
    _("mostly its category's"),
    _("the small ones together"),
    _("wide range"),
    _("few stores"),
    _("response of its category"),
    _("price cuts derived"),
    _("prices of other stores"),
    _("no plan"),
    _("not converged"),
    _("%(count)s of sales"),
    _("%(count)s of promotion"),
    _("%(count)s of promotion_cost"),
    _("%(count)s of unit_margin"),
)
"""What stands in the places of sentences, in cells and in charts."""
