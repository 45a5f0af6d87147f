"""The addresses of the workspace."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.i18n import set_language

from offtake_web.accounts.access import open_to_all
from offtake_web.common.markets import MarketConverter

register_converter(MarketConverter, "market")

handler500 = "offtake_web.common.views.failed"

# What is about figures or plans begins with its market: /<market>/plan/ ...
urlpatterns = [
    path("", include("offtake_web.common.urls")),
    path("", include("offtake_web.accounts.urls")),
    path("<market:market>/", include("offtake_web.jobs.urls")),
    path("<market:market>/", include("offtake_web.feeds.urls")),
    path("<market:market>/", include("offtake_web.runs.urls")),
    path("<market:market>/", include("offtake_web.plans.urls")),
    path("<market:market>/", include("offtake_web.dashboards.urls")),
    path("api/", include("offtake_web.api.urls")),
    path("language/", open_to_all(set_language), name="set_language"),
    path("admin/", admin.site.urls),
]
