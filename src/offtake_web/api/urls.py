from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from offtake_web.accounts.access import needs
from offtake_web.api.endpoints import docs
from offtake_web.api.endpoints.service import addresses

urlpatterns = [
    path("v1/docs", docs.page, name="api-docs"),
    path("v1/openapi.json", docs.openapi, name="api-openapi"),
    path("v1/", include(addresses())),
    path("", needs("account.own")(RedirectView.as_view(pattern_name="api-docs")), name="api"),
]
