"""What the library says of promotions, as templates to translate."""

from __future__ import annotations

SENTENCES: tuple[str, ...] = ()
