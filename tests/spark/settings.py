"""What every module of tests on Spark declares."""

from __future__ import annotations

import pytest

MARKS = [
    pytest.mark.spark,
    # PySpark leaves closing the socket of each answer to Python's clean-up.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
