"""Trials of the brand funnel: what people know and have bought, held to what they truly do.

Beside the smoother stand figures that need no model: waves as they came, a moving average of three
waves, and a smoother that does not know that houses ask differently.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.models.shoppers.funnel_draws import Funnel, fit_funnel
from offtake.models.shoppers.funnel_rows import Counts, SurveyRows, survey_rows
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.funnel_tables import EVERYWHERE, BrandDraws, brand_draws, house_effects
from offtake.models.shoppers.heads_or_stores import heads_or_stores, mental_shares
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.scores import LEVELS, Estimates
from offtake.validation.trial import Trial

Floats = NDArray[np.float64]
Truth = dict[str, Floats]

TABLES = ("product", "store", "sales", "survey_answer")
CATEGORY = "COFFEE"
STAGES = ("first_mention", "aware", "considers", "tried", "repeats", "loyal")
YEAR = 13
"""Waves to a year."""
PERCENT = 100.0
WORLD = TwinSpec(
    stores=20, weeks=104, items=8, categories=(CATEGORY,), households=0, respondents=400,
    stock_weeks=1,
)  # fmt: skip


@dataclass(slots=True)
class _Found:
    """Quantities gathered so far, with truth and draws."""

    names: list[str] = field(default_factory=list)
    truth: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    ends: list[tuple[Floats, Floats]] = field(default_factory=list)

    def add(self, name: str, truth: float, draws: Floats) -> None:
        """Add one quantity."""
        reach = np.asarray(LEVELS) / 2
        self.names.append(name)
        self.truth.append(float(truth))
        self.middle.append(float(np.median(draws)))
        self.ends.append((np.quantile(draws, 0.5 - reach), np.quantile(draws, 0.5 + reach)))

    @property
    def estimates(self) -> Estimates:
        """All of them."""
        lower, upper = (np.stack(each) for each in zip(*self.ends, strict=True))
        return Estimates(
            tuple(self.names), np.array(self.truth), np.array(self.middle), lower, upper
        )


def fit_levels(folder: Path, seed: int) -> Estimates:
    """Smooth a twin's funnel.

    Returns
    -------
    Estimates
        In percent and points: stages of the latest wave, awareness by region, its change over a
        year, mental less physical share; in logits: house effects.
    """
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        tables = store.tables()
        funnel = fit_funnel(survey_rows(store, tables, CATEGORY), FunnelSpec(seed=seed % 2**31))
        draws = list(brand_draws(funnel))
        truth = _truth(folder, funnel.rows)
        found = _Found()
        _add_stages(found, funnel, draws, truth)
        _add_houses(found, funnel, folder)
        _add_gaps(found, (store, tables), (funnel, draws), truth)
    return found.estimates


def fit_changes(folder: Path, seed: int) -> Estimates:
    """Tell how awareness changed over a year in four ways.

    Returns
    -------
    Estimates
        Points, mean of the category's brands: smoothed; smoothed by one who does not know of
        houses; means of three waves; single waves. The last two with the errors of their samples.
    """
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=("survey_answer",))
        rows = survey_rows(store, store.tables(), CATEGORY)
    spec = FunnelSpec(seed=seed % 2**31)
    truth = _truth(folder, rows)["aware"]
    random = np.random.default_rng(spec.seed)
    only_aware = replace(rows, counts={"aware": rows.counts["aware"]})
    ways = {
        "smoothed": _smoothed_changes(only_aware, spec),
        "smoothed, houses unknown": _smoothed_changes(_one_house(only_aware), spec),
        "means of three waves": _raw_changes(rows, 3, random, spec.draws),
        "single waves": _raw_changes(rows, 1, random, spec.draws),
    }
    found = _Found()
    true = PERCENT * (truth[:, -1, 0] - truth[:, -1 - YEAR, 0])
    for name, change in ways.items():
        found.add(f"change of awareness, all brands, {name}", true.mean(), change.mean(axis=0))
        for brand in range(2):
            title = rows.brands[brand]
            found.add(f"change of awareness, {title}, {name}", true[brand], change[brand])
    return found.estimates


def _truth(folder: Path, rows: SurveyRows) -> Truth:
    """Return true shares by stage, (B, T, 1 + G): everywhere, then by region."""
    table = read_truth(folder, "brand_health").select(["brand", "region", "week", *STAGES])
    columns = {name: table[name].to_pylist() for name in ("brand", "region")}
    days = table["week"].to_numpy().astype("datetime64[D]")
    place = [
        {str(name): number for number, name in enumerate(names)}
        for names in (rows.brands, rows.groups)
    ]
    brand = np.array([place[0].get(name, -1) for name in columns["brand"]])
    region = np.array([place[1].get(name, -1) for name in columns["region"]])
    week = np.searchsorted(rows.weeks, days)
    keep = (brand >= 0) & (region >= 0) & np.isin(days, rows.weeks)
    found = {}
    for stage in STAGES:
        laid = np.full((rows.brands.size, rows.weeks.size, rows.groups.size), np.nan)
        laid[brand[keep], week[keep], region[keep]] = table[stage].to_numpy()[keep]
        found[stage] = np.concatenate([(laid @ rows.people)[..., None], laid], axis=2)
    return found


def _add_stages(found: _Found, funnel: Funnel, draws: list[BrandDraws], truth: Truth) -> None:
    for each in draws:
        brand, name = each.brand, str(funnel.rows.brands[each.brand])
        aware, true = each.stages["aware"], truth["aware"][brand]
        found.add(f"awareness, {name}", PERCENT * true[-1, 0], PERCENT * aware[:, -1, 0])
        change = aware[:, -1, 0] - aware[:, -1 - YEAR, 0]
        found.add(
            f"change of awareness over a year, {name}",
            PERCENT * (true[-1, 0] - true[-1 - YEAR, 0]),
            PERCENT * change,
        )
        for stage in ("considers", "loyal"):
            latest = PERCENT * each.stages[stage][:, -1, 0]
            found.add(f"{stage}, {name}", PERCENT * truth[stage][brand][-1, 0], latest)
    _add_regions(found, funnel, draws, truth)


def _add_regions(found: _Found, funnel: Funnel, draws: list[BrandDraws], truth: Truth) -> None:
    """Add awareness by region, by their size: in some worlds nobody lives in one of them."""
    people = funnel.rows.people
    for words, place in (("largest", int(people.argmax())), ("smallest", int(people.argmin()))):
        for each in draws[:2]:
            name = f"awareness in the {words} region, {funnel.rows.brands[each.brand]}"
            shares = PERCENT * each.stages["aware"][:, -1, 1 + place]
            found.add(name, PERCENT * truth["aware"][each.brand][-1, 1 + place], shares)


def _add_houses(found: _Found, funnel: Funnel, folder: Path) -> None:
    table = read_truth(folder, "house")
    true = dict(zip(table["house"].to_pylist(), table["effect"].to_pylist(), strict=True))
    noise = np.random.default_rng([funnel.spec.seed, 1]).standard_normal(funnel.spec.draws)
    for step in ("aware", "considers"):
        effect, error = house_effects(funnel, step)
        for place, house in enumerate(funnel.rows.houses):
            draws = effect[place] + error[place] * noise
            found.add(f"house effect on {step}, {house}", true[str(house)], draws)


def _add_gaps(
    found: _Found,
    data: tuple[Store, Tables],
    known: tuple[Funnel, list[BrandDraws]],
    truth: Truth,
) -> None:
    """Add mental less physical share; distribution is counted, so that it is its own truth."""
    funnel, draws = known
    rows = heads_or_stores(*data, funnel, draws).to_pylist()
    physical = {
        row["brand"]: row["physical"]
        for row in rows
        if row["region"] == EVERYWHERE and row["basis"] == "first_mention"
    }
    shares = PERCENT * mental_shares(draws, "first_mention")[:, :, 0]
    cases = truth["first_mention"][:, -1, 0]
    for brand, name in enumerate(str(each) for each in funnel.rows.brands):
        true = PERCENT * cases[brand] / cases.sum() - physical[name]
        found.add(f"heads less stores, {name}", true, shares[brand] - physical[name])


def _one_house(rows: SurveyRows) -> SurveyRows:
    """Return the survey as one sees it who does not know which house asked."""
    counts = {
        step: Counts(each.yes.sum(axis=3, keepdims=True), each.asked.sum(axis=3, keepdims=True))
        for step, each in rows.counts.items()
    }
    return replace(rows, houses=np.array(["all"]), counts=counts)


def _smoothed_changes(rows: SurveyRows, spec: FunnelSpec) -> Floats:
    """Return draws of every brand's change of awareness over a year, in points, (B, D)."""
    shares = [each.stages["aware"][..., 0] for each in brand_draws(fit_funnel(rows, spec))]
    return PERCENT * np.stack([each[:, -1] - each[:, -1 - YEAR] for each in shares])


