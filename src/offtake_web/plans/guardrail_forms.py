from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from offtake.decisions.planning.guardrails import check_rule
from offtake_web.accounts.models import User
from offtake_web.plans.forms import Ticked
from offtake_web.plans.guardrails import APPROVERS, SET, TERMS, nameable
from offtake_web.plans.models import Kind, MarketGuardrail


class GuardrailForm(forms.Form):
    """One guardrail; whether its values are allowed, the action decides."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    on = forms.BooleanField(label=_("In force"), required=False)
    limit = forms.FloatField(label=_("Limit"), required=False)
    kinds = Ticked(
        label=_("Kinds of plan"),
        required=False,
        choices=Kind.choices,
        help_text=_("None ticked: all."),
    )
    role = forms.ChoiceField(
        label=_("Who says yes"), choices=[(role.value, role.label) for role in APPROVERS]
    )
    person = forms.ChoiceField(
        label=_("Only this person"),
        required=False,
        help_text=_("Empty: anybody of that role. When the person leaves, the role says it."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, row: MarketGuardrail, currency: str
    ) -> None:
        values = {name: getattr(row, name) for name in (*SET, "version")}
        values["person"] = row.person_id or ""
        if row.limit is not None and row.limit == int(row.limit):
            values["limit"] = int(row.limit)
        super().__init__(data, initial=values)
        term = TERMS[check_rule(row.rule)]
        self.fields["limit"].help_text = _("%(low)s to %(high)s") % {
            "low": term.words(term.low, currency), "high": term.words(term.high, currency),
        }  # fmt: skip
        self.fields["limit"].widget.attrs |= {
            "step": str(10**-term.places), "min": term.low, "max": term.high,
        }  # fmt: skip
        self.people: dict[str, User] = {str(each.pk): each for each in nameable()}
        if row.person:
            self.people.setdefault(str(row.person.pk), row.person)
        self.fields["person"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("nobody by name")), *((key, str(who)) for key, who in self.people.items())
        ]  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in SET}
        return given | {"person": self.people.get(given["person"])}
