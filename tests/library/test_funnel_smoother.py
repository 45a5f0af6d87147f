"""The smoother of a survey: houses, small samples, waves left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError
from offtake.models.shoppers.funnel_draws import fit_funnel, interval, stage_draws
from offtake.models.shoppers.funnel_fit import FIRST, SPREADS, contrasts, fit_step
from offtake.models.shoppers.funnel_norms import norms
from offtake.models.shoppers.funnel_rows import Counts, SurveyRows, survey_rows
from offtake.models.shoppers.funnel_shares import posterior_shares
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.funnel_tables import Z_80, brand_draws, house_effects
from offtake.twin.shoppers.survey import HOUSES
from offtake.twin.shoppers.survey import house_effects as true_effects
from tests.library.small_survey import APART, fielded, invented, survey_store

QUICK = FunnelSpec(draws=300)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> tuple[SurveyRows, dict[str, float]]:
    """A survey whose houses ask very differently, and by how much."""
    world, made = fielded(APART)
    with survey_store(made, tmp_path_factory.mktemp("apart")) as store:
        rows = survey_rows(store, store.tables(), "COFFEE")
    only = replace(rows, counts={"aware": rows.counts["aware"]})
    return only, dict(zip(HOUSES, true_effects(world), strict=True))


def without_houses(rows: SurveyRows) -> SurveyRows:
    one = rows.counts["aware"]
    merged = Counts(one.yes.sum(axis=3, keepdims=True), one.asked.sum(axis=3, keepdims=True))
    return replace(rows, houses=np.array(["all"]), counts={"aware": merged})


def change(rows: SurveyRows) -> float:
    """Return how awareness of all brands changed from the first wave to the last, in points."""
    shares = [each.stages["aware"][..., 0] for each in brand_draws(fit_funnel(rows, QUICK))]
    return 100 * float(np.mean([np.median(each[:, -1] - each[:, 0]) for each in shares]))


def test_house_effects_are_found_and_add_up_to_zero(
    apart: tuple[SurveyRows, dict[str, float]],
) -> None:
    rows, true = apart
    effect, error = house_effects(fit_funnel(rows, QUICK), "aware")
    assert effect.sum() == pytest.approx(0, abs=1e-12)
    wanted = np.array([true[str(name)] for name in rows.houses])
    # Within three of its own errors, and these are small beside effects of up to a logit.
    assert (np.abs(effect - wanted) < 3 * error).all()
    assert error.max() < 0.1 < np.abs(wanted).max()


def test_a_shift_of_houses_is_no_trend(apart: tuple[SurveyRows, dict[str, float]]) -> None:
    rows, true = apart
    asked = rows.counts["aware"].asked.sum(axis=(0, 2))
    mix = asked / asked.sum(axis=1, keepdims=True)
    leaning = mix @ [true[str(name)] for name in rows.houses]
    aware, blind = change(rows), change(without_houses(rows))
    drift = leaning[-3:].mean() - leaning[:3].mean()
    # A logit moves a share of about .6 by 23 points; the smoother that does not know takes the
    # shift of houses for people's change of mind, and the two differ by most of it.
    assert abs(drift) > 0.05
    assert (blind - aware) * np.sign(drift) > 0.5 * 23 * abs(drift)


def test_a_wave_left_out_is_foretold(apart: tuple[SurveyRows, dict[str, float]]) -> None:
    rows, _ = apart
    one = rows.counts["aware"]
    held, inside = [3, 9, 15], []
    asked = one.asked.copy()
    asked[:, held] = 0
    kept = Counts(one.yes * (asked > 0), asked)
    funnel = fit_funnel(replace(rows, counts={"aware": kept}), QUICK)
    effects, _ = house_effects(funnel, "aware")
    random = np.random.default_rng(4)
    for brand in range(rows.brands.size):
        shares = stage_draws(funnel, brand)["aware"][:, held]
        logit = np.log(shares / (1 - shares))[..., None] + effects
        size = one.asked[brand, held]
        said = random.binomial(size.astype(int), 1 / (1 + np.exp(-logit))).sum(axis=3)
        _, low, high = interval(said.astype(float))
        got = one.yes[brand, held].sum(axis=2)
        inside.append((low <= got) & (got <= high))
    # 72 cells of region and wave; 80 % intervals hold about 80 %, three errors of a share wide.
    assert np.mean(inside) == pytest.approx(0.8, abs=0.15)


def test_no_other_spread_is_likelier(apart: tuple[SurveyRows, dict[str, float]]) -> None:
    from offtake.models.kernels.share_walks import fit_shares
    from offtake.models.shoppers.funnel_fit import _frame, _with_spreads

    rows, _ = apart
    counts = rows.counts["aware"]
    fit = fit_step(rows, counts, QUICK)
    brands, waves = counts.yes.shape[:2]
    data = [each.reshape(brands, waves, -1) for each in (counts.yes, counts.asked)]
    frame = _frame(rows, float(counts.yes.sum() / counts.asked.sum()), QUICK)
    best = fit.fit.log_likelihood
    for place, _ in enumerate(SPREADS[:-1]):
        for factor in (0.3, 3.0):
            other = fit.spreads.copy()
            other[place] *= factor
            there = fit_shares(_with_spreads(frame, rows, other), *data).log_likelihood
            # The prior that keeps a spread off zero may have cost a quarter of a log.
            assert there < best + 0.25 * np.log(3.0) + 1e-3
    assert (fit.spreads > 0).all()
    assert len(FIRST) == len(SPREADS)


def test_nobody_and_everybody_are_shares_like_others() -> None:
    shares = np.array([[0.0] * 6, [1.0] * 6, [0.4] * 6])
    funnel = fit_funnel(invented(shares, 60.0), QUICK)
    for brand, true in enumerate((0.0, 1.0, 0.4)):
        draws = stage_draws(funnel, brand)["aware"][:, -1, 0]
        assert np.isfinite(draws).all()
        # 360 answers without a single dissent: less than 1.5 % may be of another mind.
        assert np.median(draws) == pytest.approx(true, abs=0.015 if true != 0.4 else 0.05)


def test_what_does_not_move_is_known_better_than_one_wave_tells() -> None:
    rows = invented(np.full((4, 12), 0.5), 50.0)
    draws = stage_draws(fit_funnel(rows, QUICK), 0)["aware"][:, -1, 0]
    _, low, high = interval(draws)
    one_wave = 2 * Z_80 * np.sqrt(0.25 / 50)
    assert high - low < 0.7 * one_wave


def test_one_brand_in_one_wave_has_an_answer() -> None:
    rows = invented(np.array([[0.5]]), 30.0)
    draws = stage_draws(fit_funnel(rows, QUICK), 0)["aware"]
    assert draws.shape == (300, 1, 1)
    assert np.median(draws) == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_gives_the_same_draws() -> None:
    rows = invented(np.array([[0.5, 0.6], [0.2, 0.3]]), 40.0, houses=2)
    one, two = (stage_draws(fit_funnel(rows, QUICK), 1)["aware"] for _ in range(2))
    assert (one == two).all()


def test_contrasts_are_orthonormal() -> None:
    basis = contrasts(4)
    assert basis.T @ basis == pytest.approx(np.eye(3), abs=1e-12)
    assert contrasts(1).shape == (1, 0)


def test_nothing_loaded_and_an_unknown_category_are_said() -> None:
    with Store(":memory:", "twin") as store, pytest.raises(MissingContractError, match="as survey"):
        survey_rows(store, store.tables(), "COFFEE")


def test_a_category_that_nobody_was_asked_about_is_said(tmp_path: Path) -> None:
    _, made = fielded()
    with (
        survey_store(made, tmp_path) as store,
        pytest.raises(BadInputError, match="'TEA', in which nobody was asked"),
    ):
        survey_rows(store, store.tables(), "TEA")


def test_a_brand_off_the_line_is_off_by_as_much_as_it_was_put() -> None:
    size = np.linspace(-1.5, 1.5, 9)
    value = 0.2 + 0.4 * size
    value[4] -= 0.8
    found = norms(size, value, np.full(9, 0.05), draws=4000, random=np.random.default_rng(2))
    assert float(np.median(found.line[4])) == pytest.approx(0.2, abs=0.06)
    # Of two brands with the same neighbours the one on the line is not told apart from it.
    low, high = np.quantile(found.brand[3], [0.1, 0.9])
    assert low < value[3] < high


def test_three_brands_have_no_norm() -> None:
    found = norms(np.zeros(3), np.zeros(3), np.ones(3), draws=10, random=np.random.default_rng(2))
    assert np.isnan(found.line).all()


def test_pooled_shares_agree_with_the_beta_they_are() -> None:
    random = np.random.default_rng(6)
    asked = np.full(200, 40.0)
    yes = random.binomial(40, random.beta(6, 14, 200)).astype(float)
    found = posterior_shares(yes, asked, draws=4000, random=random)
    shrunk = np.median(found, axis=1)
    exact = (yes + 6) / (40 + 20)
    # The strength of the pool, 20, is itself estimated from 200 groups.
    assert shrunk == pytest.approx(exact, abs=0.03)
