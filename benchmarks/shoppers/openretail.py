"""What openretailscience says of the same baskets; runs where nothing of ours is installed."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

from benchmarks.worker import Clock

CATEGORY, MAKER = "BAG SNACKS", "544"


def peer(clock: Clock, lines: str, name: str) -> dict[str, Any]:
    """Read the lines and ask the peer's function for one task."""
    warnings.simplefilter("ignore")
    import ibis
    import pandas as pd
    from openretailscience.analysis.gain_loss import GainLoss
    from openretailscience.segmentation.hml import HMLSegmentation
    from openretailscience.segmentation.nlr import NLRSegmentation
    from openretailscience.segmentation.segstats import SegTransactionStats

    ibis.connect("duckdb://").read_parquet(lines).count().execute()  # set up once: start-up
    answer: dict[str, float] = {}
    note = ""
    with clock.part("asked"):
        table = ibis.read_parquet(lines)
        table = table.filter(table.category == CATEGORY)
        mine = table.filter(table.manufacturer == MAKER)
        if name == "buyers":
            found = SegTransactionStats(table, segment_col="manufacturer", calc_total=False).df
        elif name == "flow":
            found = NLRSegmentation(
                mine, period_col="period", p1_value="before", p2_value="now",
                value_col="unit_quantity",
            ).df  # fmt: skip
        elif name == "heavy":
            found = HMLSegmentation(mine, value_col="unit_quantity").df
        else:
            frame = pd.read_parquet(lines, filters=[("category", "==", CATEGORY)])
            focus = frame.manufacturer == MAKER
            found = GainLoss(
                frame, p1_index=frame.period == "before", p2_index=frame.period == "now",
                focus_group_index=focus, focus_group_name=MAKER, comparison_group_index=~focus,
                comparison_group_name="others", value_col="unit_quantity",
            ).gain_loss_df  # fmt: skip
    if name == "buyers":
        for row in found.to_dict("records"):
            maker = row["manufacturer"]
            answer[f"buyers {maker}"] = float(row["customers"])
            answer[f"trips {maker}"] = float(row["transactions"])
            answer[f"household_sales_value {maker}"] = float(row["spend"])
    elif name == "flow":
        names = {"New": "new", "Repeating": "retained", "Lapsed": "lapsed"}
        for segment, count in found["segment_name"].value_counts().items():
            answer[f"buyer_flow {names[segment]}"] = float(count)
    elif name == "switching":
        answer["switching"] = float(found["focus_diff"].sum())
        note = "the whole change agrees; the peer splits it by another rule"
    installed = f"openretailscience {version('openretailscience')}"
    return {"answer": answer, "note": note, "version": installed}
