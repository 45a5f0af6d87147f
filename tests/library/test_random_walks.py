"""Random walks behind noise, held to other software, to one large Gaussian, and to quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, log_expit
from statsmodels.tsa.statespace.structural import UnobservedComponents

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.random_walks import (
    Tracked,
    Walks,
    draw_effects,
    draw_walks,
    smooth,
    smooth_means,
    track,
)
from offtake.models.kernels.share_walks import fit_shares

GROUPS, TIMES, REGIONS, HOUSES = 2, 6, 2, 3
NOISE, STEP, START = 0.3, 0.1, 4.0


def one_walk(times: int, step: float = STEP, start: float = START) -> Walks:
    one = np.ones((1, 1))
    return Walks(
        one, one[:, :0], 0 * one, start * one, step * one, one[0], np.ones(times), one[0, :0]
    )


@pytest.fixture(scope="module")
def walks() -> Walks:
    """Level and two regional differences; three houses, two contrasts common to all groups."""
    cells = REGIONS * HOUSES
    region, house = np.divmod(np.arange(cells), HOUSES)
    contrasts = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])[house]
    loads = np.hstack([np.ones((cells, 1)), region[:, None] == np.arange(REGIONS), contrasts])
    return Walks(
        loads=loads.astype(np.float64),
        common=contrasts,
        start=np.full((GROUPS, 5), 0.2),
        start_variance=np.tile([4.0, 0.5, 0.5, 0.1, 0.1], (GROUPS, 1)),
        step_variance=np.tile([0.05, 0.02, 0.02, 0.0, 0.0], (GROUPS, 1)),
        keep=np.array([1.0, 0.9, 0.6, 1.0, 1.0]),
        elapsed=np.array([9.0, 1.0, 2.0, 1.0, 4.0, 1.0]),
        common_variance=np.array([0.7, 0.4]),
    )


def observations(walks: Walks) -> tuple[Floats, Floats]:
    random = np.random.default_rng(3)
    groups, times, cells, _, _ = walks.size
    seen = random.standard_normal((groups, times, cells))
    precision = random.uniform(0.2, 3.0, seen.shape) * (random.random(seen.shape) > 0.3)
    precision[:, 2] = 0.0  # a wave that was left out
    return seen, precision


def one_large_gaussian(walks: Walks) -> tuple[Floats, Floats, Floats]:
    """Return mean and covariance of all states (B, T, K) and effects together, and what shows.

    The last is (B * T * C, B * T * K + M).
    """
    groups, times, cells, states, effects = walks.size
    size = groups * times * states + effects
    mean = np.zeros(size)
    covariance = np.zeros((size, size))
    shown = np.zeros((groups * times * cells, size))
    age = np.concatenate([[0.0], np.cumsum(walks.elapsed[1:])])
    for group in range(groups):
        for one in range(times):
            at = (group * times + one) * states
            row = (group * times + one) * cells
            mean[at : at + states] = walks.start[group] * walks.keep ** age[one]
            shown[row : row + cells, at : at + states] = walks.loads
            shown[row : row + cells, size - effects :] = walks.common
            for other in range(times):
                to = (group * times + other) * states
                early, late = sorted((age[one], age[other]))
                # Unit steps one by one: how far both have come together, and what is left of it.
                shared = walks.start_variance[group].copy()
                for _ in range(int(early)):
                    shared = walks.keep**2 * shared + walks.step_variance[group]
                shared = shared * walks.keep ** (late - early)
                covariance[at : at + states, to : to + states] = np.diag(shared)
    covariance[size - effects :, size - effects :] = np.diag(walks.common_variance)
    return mean, covariance, shown


def test_local_level_agrees_with_statsmodels() -> None:
    random = np.random.default_rng(11)
    seen = np.cumsum(random.standard_normal(40)) + random.standard_normal(40)
    model = UnobservedComponents(seen, level="llevel")
    model.ssm.initialize_known(np.zeros(1), np.full((1, 1), START))
    model.ssm.loglikelihood_burn = 0
    theirs = model.smooth([NOISE, STEP])
    walk = one_walk(40)
    precision = np.full((1, 40, 1), 1 / NOISE)
    found = track(walk, seen[None, :, None], precision)
    ours = smooth(walk, found)
    # Both work in double precision; 1e-6 leaves room for another order of the sums.
    assert found.total == pytest.approx(theirs.llf, abs=1e-6)
    assert found.mean[:, 0, 0] == pytest.approx(theirs.filtered_state[0], abs=1e-6)
    assert ours.mean[:, 0, 0] == pytest.approx(theirs.smoothed_state[0], abs=1e-6)
    assert ours.covariance[:, 0, 0, 0] == pytest.approx(theirs.smoothed_state_cov[0, 0], abs=1e-6)


def test_variances_where_the_likelihood_is_highest_agree_with_statsmodels() -> None:
    random = np.random.default_rng(5)
    seen = np.cumsum(0.4 * random.standard_normal(150)) + random.standard_normal(150)
    model = UnobservedComponents(seen, level="llevel")
    model.ssm.initialize_known(np.zeros(1), np.full((1, 1), START))
    model.ssm.loglikelihood_burn = 0
    noise, step = model.fit(disp=False).params

    def likelihood(factor: float) -> float:
        walk = one_walk(150, step * factor)
        return track(walk, seen[None, :, None], np.full((1, 150, 1), 1 / noise)).total

    best = likelihood(1.0)
    assert all(likelihood(factor) < best for factor in (0.8, 0.9, 1.1, 1.25))


def posterior(walks: Walks, seen: Floats, precision: Floats) -> tuple[Floats, Floats, float]:
    """Return mean, covariance and log-likelihood of the large Gaussian given what was seen."""
    mean, covariance, shown = one_large_gaussian(walks)
    use = precision.ravel() > 0
    shown, noise = shown[use], np.diag(1 / precision.ravel()[use])
    inner = shown @ covariance @ shown.T + noise
    error = seen.ravel()[use] - shown @ mean
    gain = covariance @ shown.T @ np.linalg.inv(inner)
    likelihood = -0.5 * (
        error @ np.linalg.solve(inner, error)
        + np.linalg.slogdet(inner)[1]
        + error.size * np.log(2 * np.pi)
    )
    return mean + gain @ error, covariance - gain @ shown @ covariance, float(likelihood)


def test_states_and_common_effects_agree_with_one_large_gaussian(walks: Walks) -> None:
    seen, precision = observations(walks)
    exact, spread, likelihood = posterior(walks, seen, precision)
    found = track(walks, seen, precision)
    ours = smooth(walks, found)
    groups, times, _, states, effects = walks.size
    assert found.total == pytest.approx(likelihood, abs=1e-9)
    assert found.effects.mean == pytest.approx(exact[-effects:], abs=1e-9)
    assert found.effects.covariance == pytest.approx(spread[-effects:, -effects:], abs=1e-9)
    assert ours.mean.swapaxes(0, 1).ravel() == pytest.approx(exact[:-effects], abs=1e-9)
    assert smooth_means(walks, found) == pytest.approx(ours.mean, abs=1e-12)
    for group in range(groups):
        for time in range(times):
            at = (group * times + time) * states
            block = spread[at : at + states, at : at + states]
            assert ours.covariance[time, group] == pytest.approx(block, abs=1e-9)


def test_drawn_paths_have_the_means_and_covariances_of_the_large_gaussian(walks: Walks) -> None:
    seen, precision = observations(walks)
    exact, spread, _ = posterior(walks, seen, precision)
    found = track(walks, seen, precision)
    random = np.random.default_rng(8)
    effects = draw_effects(found.effects, 20_000, random)
    paths = draw_walks(walks, found, effects, 1, random)
    _, times, _, states, _ = walks.size
    flat = paths.reshape(len(paths), -1)
    mine = slice(times * states, 2 * times * states)
    # 20,000 draws: a mean is within 5 of its errors, a covariance too.
    error = np.sqrt(np.diag(spread)[mine] / len(paths))
    assert (np.abs(flat.mean(axis=0) - exact[mine]) < 5 * error + 1e-12).all()
    deviation = np.sqrt(np.diag(spread)[mine])
    scale = np.outer(deviation, deviation) / np.sqrt(len(paths))
    assert (np.abs(np.cov(flat.T) - spread[mine, mine]) < 8 * scale + 1e-12).all()


def quadrature(yes: Floats, asked: Floats, step: float) -> tuple[float, Floats]:
    """Return log-likelihood and mean share of a walk of two steps, by a sum over a fine grid."""
    grid = np.linspace(-9, 9, 1201)
    width = grid[1] - grid[0]
    counts = yes[:, None] * log_expit(grid) + (asked - yes)[:, None] * log_expit(-grid)
    first = np.exp(counts[0] - grid**2 / (2 * START)) / np.sqrt(2 * np.pi * START)
    move = np.exp(-((grid[:, None] - grid) ** 2) / (2 * step)) / np.sqrt(2 * np.pi * step)
    joint = first[:, None] * move * np.exp(counts[1]) * width**2
    total = joint.sum()
    shares = [joint.sum(axis=1) @ expit(grid) / total, joint.sum(axis=0) @ expit(grid) / total]
    return float(np.log(total)), np.array(shares)


@pytest.mark.parametrize(
    ("yes", "asked"), [([6, 9], [20, 20]), ([0, 1], [30, 30]), ([25, 25], [25, 25])]
)
def test_counts_agree_with_quadrature_even_where_nobody_or_everybody_says_yes(
    yes: list[float], asked: list[float]
) -> None:
    exact, shares = quadrature(np.array(yes, float), np.array(asked, float), STEP)
    walk = one_walk(2)
    found = fit_shares(
        walk, np.array(yes, float)[None, :, None], np.array(asked, float)[None, :, None]
    )
    settled = smooth(walk, found.tracked)
    mean, deviation = settled.mean[:, 0, 0], np.sqrt(settled.covariance[:, 0, 0, 0])
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    ours = expit(mean[:, None] + deviation[:, None] * nodes) @ weights / weights.sum()
    # Laplace's method errs by the skewness of a handful of answers: .1 on the log-likelihood.
    assert found.log_likelihood == pytest.approx(exact, abs=0.12)
    assert ours == pytest.approx(shares, abs=0.015)


def test_the_mode_is_where_the_slope_is_zero(walks: Walks) -> None:
    random = np.random.default_rng(2)
    groups, times, cells, _, _ = walks.size
    asked = random.integers(0, 30, (groups, times, cells)).astype(float)
    yes = np.floor(asked * random.random(asked.shape))
    found = fit_shares(walks, yes, asked)
    states = smooth(walks, found.tracked)
    mean, covariance, shown = one_large_gaussian(walks)
    point = np.append(states.mean.swapaxes(0, 1).ravel(), found.tracked.effects.mean)
    logit = shown @ point
    slope = shown.T @ (yes.ravel() - asked.ravel() * expit(logit))
    # Prior and counts pull with equal force; 1e-7 on a logit is what the search stops at.
    assert covariance @ slope == pytest.approx(point - mean, abs=1e-5)


def test_a_wave_without_answers_changes_nothing_else() -> None:
    seen = np.array([[[1.0], [7.0], [2.0]]])
    with_gap = track(one_walk(3), seen, np.array([[[1.0], [0.0], [1.0]]]))
    one = np.ones((1, 1))
    short = Walks(
        one, one[:, :0], 0 * one, START * one, STEP * one, one[0], np.array([1.0, 2.0]), one[0, :0]
    )
    without = track(short, seen[:, [0, 2]], np.ones((1, 2, 1)))
    assert with_gap.total == pytest.approx(without.total, abs=1e-12)
    assert with_gap.mean[[0, 2]] == pytest.approx(without.mean, abs=1e-12)
    assert isinstance(without, Tracked)


def test_impossible_counts_and_shapes_are_refused() -> None:
    walk = one_walk(2)
    with pytest.raises(BadInputError, match="yes: got counts outside"):
        fit_shares(walk, np.full((1, 2, 1), 3.0), np.full((1, 2, 1), 2.0))
    with pytest.raises(BadInputError, match=r"seen: got shape \(1, 3, 1\)"):
        track(walk, np.zeros((1, 3, 1)), np.ones((1, 2, 1)))
