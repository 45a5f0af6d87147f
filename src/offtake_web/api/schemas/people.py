from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from offtake_web.api.frame.paging import Window
from offtake_web.api.schemas.about import Part
from offtake_web.api.schemas.base import Names, Sent, Who

RoleName = Literal[
    "administrator", "marketing", "sales_lead", "key_account_manager", "rep", "analyst", "viewer"
]
Short = Annotated[str, StringConstraints(max_length=150)]


class PeopleAsked(Window):
    text: str = Field("", max_length=100, description="Words in names, usernames and addresses.")
    role: RoleName | Literal[""] = Field("", description="Only people of one role.")
    state: Literal["", "open", "closed"] = Field("", description="Only open or closed accounts.")


class PersonSent(Sent):
    """What an administrator says of a person; an empty part of the business means all of it."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=150)] = Field(
        description="Letters, digits and @ . + - _", examples=["ana"]
    )
    first_name: Short = Field("", examples=["Ana"])
    last_name: Short = Field("", examples=["Petrović"])
    email: Annotated[str, StringConstraints(max_length=254)] = Field(
        "", examples=["ana@alder.example"]
    )
    role: RoleName = Field("viewer", examples=["marketing"])
    retailers: Names = Field([], examples=[["Korner"]])
    territories: Names = Field([], examples=[[]])
    brands: Names = Field([], examples=[[]])


class PersonChange(PersonSent):
    """What is left out stays as it is."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=150)] = Field(
        "", examples=["ana"]
    )


class PersonShown(Who):
    id: int = Field(examples=[4])
    version: int = Field(examples=[2])
    first_name: str
    last_name: str
    email: str = Field(examples=["ana@alder.example"])
    role: str = Field(examples=["marketing"])
    part: Part
    open: bool = Field(description="Whether the account lets somebody in.", examples=[True])
    second_factor: bool = Field(description="Whether one is set up.")
    last_login: datetime | None


class LinkMade(PersonShown):
    link: str = Field(
        description="The address that sets the password; shown this once, good for three days.",
        examples=["https://offtake.example.com/accounts/set/..."],
    )


class FieldChange(Schema):
    field: str = Field(examples=["role"])
    before: Any = Field(examples=["viewer"])
    after: Any = Field(examples=["marketing"])


class PersonEvent(Schema):
    """One change of a person."""

    at: datetime
    by: str = Field(examples=["Dragan"])
    kind: str = Field(examples=["changed"])
    changes: list[FieldChange]


class RulesShown(Schema):
    second_factor_for: list[str] = Field(examples=[["administrator"]])
    version: int = Field(examples=[1])


class RulesSent(Sent):
    second_factor_for: list[RoleName] = Field(max_length=20, examples=[["administrator"]])


class DetailsSent(Sent):
    first_name: Short = Field(examples=["Ana"])
    last_name: Short = Field(examples=["Petrović"])
    language: Literal["", "en", "sr-latn"] = Field(
        description="Of pages and mails; empty: as the browser asks.", examples=["sr-latn"]
    )


class ViewSent(Sent):
    """A page with all that was chosen on it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"\S")] = Field(
        examples=["Korner, weakest first"]
    )
    address: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        examples=["/alder/promotions/?retailer=Korner&sort=roi"]
    )
    shared: bool = Field(False, description="Whether everybody may use it.")


class ViewChange(Sent):
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"\S")] = Field(
        examples=["Korner, weakest first"]
    )
    shared: bool = Field(description="Whether everybody may use it.")


class ViewShown(Schema):
    id: int = Field(examples=[6])
    version: int = Field(examples=[1])
    name: str = Field(examples=["Korner, weakest first"])
    address: str = Field(examples=["/alder/promotions/?retailer=Korner&sort=roi"])
    shared: bool
    owner: Who
