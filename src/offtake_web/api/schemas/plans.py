from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from offtake.decisions.planning.activity import ConflictKind, GateName, Kind, Side, State
from offtake.decisions.planning.guardrails import Rule
from offtake_web.api.frame.paging import Window
from offtake_web.api.schemas.base import Amount, Day, Name, Names, Sent, Who

Words = Annotated[str, StringConstraints(max_length=2000)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"\S")]
Note = Annotated[str, StringConstraints(max_length=300)]
Cut = Annotated[Amount, Field(ge=0, lt=100, max_digits=4, decimal_places=1)]
Money = Annotated[Amount, Field(ge=0, max_digits=14, decimal_places=2)]
MoneyPerUnit = Annotated[Amount, Field(ge=0, max_digits=14, decimal_places=4)]


class PlanChange(Sent):
    """What is planned; what is left out stays as it is."""

    kind: Kind = Field("promotion", examples=["promotion"])
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"\S")] = Field(
        "", examples=["Summer deal"]
    )
    side: Side = Field("sales", description="The side that owns it.", examples=["sales"])
    first_day: Day = Field(date.min)
    last_day: Day = Field(date.max)
    brands: Names = Field([], examples=[[]], description="Those of its items come by themselves.")
    product_ids: Names = Field([], examples=[["P1"]])
    retailers: Names = Field([], examples=[["Korner"]], description="None named: all.")
    store_ids: Names | None = Field(None, description="Null: all stores of these retailers.")
    price_cut: Cut = Field(Decimal(0), examples=[20.0], description="In percent.")
    display: bool = False
    feature: bool = Field(False, description="Whether it is in the leaflet.")
    cost: Money | None = Field(None, examples=["1200.00"])
    cost_per_unit: MoneyPerUnit | None = Field(None, examples=["0.25"])
    benefit: Words = Field("", examples=["Two for the price of one"])
    emotion: Words = ""
    lifestyle: Words = ""
    audience: Words = Field("", examples=["families"])
    message: Words = Field("", examples=["Share the summer"])
    touchpoints: Names = Field([], examples=[["television"]])


class PlanSent(PlanChange):
    """What is planned. It has no base: a plan changes what comes on top."""

    kind: Kind = Field(examples=["promotion"])
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"\S")] = Field(
        examples=["Summer deal"]
    )
    side: Side = Field(description="The side that owns it.", examples=["sales"])
    first_day: Day
    last_day: Day


class PlanFilters(Schema):
    """Which plans: the same words as in the addresses of the pages."""

    kind: list[Kind] = Field([], max_length=10)
    state: list[State] = Field([], max_length=10)
    side: list[Side] = Field([], max_length=2)
    retailer: list[str] = Field([], max_length=50, description="A plan of none is for all.")
    brand: list[str] = Field([], max_length=50, description="A plan of none is for all.")
    owner: list[str] = Field([], max_length=50, description="Who made it or promised something.")
    q: str = Field("", max_length=100, description="Words in its name, message, brands, retailers.")
    first: date | None = Field(None, alias="from", description="Plans that are on at or after.")
    last: date | None = Field(None, alias="to", description="Plans that are on at or before.")
    conflicts: bool = Field(False, description="Only those with a conflict.")
    unready: bool = Field(False, description="Only those with a gate that is not green.")


class PlansAsked(Window, PlanFilters):
    """A page of the plans that are asked for."""


class PlanLine(Schema):
    """A plan in a list."""

    id: int = Field(examples=[42])
    version: int = Field(examples=[3])
    kind: Kind = Field(examples=["promotion"])
    state: State = Field(examples=["agreed"])
    side: Side = Field(examples=["sales"])
    name: str = Field(examples=["Summer deal"])
    first_day: date
    last_day: date
    retailers: list[str] = Field(examples=[["Korner"]])
    brands: list[str] = Field(examples=[["Alder"]])
    ready: Literal["", "green", "amber", "red"] = Field(
        description="The worst of its gates; empty once it is past them.", examples=["amber"]
    )
    reason: str = Field(description="Why it is not green.", examples=[""])
    conflicts: int = Field(examples=[0])
    older_rules: list[str] = Field(
        description="Guardrails that let more pass when it was locked, both limits in words.",
        examples=[[]],
    )
    cost: Decimal | None = Field(examples=["1200.00"])


class CommitmentShown(Schema):
    """Who promises what by when."""

    id: int = Field(examples=[5])
    side: Side = Field(examples=["sales"])
    owner: Who
    what: str = Field(examples=["Second placement in 40 stores"])
    due: date
    done_on: date | None
    version: int = Field(examples=[1])


class ConfirmationShown(Schema):
    gate: GateName = Field(examples=["slot_confirmed"])
    by: Who
    on: date
    note: str = Field(examples=[""])


