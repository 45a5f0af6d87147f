"""What one more unit in a row does to the slopes, held to fitting again with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, eye_array

from offtake.models.kernels.poisson import checked
from offtake.models.kernels.poisson_climb import Prior, climb
from offtake.models.kernels.poisson_influence import influence
from offtake.models.kernels.poisson_rows import used_rows
from tests.library.test_poisson import world

STEP = 1e-4


@pytest.mark.parametrize("weeks", [True, False])
@pytest.mark.parametrize("prior", [True, False])
def test_it_is_what_fitting_again_gives(weeks: bool, prior: bool) -> None:
    w = world(seed=3, products=4)
    known = Prior(np.full(w.x.shape[1], 0.3), np.full(w.x.shape[1], 5.0)) if prior else None

    def slopes(y: np.ndarray) -> np.ndarray:
        given = checked(y, w.x, w.group, weeks=w.week if weeks else None)
        return climb(used_rows(given), known).slopes

    given = checked(w.y, w.x, w.group, weeks=w.week if weeks else None)
    rows = used_rows(given)
    found = influence(rows, climb(rows, known), csr_array(eye_array(w.y.size)))
    used = np.zeros(w.y.size, bool)
    used[rows.order] = True
    for row in np.random.default_rng(1).choice(np.flatnonzero(used), 12, replace=False):
        more, less = w.y.copy(), w.y.copy()
        more[row] += STEP
        less[row] = max(less[row] - STEP, 0.0)
        numeric = (slopes(more) - slopes(less)) / (more[row] - less[row])
        # Differences of slopes that are exact to some 1e-11, over steps of 1e-4.
        np.testing.assert_allclose(found[row], numeric, rtol=1e-3, atol=1e-6)
    assert not found[~used].any()


def test_sums_of_rows_add_up() -> None:
    w = world(seed=3, products=4)
    rows = used_rows(checked(w.y, w.x, w.group, weeks=w.week))
    peak = climb(rows)
    single = influence(rows, peak, csr_array(eye_array(w.y.size)))
    weights = np.random.default_rng(2).normal(size=(w.y.size, 3))
    together = influence(rows, peak, csr_array(weights))
    np.testing.assert_allclose(together, weights.T @ single, rtol=1e-9, atol=1e-12)
