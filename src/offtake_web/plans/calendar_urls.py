from __future__ import annotations

from django.urls import path

from offtake_web.plans import calendar_feed_views, calendar_moves, calendar_views, exchange_views

urlpatterns = [
    path("plan/", calendar_views.plan_list, name="plan-list"),
    path("plan/timeline/", calendar_views.plan_timeline, name="plan-timeline"),
    path("plan/month/", calendar_views.plan_month, name="plan-month"),
    path("plan/account/", calendar_views.plan_account, name="plan-account"),
    path("plan/<int:pk>/days/", calendar_moves.plan_days, name="plan-days"),
    path("plan/calendar/", calendar_feed_views.plan_links, name="plan-links"),
    path(
        "plan/calendar/<int:pk>/withdraw/",
        calendar_feed_views.plan_link_revoke,
        name="plan-link-revoke",
    ),
    path("plan/feed/<str:secret>.ics", calendar_feed_views.plan_feed, name="plan-feed"),
    path("plan/export.xlsx", exchange_views.plan_export, name="plan-export"),
    path("plan/import/", exchange_views.plan_import, name="plan-import"),
    path("plan/import/apply/", exchange_views.plan_import_apply, name="plan-import-apply"),
]
