"""What the library says of the scoreboard, and of runs, as templates to translate."""

from __future__ import annotations

SENTENCES: tuple[str, ...] = ()
