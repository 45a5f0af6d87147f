from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from offtake_web.api.schemas.base import Who

JobState = Literal["waiting", "running", "stopping", "done", "stopped", "failed", "lost"]


class JobShown(Schema):
    """One load, refresh or other long work."""

    id: int = Field(examples=[12])
    kind: str = Field(examples=["refresh"])
    title: str = Field(examples=["BAG SNACKS, Alder"])
    state: JobState = Field(examples=["running"])
    step: str = Field(description="What it is doing.", examples=["promotion: events"])
    share: float = Field(description="How far it is, 0 to 100.", examples=[42.0])
    attempt: int = Field(description="How often it was begun.", examples=[1])
    can_stop: bool
    can_restart: bool
    started_by: Who | None
    stopped_by: Who | None
    created: datetime
    started: datetime | None
    ended: datetime | None
    error: str = Field(description="Why it failed, in words.", examples=[""])
    outcome: dict[str, Any] = Field(
        description="What came of it.", examples=[{"run": "20261127T041414812Z-62595e97"}]
    )


class LoadShown(Schema):
    """One load of the store: rows in = loaded + set aside + duplicate + combined."""

    load_id: int = Field(examples=[7])
    contract: str = Field(examples=["sales"])
    file: str = Field(examples=["sales-2026-w47.csv"])
    source: str = Field(examples=["Korner"])
    profile: str = Field(examples=[""])
    rows_in: int = Field(examples=[1000])
    loaded: int = Field(examples=[990])
    replaced: int = Field(examples=[0])
    set_aside: int = Field(examples=[10])
    duplicate: int = Field(examples=[0])
    combined: int = Field(examples=[0])
    still_open: int = Field(description="Set aside and not mended yet.", examples=[10])
    unused_columns: list[str] = Field(examples=[[]])
    unchecked_references: list[str] = Field(examples=[[]])
    started: datetime
    seconds: float = Field(examples=[0.8])


class FaultShown(Schema):
    """What is wrong with one row that was set aside."""

    row: int = Field(examples=[17])
    column: str = Field(examples=["units"])
    value: str | None = Field(description="What was got.", examples=["-3"])
    reason: str = Field(description="What is allowed.", examples=["0 or more"])
