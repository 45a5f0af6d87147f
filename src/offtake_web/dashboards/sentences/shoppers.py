"""What the library says of shoppers and the brand, as templates to translate."""

from __future__ import annotations

SENTENCES: tuple[str, ...] = ()
