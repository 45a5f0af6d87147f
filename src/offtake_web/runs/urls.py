from __future__ import annotations

from django.urls import path, re_path

from offtake_web.runs import pages, views

DOWNLOAD = r"^runs/(?P<run_id>[^/]+)/tables/(?P<name>[\w-]+)\.(?P<ending>csv|xlsx|parquet)$"

urlpatterns = [
    path("runs/", views.run_list, name="runs"),
    path("runs/refresh/", views.refresh, name="refresh"),
    path("runs/<str:run_id>/", views.run, name="run"),
    path("runs/<str:run_id>/changes/", views.comparison, name="run-changes"),
    path("runs/<str:run_id>/publish/", views.publish, name="run-publish"),
    path("runs/<str:run_id>/pages/<str:page>", pages.run_page, name="run-page"),
    re_path(DOWNLOAD, views.download, name="run-table"),
]
