from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from ninja import Path, Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

MOST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=MOST, description="The number of the thing.")]
Key = Annotated[str, Path(description="The key of the market.", examples=["alder"])]
RunName = Annotated[
    str, Path(description="The id of the run, or `published` for the one that pages show.",
              examples=["published"])
]  # fmt: skip


def _day(value: object) -> object:
    """Take days as they are written, and no count of seconds."""
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        return date.fromisoformat(value)
    raise ValueError("YYYY-MM-DD")


def _amount(value: object) -> object:
    """Take numbers, or texts that hold one; yes and no are none."""
    if isinstance(value, bool):
        raise ValueError("a number")  # pydantic gathers these
    return value


Day = Annotated[date, BeforeValidator(_day), Field(strict=False, examples=["2026-03-02"])]
Amount = Annotated[Decimal, BeforeValidator(_amount), Field(strict=False)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Names = Annotated[list[Name], Field(max_length=500)]


class Sent(Schema):
    """What is sent: a field that nobody knows is a mistake and is said to be one."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class Who(Schema):
    username: str = Field(examples=["ana"])
    name: str = Field(examples=["Ana Petrović"])
