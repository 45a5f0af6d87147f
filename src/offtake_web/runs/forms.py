from __future__ import annotations

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy as _

from offtake.pipeline.models import MODELS
from offtake.pipeline.view import View

LABELS = {
    "promotion": _("promotions: base and extra volume per event"),
    "availability": _("availability: empty shelves and lost sales"),
    "norms": _("norms: what brands of this size usually get"),
    "customers": _("customer base: who still buys"),
    "won": _("buyers won: where new buyers came from"),
    "campaigns": _("campaigns: effect on households"),
    "funnel": _("funnel: from awareness to loyalty"),
    "trends": _("trends: where figures turned"),
    "planning": _("planning: what forecasts and readiness of plans rest on"),
}


def model_names() -> list[str]:
    return [model.name for model in MODELS]


def model_choices() -> list[tuple[str, str]]:
    return [(name, str(LABELS.get(name, name))) for name in model_names()]


class RefreshForm(forms.Form):
    """Whose view of which market a refresh takes."""

    category = forms.CharField(label=_("Category"), max_length=200)
    manufacturer = forms.CharField(
        label=_("Manufacturer"), max_length=200, help_text=_("Whose side it is seen from.")
    )
    weeks = forms.IntegerField(
        label=_("Weeks"),
        required=False,
        min_value=1,
        max_value=520,
        help_text=_("The latest weeks; left empty, the longest of 52, 26, 13, 4 and 1 that can "
                    "be compared."),
    )  # fmt: skip
    currency = forms.CharField(
        label=_("Currency"), required=False, max_length=8, help_text=_("Written before amounts.")
    )
    models = forms.MultipleChoiceField(
        label=_("Models to fit"),
        choices=model_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def view(self, usual: View) -> View:
        """Return what was asked for; what the form does not ask stays as usual."""
        return replace(usual, **{**self.cleaned_data, "models": tuple(self.cleaned_data["models"])})


def form_of(view: View) -> RefreshForm:
    return RefreshForm(
        initial={
            "category": view.category,
            "manufacturer": view.manufacturer,
            "weeks": view.weeks,
            "currency": view.currency,
            "models": list(view.models),
        }
    )