class OverrideShown(Schema):
    """A gate that an approver let pass though it is not green."""

    gate: GateName = Field(examples=["stock_cover"])
    by: Who
    on: date
    reason: str = Field(examples=["The lorry is on its way."])


class ApprovalShown(Schema):
    """The answer of a guardrail's approver."""

    rule: Rule = Field(examples=["deepest_price_cut"])
    by: Who
    on: date
    yes: bool
    note: str = Field(examples=[""])
    content_version: int = Field(examples=[2])
    limit: float | None = Field(
        description="The limit then, in the rule's unit; null where it was not kept yet.",
        examples=[33.0],
    )


class CommentShown(Schema):
    id: int = Field(examples=[9])
    author: Who
    text: str = Field(examples=["@milan can you hold the price?"])
    created: datetime
    reply_to: int | None
    mentions: list[Who]


class ExecutionShown(Schema):
    """What was done where."""

    id: int = Field(examples=[2])
    by: Who
    on: date
    store_ids: list[str] = Field(examples=[["101", "102"]])
    note: str = Field(examples=[""])


class PlanShown(PlanChange):
    """One plan with all that hangs on it."""

    id: int = Field(examples=[42])
    version: int = Field(description="Counts its changes; the ETag begins with it.", examples=[3])
    content_version: int = Field(description="Counts changes of what is planned.", examples=[2])
    state: State = Field(examples=["proposed"])
    price_cut: Decimal = Field(examples=["20.0"])
    cost: Decimal | None = Field(examples=["1200.00"])
    cost_per_unit: Decimal | None = Field(examples=["0.2500"])
    first_day: date
    last_day: date
    marketing_agrees: bool = Field(description="To the content as it is now.")
    sales_agrees: bool = Field(description="To the content as it is now.")
    promotion_id: str = Field(description="Which promotion of the data it became.", examples=[""])
    conclusions: str = Field(examples=[""])
    created: datetime
    created_by: Who
    updated: datetime
    updated_by: Who
    commitments: list[CommitmentShown]
    confirmations: list[ConfirmationShown]
    overrides: list[OverrideShown]
    approvals: list[ApprovalShown]
    comments: list[CommentShown]
    executions: list[ExecutionShown]


class EstimateShown(Schema):
    """A figure and the interval around it."""

    value: float = Field(examples=[1200.0])
    low: float = Field(examples=[900.0])
    high: float = Field(examples=[1500.0])


class OutcomeShown(Schema):
    """What is expected to be sold, in units, and what it brings, in money."""

    base: EstimateShown
    incremental: EstimateShown
    units: EstimateShown
    from_own_other_items: EstimateShown
    from_competitors: EstimateShown
    from_other_weeks: EstimateShown
    category_growth: EstimateShown
    subsidised: EstimateShown
    incremental_margin: EstimateShown | None
    cost: EstimateShown | None
    roi_gross: EstimateShown | None
    roi_net: EstimateShown | None


class GateShown(Schema):
    """One gate: what is not ready, why, and who sees to it."""

    name: GateName = Field(examples=["distribution"])
    status: Literal["green", "amber", "red"] = Field(examples=["amber"])
    reason: str = Field(examples=["Sells in 60 % of the stores that list it."])
    owner: Side = Field(examples=["sales"])
    due: date


class ConflictShown(Schema):
    kind: ConflictKind = Field(examples=["own_overlap"])
    severity: str = Field(examples=["serious"])
    other: int | None = Field(description="The other plan, where it is one.", examples=[17])
    reason: str = Field(examples=["Summer deal runs in the same stores."])


class LockedUnder(Schema):
    """The guardrail as it was when the plan was locked."""

    on: date = Field(description="The day of the lock.")
    limit: float | None = Field(
        description="In the rule's unit; null where it was not in force for such a plan.",
        examples=[40.0],
    )


class BrokenShown(Schema):
    """A guardrail that the plan breaks."""

    rule: Rule = Field(examples=["deepest_price_cut"])
    limit: float = Field(description="In the rule's unit.", examples=[33.0])
    version: int = Field(description="Of the guardrail.", examples=[1])
    approver: str = Field(
        description="Who may say yes to it: a role, or the name of a person.",
        examples=["sales_lead"],
    )
    reason: str = Field(examples=["A price cut of 40 % is more than 33 %."])
    answer: bool | None = Field(
        description="What the approver said; null where nothing yet that holds."
    )
    outdated: bool = Field(
        description="Whether a yes was given under a looser limit, and is needed again."
    )
    may_answer: bool = Field(description="Whether it is you.")
    locked_under: LockedUnder | None = Field(
        description="Where it let more pass when the plan was locked. The plan stays locked."
    )


