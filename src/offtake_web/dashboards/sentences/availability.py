"""What the library says of availability, as templates to translate."""

from __future__ import annotations

SENTENCES: tuple[str, ...] = ()