def _raw_changes(rows: SurveyRows, waves: int, random: np.random.Generator, count: int) -> Floats:
    """Return the same from means of as many waves around each end, with sampling error alone."""
    counts = rows.counts["aware"]
    yes, asked = (each.sum(axis=3) for each in (counts.yes, counts.asked))
    share = np.divide(yes, asked, out=np.zeros_like(yes), where=asked > 0)
    level = share @ rows.people
    error = (share * (1 - share) / np.maximum(asked, 1)) @ rows.people**2
    back = (waves - 1) // 2
    then = slice(-1 - YEAR - back, level.shape[1] - YEAR + back)
    now = slice(level.shape[1] - waves, None)
    change = level[:, now].mean(axis=1) - level[:, then].mean(axis=1)
    variance = (error[:, now].mean(axis=1) + error[:, then].mean(axis=1)) / waves
    noise = random.standard_normal((len(change), count))
    draws: Floats = change[:, None] + np.sqrt(variance)[:, None] * noise
    return PERCENT * draws


TRIALS = (
    Trial(
        name="funnel",
        title="The brand funnel: levels, changes, houses, heads against stores",
        holds="true shares of people (truth table brand_health) and houses (truth table house)",
        spec=WORLD,
        fit=fit_levels,
    ),
    Trial(
        name="funnel-changes",
        title="Did awareness grow? Smoothed, and three ways without the smoother or the houses",
        holds="true change of awareness over a year (truth table brand_health)",
        spec=WORLD,
        fit=fit_changes,
    ),
)
