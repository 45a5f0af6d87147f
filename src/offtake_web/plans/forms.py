"""Forms of plans: what is written in them becomes content; what is allowed, actions decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from offtake_web.accounts.access import scope_of
from offtake_web.accounts.models import User
from offtake_web.plans.facts import Known
from offtake_web.plans.models import CONTENT, Commitment, Execution, Plan

MOST_OFFERED = 30
FEW = 12
"""How many items stand there before anybody has searched."""


class NamesField(forms.CharField):
    """Names with commas or lines between them; an empty one is a list without any."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # noqa: ANN401
        text = ", ".join(value) if isinstance(value, list) else str(value or "")
        return list(
            dict.fromkeys(part for each in re.split(r"[,\n]", text) if (part := each.strip()))
        )

    def prepare_value(self, value: Any) -> str:  # noqa: ANN401
        return ", ".join(value) if isinstance(value, list) else value or ""


class StoresField(NamesField):
    """Stores that take part; empty is all of them."""

    def clean(self, value: Any) -> list[str] | None:  # noqa: ANN401
        return super().clean(value) or None


class Ticked(forms.MultipleChoiceField):
    """Names to tick."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        self.choices = list(choices)


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker alone
    """The content of a plan, offered from what the published run knows and within a scope."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    product_ids = Ticked(label=_("Items"), required=False)
    find = forms.CharField(
        label=_("Find items"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("By name, brand or number; then tick what takes part."),
    )
    retailers = Ticked(label=_("Retailers"), required=False, help_text=_("None ticked: all."))
    store_ids = StoresField(
        label=_("Stores"),
        required=False,
        help_text=_("Numbers with commas between them; empty: all stores of these retailers."),
    )
    brands = NamesField(
        label=_("Brands"),
        required=False,
        help_text=_("With commas between them; the brands of its items come by themselves."),
    )
    touchpoints = NamesField(
        label=_("Touchpoints"),
        required=False,
        help_text=_("Where shoppers meet it, with commas between them."),
    )

    class Meta:
        model = Plan
        fields = CONTENT
        widgets = {  # noqa: RUF012  # as Django wants it
            "first_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **{
                name: forms.Textarea(attrs={"rows": 2})
                for name in ("benefit", "emotion", "lifestyle", "audience", "message")
            },
        }

    def __init__(self, *args: Any, known: Known, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.scope = known, scope_of(user)
        self.fields["price_cut"].help_text = _("Percent off the regular price.")
        for name in ("cost", "cost_per_unit"):
            self.fields[name].help_text = escape(known.currency)  # forms trust help texts
        self._offer_retailers()
        self._offer_items()

    def _offer_retailers(self) -> None:
        names = (
            set(self.known.facts.retailers)
            | set(self.instance.retailers)
            | set(self.scope.retailers)
        )
        allowed = sorted(name for name in names if name and self.scope.has_retailer(name))
        field = self.fields["retailers"]
        if allowed and isinstance(field, Ticked):
            field.offer((name, name) for name in allowed)
        else:
            self.fields["retailers"] = NamesField(label=_("Retailers"), required=False)

    def _offer_items(self) -> None:
        """Offer what is ticked already, and what the search finds."""
        field = self.fields["product_ids"]
        if not isinstance(field, Ticked):
            return
        if not self.known.facts.items:
            self.fields["product_ids"] = NamesField(label=_("Items"), required=False)
            return
        ticked = self.data.getlist("product_ids") if self.is_bound else self.instance.product_ids  # type: ignore[attr-defined]  # a QueryDict
        found = found_items(self.known, self.data.get("find", ""), self.scope.brands)
        field.offer(item_choices(self.known, [*ticked, *found]))

    @property
    def finds(self) -> bool:
        """Whether there are items to search."""
        return isinstance(self.fields["product_ids"], Ticked)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CONTENT}

    def _post_clean(self) -> None:
        """Give a plan to look at; what is allowed is the action's to say."""
        for name in CONTENT:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])


def found_items(known: Known, text: str, brands: Iterable[str]) -> list[str]:
    """Return our items whose description, brand or number has all words of a text.

    Without a word: all of ours, where they are few.
    """
    words, allowed = text.casefold().split(), set(brands)
    hits = [
        item.product_id
        for item in known.facts.items.values()
        if item.own
        and (not allowed or item.brand in allowed)
        and all(
            word in f"{item.description} {item.brand} {item.product_id}".casefold()
            for word in words
        )
    ]
    return hits[:MOST_OFFERED] if words or len(hits) <= FEW else []


def item_choices(known: Known, ids: Iterable[str]) -> list[tuple[str, str]]:
    found = []
    for pk in dict.fromkeys(ids):
        item = known.facts.items.get(pk)
        parts = (item.description, item.brand, item.pack_size) if item else ()
        found.append((pk, " · ".join(part for part in parts if part) or pk))
    return found


class CommitmentForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """A promise, in one's own name or, where others are offered, in one of theirs."""

    owner = forms.ChoiceField(
        label=_("In the name of"), required=False, help_text=_("Others find it under Today.")
    )

    class Meta:
        model = Commitment
        fields = ("what", "due")
        widgets = {"due": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}  # noqa: RUF012

    def __init__(self, *args: Any, owners: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {str(each.pk): each for each in owners}
        field = self.fields["owner"]
        if not self.owners or not isinstance(field, forms.ChoiceField):
            del self.fields["owner"]
            return
        field.choices = [("", _("myself")), *((pk, str(each)) for pk, each in self.owners.items())]

    def clean_owner(self) -> User | None:
        return self.owners.get(self.cleaned_data["owner"])


class ExecutionForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    store_ids = NamesField(
        label=_("Stores where it was done"),
        required=False,
        help_text=_("Numbers with commas between them; empty where you speak of all of them."),
    )

    class Meta:
        model = Execution
        fields = ("on", "store_ids", "note")
        widgets = {"on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}  # noqa: RUF012
