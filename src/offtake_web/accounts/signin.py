"""The pages of django-allauth that we show, with their permissions; others have no address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount.providers.openid_connect import views as company
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import LogoutView, PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from offtake_web.accounts.access import needs, open_to_all, signed_in
from offtake_web.accounts.adapters import AccountAdapter, signed_in_lately
from offtake_web.accounts.forms import LinkPasswordForm
from offtake_web.accounts.links import TOKENS
from offtake_web.accounts.models import User
from offtake_web.common.refusals import blame

own = needs("account.own")
View = TypeVar("View", bound=Callable[..., HttpResponse])


class SignInView(account.LoginView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**more)
        apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
        wanted = self.get_next_url()
        found["companies"] = [
            {"name": app["name"], "address": _start(app["provider_id"], wanted)} for app in apps
        ]
        return found


def _start(provider: str, wanted: str | None) -> str:
    query = {"process": "login", **({"next": wanted} if wanted else {})}
    return reverse("openid_connect_login", kwargs={"provider_id": provider}, query=query)


class SetPasswordView(PasswordResetConfirmView):
    """The page behind a one-time link."""

    form_class = LinkPasswordForm
    template_name = "accounts/set_password.html"
    token_generator = TOKENS
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        found = super().get_user(uidb64)
        return found if isinstance(found, User) and found.is_active else None

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        try:
            response = super().form_valid(form)
        except ValidationError as error:
            blame(form, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The password is set. Sign in with it."))
        return response


def fresh(view: View) -> View:
    """Ask for the password or a code again where the last proof is older than five minutes.

    A form that was sent is kept and goes on afterwards; looking is free.
    """
    asking = reauthentication_required(view, app="allauth.account", allow_get=True)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if request.method == "POST" and not signed_in_lately(request) and not _methods(request):
            messages.info(request, _("This step needs a fresh sign-in: sign out, and in again."))
            return redirect("account")
        response: HttpResponse = asking(request, *args, **more)
        return response

    return cast("View", checked)


def _methods(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the ways to prove again who one is; none where the company keeps the password."""
    return AccountAdapter(request).get_reauthentication_methods(signed_in(request))


login = open_to_all(SignInView.as_view())
logout = own(LogoutView.as_view(http_method_names=["post", "options"]))
inactive = open_to_all(account.account_inactive)
reauthenticate = own(account.reauthenticate)
set_password = open_to_all(SetPasswordView.as_view())
authenticate = open_to_all(mfa.authenticate)
reauthenticate_by_code = own(mfa.reauthenticate)
activate = own(totp.activate_totp)
deactivate = own(totp.deactivate_totp)
recovery_codes = own(recovery.view_recovery_codes)
new_recovery_codes = own(recovery.generate_recovery_codes)
recovery_file = own(recovery.download_recovery_codes)
company_callback = open_to_all(require_safe(company.callback))


@open_to_all
@require_safe
def company_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the company; not to tie its account to the one that is signed in here."""
    if request.GET.get("process", "login") != "login":
        raise Http404
    response: HttpResponse = company.login(request, provider_id)
    return response


@needs("account.own")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; whoever signs in through the company has none here."""
    if not signed_in(request).has_usable_password():
        messages.info(request, _("You sign in through your company, which keeps the password."))
        return redirect("account")
    response: HttpResponse = account.password_change(request)
    return response


@needs("account.own")
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    return redirect("account")


@open_to_all
@require_safe
def company_cancelled(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("You did not sign in."))
    return redirect("login")
