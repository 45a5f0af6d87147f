from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from offtake_web.accounts.actions import LONGEST_TOKEN
from offtake_web.api.schemas.base import Sent

ScopeName = Literal["read", "plan", "data", "people", "account"]


class TokenSent(Sent):
    name: str = Field(min_length=1, max_length=80, pattern=r"\S", description="What it is for.",
                      examples=["weekly report"])  # fmt: skip
    scopes: list[ScopeName] = Field(
        min_length=1, max_length=10, description="What it may do.", examples=[["read"]]
    )
    days: int = Field(90, ge=1, le=LONGEST_TOKEN, description="How long it is valid.")


class TokenShown(Schema):
    id: int = Field(examples=[3])
    name: str = Field(examples=["weekly report"])
    scopes: list[str] = Field(examples=[["read"]])
    prefix: str = Field(description="The part of its text that may be seen.", examples=["a1b2c3"])
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: datetime | None


class TokenMade(TokenShown):
    token: str = Field(
        description="The text of the token, which is shown this once.",
        examples=["offtake_a1b2c3_..."],
    )
