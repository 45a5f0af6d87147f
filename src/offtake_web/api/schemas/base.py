from __future__ import annotations

from typing import Annotated

from ninja import Path, Schema
from pydantic import ConfigDict, Field

MOST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=MOST, description="The number of the thing.")]
Key = Annotated[str, Path(description="The key of the market.", examples=["alder"])]
RunName = Annotated[
    str, Path(description="The id of the run, or `published` for the one that pages show.",
              examples=["published"])
]  # fmt: skip


class Sent(Schema):
    """What is sent: a field that nobody knows is a mistake and is said to be one."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Who(Schema):
    username: str = Field(examples=["ana"])
    name: str = Field(examples=["Ana Petrović"])
