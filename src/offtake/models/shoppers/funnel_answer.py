"""All that the brand survey says of a category: from the store to every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from offtake.models.columns import as_table
from offtake.models.shoppers.funnel_draws import BEFORE, Funnel, Progress, fit_funnel
from offtake.models.shoppers.funnel_messages import (
    RECALL,
    conflict_table,
    fit_recall,
    message_table,
)
from offtake.models.shoppers.funnel_norms import FEWEST
from offtake.models.shoppers.funnel_panel import panel_table
from offtake.models.shoppers.funnel_rows import SURVEY, survey_rows
from offtake.models.shoppers.funnel_segments import segment_table
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.funnel_steps import step_table
from offtake.models.shoppers.funnel_tables import (
    BrandDraws,
    brand_draws,
    change_table,
    funnel_table,
    house_table,
    raw_levels,
)
from offtake.models.shoppers.heads_or_stores import heads_or_stores

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables


def funnel_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: FunnelSpec | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return every table of a category's brand survey, by name.

    All shares are in percent, all intervals 80 % ones. ``shopper_heads_or_stores`` needs sales too,
    ``shopper_funnel_panel`` baskets, ``shopper_messages`` and ``shopper_message_conflicts`` message
    recall; where they are not loaded the table is left out, and ``shopper_funnel_notes`` says so.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the survey calls it.
    spec
        What is assumed.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    MissingContractError
        When no survey answers are loaded.
    BadInputError
        When none are of this category.
    """
    spec = spec or FunnelSpec()
    funnel = fit_funnel(survey_rows(store, tables, category), spec, _part(progress, 0))
    draws = list(brand_draws(funnel))
    found = {
        "shopper_funnel": funnel_table(funnel, draws, raw_levels(store, tables, funnel)),
        "shopper_funnel_steps": step_table(funnel, draws),
        "shopper_funnel_changes": change_table(funnel, draws),
        "shopper_houses": house_table(funnel),
    }
    by_segment = survey_rows(store, tables, category, group="segment")
    segments = fit_funnel(by_segment, spec, _part(progress, 45))
    found["shopper_segments"] = segment_table(segments, list(brand_draws(segments)))
    found |= _joined(store, tables, funnel, draws)
    if progress is not None:
        progress("messages", 90)
    found |= _messages(store, tables, category, spec)
    found["shopper_funnel_notes"] = as_table({"note": list(_notes(tables, funnel, found))})
    return found


def _part(progress: Progress | None, start: float) -> Progress | None:
    if progress is None:
        return None
    return lambda words, share: progress(words, start + 0.45 * share)


def _joined(
    store: Store, tables: Tables, funnel: Funnel, draws: list[BrandDraws]
) -> dict[str, pa.Table]:
    """Return what needs other tables besides the survey, where they are loaded."""
    made: dict[str, tuple[str, Callable[..., pa.Table]]] = {
        "shopper_heads_or_stores": ("sales", heads_or_stores),
        "shopper_funnel_panel": ("basket_line", panel_table),
    }
    return {
        name: make(store, tables, funnel, draws)
        for name, (contract, make) in made.items()
        if contract in tables.filled
    }


def _messages(store: Store, tables: Tables, category: str, spec: FunnelSpec) -> dict[str, pa.Table]:
    recall = fit_recall(store, tables, category, spec) if RECALL in tables.filled else None
    if recall is None:
        return {}
    return {
        "shopper_messages": message_table(store, tables, category, recall),
        "shopper_message_conflicts": conflict_table(store, tables, category, recall),
    }


def _notes(tables: Tables, funnel: Funnel, found: dict[str, pa.Table]) -> Iterator[str]:
    """Say what to beware of, the gravest first."""
    yield from _missing(tables, found)
    yield from _houses(funnel)
    rows = funnel.rows
    lost = [step for step in (*BEFORE, "aware") if step not in rows.counts]
    if lost:
        yield f"Never answered in this category, and left out: {', '.join(sorted(lost))}."
    if rows.weeks.size < 4:
        yield f"There are {rows.weeks.size} waves: too few to tell a trend from chance."
    if rows.brands.size <= FEWEST:
        yield "There are too few brands to say which conversion is usual for a brand's size."
    if rows.groups.size < 2:
        yield "The survey names no regions, or one only: figures are those of all people."
    yield (
        "An answer to a later question without a yes to the one before it is not counted in "
        "smoothed shares; raw figures count it."
    )
    if "shopper_messages" in found:
        yield (
            "Who noticed a message considers the brand more often partly because buyers notice "
            "more: the difference is no effect of the message."
        )


def _missing(tables: Tables, found: dict[str, pa.Table]) -> Iterator[str]:
    needs = {
        "shopper_heads_or_stores": ("sales", "More heads or more stores"),
        "shopper_funnel_panel": ("basket_line", "What people say beside what they buy"),
        "shopper_messages": (RECALL, "Which messages were noticed where"),
    }
    for name, (contract, words) in needs.items():
        if name in found:
            continue
        if contract in tables.filled:
            yield f"{words}: {contract} holds nothing of this category."
        else:
            yield f"{words}: left out. To have it: offtake load FILE --as {contract}."


def _houses(funnel: Funnel) -> Iterator[str]:
    rows = funnel.rows
    if rows.houses.size < 2:
        yield (
            f"{SURVEY} names one house or none: what a change of house does to the figures cannot "
            "be told from a change of mind."
        )
        return
    yield (
        "House effects add up to zero over houses: what all houses get wrong together, no survey "
        "shows. People's answers on several brands count as separate in them."
    )
    at_once = (rows.counts["aware"].asked.sum(axis=(0, 2)) > 0).sum(axis=1)
    if (at_once < 2).all():
        yield (
            "No two houses ever asked in the same wave: their effects rest on the assumption that "
            "brands do not jump when the house changes."
        )
