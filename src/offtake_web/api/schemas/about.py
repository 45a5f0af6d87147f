from __future__ import annotations

from ninja import Schema
from pydantic import Field

from offtake_web.accounts.access import Permission
from offtake_web.api.schemas.base import Who


class Part(Schema):
    """The part of the business that an account is for; an empty list holds everything."""

    retailers: list[str] = Field(examples=[["Korner"]])
    territories: list[str] = Field(examples=[[]])
    brands: list[str] = Field(examples=[[]])


class Me(Who):
    role: str = Field(examples=["key_account_manager"])
    side: str | None = Field(description="Which side the role speaks for.", examples=["sales"])
    part: Part
    permissions: list[Permission] = Field(
        description="What may be done with this request's sign-in: by the role, and by the token."
    )


class MarketShown(Schema):
    key: str = Field(examples=["alder"])
    title: str = Field(examples=["Alder, snacks"])
    simulated: bool = Field(description="Whether its data come from a simulation.")
    category: str = Field(description="What a refresh looks at.", examples=["BAG SNACKS"])
    manufacturer: str = Field(description="Whose side it is seen from.", examples=["Alder"])
    currency: str = Field(examples=["€"])
    published: str | None = Field(
        description="The run that pages show; null where none is published.",
        examples=["20261127T041414812Z-62595e97"],
    )


class MeasureShown(Schema):
    """One measure of the catalogue."""

    id: str = Field(examples=["sales_units"])
    title: str = Field(examples=["Unit sales"])
    definition: str = Field(examples=["Units that shoppers bought."])
    formula: str = Field(examples=["Σ units"])
    unit: str = Field(examples=["units"])
    variant: str = Field(description="Which of several usages it is.", examples=[""])
    trap: str = Field(description="What is easily misread.", examples=[""])
    needs: list[str] = Field(description="Contracts that it reads.", examples=[["sales"]])
    dimensions: list[str] = Field(description="What it can be split by.", examples=[["brand"]])
    additive_over: list[str] = Field(
        description="Over which kinds of dimension it adds up.", examples=[["product"]]
    )
