"""What the style page shows: every component once, with figures that belong to nobody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from offtake_web.common.paging import paged

ROWS: tuple[dict[str, Any], ...] = tuple(
    {"name": f"Item {place}", "units": 1_250.0 * place, "share": 4.0 * place, "change": 3.0 - place}
    for place in range(1, 121)
)
CHART = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "width": "container",
    "height": 160,
    "data": {"values": [{"week": week, "units": 40 + (week * 7) % 23} for week in range(1, 27)]},
    "mark": {"type": "line", "color": "#0b5c55"},
    "encoding": {
        "x": {"field": "week", "type": "quantitative"},
        "y": {"field": "units", "type": "quantitative"},
    },
}


class Example(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As both teams call it.", max_length=60)
    mail = forms.EmailField(required=False)
    cost = forms.DecimalField(min_value=0, help_text="In euros.")
    first_day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(choices=[("promotion", "Promotion"), ("display", "Display")])
    sides = forms.MultipleChoiceField(
        choices=[("marketing", "Marketing"), ("sales", "Sales")],
        widget=forms.CheckboxSelectMultiple,
    )
    sure = forms.BooleanField(label="Everybody agrees", required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)


def showcase(request: HttpRequest) -> dict[str, Any]:
    """Return what the style page needs."""
    key = request.GET.get("sort", "").removeprefix("-")
    rows = list(ROWS)
    if key in ROWS[0]:
        rows.sort(key=lambda row: row[key], reverse=request.GET["sort"].startswith("-"))
    return {
        "good": Example(auto_id="good_%s"),
        "bad": Example({"cost": "-1", "mail": "nobody"}, auto_id="bad_%s"),
        "chart": CHART,
        "page": paged(request, rows, size=12),
    }
