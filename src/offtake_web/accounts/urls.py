from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from offtake_web.accounts.access import needs, open_to_all

urlpatterns = [
    path(
        "login/",
        open_to_all(
            LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True)
        ),
        name="login",
    ),
    path("logout/", needs("account.own")(LogoutView.as_view()), name="logout"),
]
