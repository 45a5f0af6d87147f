from __future__ import annotations

from pathlib import Path

from django.db.models import QuerySet

from offtake_web.common.markets import Market
from offtake_web.feeds.models import Fault, LoadRecord
from offtake_web.feeds.uploads import mend_folder


def loads_of(market: Market) -> QuerySet[LoadRecord]:
    """Return the loads of a market's store, newest first."""
    return LoadRecord.objects.filter(market=market.key)


def load_numbered(market: Market, load_id: int) -> LoadRecord | None:
    return loads_of(market).filter(load_id=load_id).first()


def faults_of(load: LoadRecord) -> QuerySet[Fault]:
    return load.faults.all()


def mend_path(load: LoadRecord) -> Path | None:
    """Return the file of the rows that wait to be mended; None where there is none."""
    path = mend_folder() / load.mend_file
    return path if load.mend_file and path.is_file() else None
