from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from offtake_web.api.schemas.base import Sent


class CalendarSent(Sent):
    name: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"\S")] = Field(
        description="What it is for.", examples=["my telephone"]
    )


class CalendarShown(Schema):
    """A secret address at which a calendar program finds your plans."""

    id: int = Field(examples=[2])
    name: str = Field(examples=["my telephone"])
    created: datetime
    last_used: datetime | None


class CalendarMade(CalendarShown):
    address: str = Field(
        description="The address, which is shown this once; it takes the filters of the pages.",
        examples=["https://offtake.example.com/alder/plan/feed/a1b2c3-....ics"],
    )
