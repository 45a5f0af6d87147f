from __future__ import annotations

from django.urls import path

from offtake_web.dashboards import views

urlpatterns = [
    path("", views.home, name="home"),
]