class MoveShown(Schema):
    """A move that your side may make."""

    move: str = Field(examples=["propose"])
    missing: list[str] = Field(description="What is missing for it.", examples=[[]])


class Judgement(Schema):
    """What the rules and the fitted models say of a plan."""

    run_id: str = Field(description="The published run that they rest on; empty: none.")
    simulated: str = Field(description="Which simulation; empty for real data.", examples=[""])
    planned: OutcomeShown | None = Field(description="What it is expected to do, as planned.")
    usual: OutcomeShown | None = Field(description="The same at the usual execution.")
    not_known: str = Field(description="Why nothing is expected.", examples=[""])
    caveats: list[str] = Field(examples=[[]])
    ready: Literal["", "green", "amber", "red"] = Field(examples=["amber"])
    gates: list[GateShown]
    conflicts: list[ConflictShown]
    unseen: int = Field(description="Conflicts with plans outside your part.", examples=[0])
    guardrails: list[BrokenShown]
    moves: list[MoveShown]


class PlanChanged(PlanShown):
    theirs: list[str] = Field(description="Fields that others changed meanwhile.", examples=[[]])


class ChangeShown(Schema):
    field: str = Field(examples=["price_cut"])
    label: str = Field(examples=["price cut"])
    before: str = Field(examples=["20 %"])
    after: str = Field(examples=["25 %"])


class EventShown(Schema):
    """One thing that happened to a plan."""

    on: datetime
    who: str = Field(examples=["Ana Petrović"])
    what: str = Field(examples=["changed"])
    version: int | None = Field(examples=[2])
    changes: list[ChangeShown]


class WaitingShown(Schema):
    """One thing that waits for you."""

    matter: Literal["agree", "approve", "confirm", "commitment", "mention"]
    plan: int = Field(examples=[42])
    name: str = Field(examples=["Summer deal"])
    text: str = Field(examples=["Agree, or say what has to change"])
    due: date | None
    late: bool


class CopySent(Sent):
    first_day: Day | None = Field(None, description="Where the copy begins; null: same days.")


class ReviewSent(Sent):
    conclusions: Said = Field(examples=["Again next year, with half the discount."])


class ResultSent(Sent):
    promotion_id: Annotated[str, StringConstraints(max_length=80)] = Field(
        description="Of the run's promotion events; empty takes it back.", examples=["E17"]
    )


class CommitmentSent(Sent):
    what: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"\S")] = Field(
        examples=["Second placement in 40 stores"]
    )
    due: Day
    owner: Name | None = Field(None, description="Username, of your side; null: you.")


class CommitmentDone(Sent):
    done: bool = Field(description="Whether it is kept.", examples=[True])


class NoteSent(Sent):
    note: Note = Field("", examples=["Confirmed by mail"])


class ReasonSent(Sent):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"\S")] = Field(
        examples=["The lorry is on its way."]
    )


class AnswerSent(Sent):
    yes: bool = Field(examples=[True])
    note: Note = Field("", examples=[""])
    guardrail_version: int | None = Field(
        None, ge=1, le=2**31 - 1, examples=[1],
        description="The guardrail that you saw; refused where it has changed since.",
    )  # fmt: skip


class CommentSent(Sent):
    text: Said = Field(examples=["@milan can you hold the price?"])
    reply_to: int | None = Field(None, ge=1, le=2**31 - 1)


class ExecutionSent(Sent):
    on: Day
    store_ids: Names = Field([], examples=[["101", "102"]])
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class Seen(Schema):
    read: int = Field(description="How many mentions were not read before.", examples=[1])


class WorkbookSent(Schema):
    preview: bool = Field(False, description="Only say what each row would do; nothing is kept.")


class CellFault(Schema):
    """What is wrong with one cell or row."""

    file: str = Field(examples=["plan.xlsx"])
    sheet: str = Field(examples=["Plans"])
    row: int = Field(description="0 is the sheet itself.", examples=[7])
    column: str = Field(examples=["Price cut"])
    got: str = Field(examples=["120"])
    reason: str = Field(examples=["0 to below 100"])


class CellChange(Schema):
    field: str = Field(examples=["price cut"])
    before: str = Field(examples=["20 %"])
    after: str = Field(examples=["25 %"])


class RowResult(Schema):
    """What became, or would become, of one row."""

    sheet: str = Field(examples=["plans"])
    number: int = Field(examples=[7])
    outcome: Literal["new", "changed", "unchanged", "refused"]
    name: str = Field(examples=["Summer deal"])
    plan: int | None = Field(examples=[42])
    changes: list[CellChange]
    faults: list[CellFault]


class WorkbookTaken(Schema):
    preview: bool
    rows: list[RowResult]
    faults: list[CellFault] = Field(description="Of sheets and columns.")
