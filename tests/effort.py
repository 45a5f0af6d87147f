"""How many examples a property test tries: few every day, many when asked to.

``OFFTAKE_EFFORT=10 make test`` tries ten times as many.
"""

from __future__ import annotations

import os


def examples(everyday: int) -> int:
    """Return `everyday`, times what the environment variable ``OFFTAKE_EFFORT`` says."""
    return everyday * int(os.environ.get("OFFTAKE_EFFORT", "1"))
