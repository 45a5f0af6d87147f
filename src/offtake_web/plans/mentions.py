"""Who is named in a comment, and which of the names reach nobody."""

from __future__ import annotations

import re

from offtake_web.plans.models import Comment

NAMED = re.compile(r"(?<![\w.+-])@([\w.@+-]+)")


def names_in(text: str) -> set[str]:
    return {each.rstrip(".") for each in NAMED.findall(text)}


def not_told(said: Comment) -> list[str]:
    """Return the names that reached nobody who sees the plan."""
    told = {each.user.get_username().casefold() for each in said.mentions.select_related("user")}
    return sorted(name for name in names_in(said.text) if name.casefold() not in told)
