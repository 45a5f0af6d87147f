from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.profile import read_profile
from offtake.errors import BadInputError
from offtake_web.feeds.uploads import Upload, path_of

PROFILE_BYTES = 256 * 1024
NOT_LOADED = ("calendar",)
"""Contracts that every store fills by itself."""


def contract_choices() -> list[tuple[str, str]]:
    known = [
        (each.name, f"{each.name} ({each.title})")
        for each in CONTRACTS.values()
        if each.name not in NOT_LOADED
    ]
    return [("", gettext("as the profile says")), *known]


class LoadForm(forms.Form):
    """What is to be loaded, as what."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV, Excel, Parquet, X12 852 or EANCOM SLSRPT."),
    )
    contract = forms.ChoiceField(
        label=_("What it holds"),
        choices=contract_choices,
        required=False,
        help_text=_("The table of facts (contract) that its rows belong to."),
    )
    profile = forms.FileField(
        label=_("Mapping profile"),
        required=False,
        help_text=_("A TOML file that says how this supplier writes; without one the columns "
                    "have to be called as in the contract."),
    )  # fmt: skip
    dry_run = forms.BooleanField(label=_("Only check and count, load nothing"), required=False)

    def clean_profile(self) -> Upload | None:
        profile: Upload | None = self.cleaned_data["profile"]
        if profile is not None and (profile.size or 0) > PROFILE_BYTES:
            raise forms.ValidationError(_("A profile is a small text file; this one is too large."))
        return profile

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        profile, contract = data.get("profile"), data.get("contract", "")
        if profile is not None:
            try:
                data["contract"] = _read(profile, contract or None)
            except BadInputError as error:
                self.add_error("profile", str(error))
        elif not contract and "profile" in data and "contract" in data:
            self.add_error("contract", _("Say what the file holds, or send a profile that does."))
        return data


def _read(profile: Upload, contract: str | None) -> str:
    """Return the contract that a profile is for, naming the file in errors as people know it."""
    path = path_of(profile)
    try:
        return read_profile(path, contract=contract).contract
    except BadInputError as error:
        raise BadInputError(str(error).replace(str(path), profile.name or "").replace(
            path.name, profile.name or "")) from error  # fmt: skip
