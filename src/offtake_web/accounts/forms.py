from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allauth.account.forms import ChangePasswordForm as BaseChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from offtake_web.accounts import actions
from offtake_web.accounts.access import scopes_of
from offtake_web.accounts.actions import LONGEST_TOKEN, Details
from offtake_web.accounts.models import Role, User

PARTS = {
    "retailers": (_("Retailers"), _("Other retailers")),
    "territories": (_("Territories"), _("Other territories")),
    "brands": (_("Brands"), _("Other brands")),
}
SCOPE_WORDS = {
    "read": _("read figures, plans and loads"),
    "plan": _("write, agree and carry out plans"),
    "data": _("load data, refresh and publish"),
    "people": _("manage people"),
    "account": _("look after the own account and saved views"),
}
DAYS = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (LONGEST_TOKEN, _("a year")))


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        login = self.fields["login"]
        login.label = _("Username or e-mail")
        login.widget.attrs = {
            "autocomplete": "username",
            "autofocus": True,
            "autocapitalize": "none",
        }
        del self.fields["password"].widget.attrs["placeholder"]


class ChangePasswordForm(BaseChangePasswordForm):  # type: ignore[misc]  # as above
    def save(self) -> None:
        actions.change_own_password(self.cleaned_data["password1"], by=self.user)


class OnceInput(forms.TextInput):
    """A code that was wrong is not worth showing again."""

    def format_value(self, value: object) -> str | None:
        return None


class _Code:
    """The one field of the forms that ask for a code."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        label = _("Code from the app")
        self.fields["code"] = forms.CharField(label=label, widget=OnceInput(attributes))


class SignInCodeForm(_Code, AuthenticateForm):  # type: ignore[misc]  # as above
    pass


class AgainCodeForm(_Code, ReauthenticateForm):  # type: ignore[misc]  # as above
    pass


class FirstCodeForm(_Code, ActivateTOTPForm):  # type: ignore[misc]  # as above
    pass


class LinkPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # takes none at run time
    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        return actions.set_password(self.user, self.cleaned_data["new_password1"])


class PersonForm(forms.Form):
    """Who somebody is, and the part of the business the account is for."""

    username = forms.CharField(label=_("Username"), max_length=150)
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.VIEWER)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, offered: Mapping[str, Sequence[str]], **more: Any) -> None:
        super().__init__(*args, **more)
        for part, (label, other) in PARTS.items():
            held = self.initial.get(part) or []
            names = sorted({*offered.get(part, ()), *held})
            self.fields[part] = forms.MultipleChoiceField(
                label=label,
                choices=[(name, name) for name in names],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            self.fields[f"other_{part}"] = forms.CharField(
                label=other if names else label,
                help_text=_("Several are parted by commas."),
                required=False,
                max_length=1000,
            )

    def scope(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each part of the scope, for the page."""
        return [(self[part], self[f"other_{part}"]) for part in PARTS]

    def details(self) -> Details:
        given = self.cleaned_data
        scope = {part: _names(given[part], given[f"other_{part}"]) for part in PARTS}
        plain = ("username", "first_name", "last_name", "email", "role")
        return Details(**{name: given[name] for name in plain} | scope)


def _names(ticked: Sequence[str], written: str) -> list[str]:
    return sorted({*ticked, *(name.strip() for name in written.split(",") if name.strip())})


def details_of(person: User) -> dict[str, Any]:
    """Return what the form of a person starts from."""
    names = ("username", "first_name", "last_name", "email", "role", *PARTS, "version")
    return {name: getattr(person, name) for name in names}


class OwnForm(forms.Form):
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - tells the type checker
        names = [
            (code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES
        ]
        language.choices = [("", gettext("as the browser asks")), *names]


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, initial=["read"]
    )
    days = forms.TypedChoiceField(label=_("Valid for"), choices=DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101 - as above
        scopes.choices = [(name, SCOPE_WORDS[name]) for name in scopes_of(user)]


class RulesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Demand a second factor of"),
        choices=Role,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
