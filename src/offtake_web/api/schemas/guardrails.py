from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from offtake.decisions.planning.activity import Kind
from offtake.decisions.planning.guardrails import Rule
from offtake_web.api.schemas.base import Name, Sent, Who
from offtake_web.api.schemas.plans import ChangeShown

Approver = Literal["marketing", "sales_lead"]


class GuardrailShown(Schema):
    """A guardrail of a market."""

    rule: Rule = Field(examples=["deepest_price_cut"])
    label: str = Field(examples=["deepest price cut"])
    version: int = Field(description="Send it back in If-Match.", examples=[1])
    on: bool = Field(description="Whether plans are held to it.")
    limit: float | None = Field(description="In its unit.", examples=[33.0])
    unit: Literal["money", "percent", "weeks", "days"] = Field(examples=["percent"])
    low: int = Field(description="The least that the limit can be.", examples=[0])
    high: int = Field(description="The most that it can be.", examples=[100])
    kinds: list[Kind] = Field(description="It holds for these; none named: all.", examples=[[]])
    role: Approver = Field(description="Who says yes, where nobody is named.")
    person: Who | None = Field(description="Who alone says yes.")
    person_may: bool = Field(description="Whether that person may still approve; else the role.")


class GuardrailChange(Sent):
    """What is set of a guardrail; what is left out stays as it is."""

    on: bool = Field(True, examples=[True])
    limit: float | None = Field(None, description="In its unit.", examples=[30.0])
    kinds: list[Kind] = Field([], max_length=7, examples=[["promotion"]])
    role: Approver = Field("sales_lead", examples=["sales_lead"])
    person: Name | None = Field(
        None, description="The sign-in name of who alone says yes.", examples=[None]
    )


class GuardrailEvent(Schema):
    """One change of a guardrail."""

    on: datetime
    who: str = Field(examples=["Dragan Ilić"])
    rule: Rule = Field(examples=["deepest_price_cut"])
    label: str = Field(examples=["deepest price cut"])
    version: int = Field(examples=[2])
    changes: list[ChangeShown]
