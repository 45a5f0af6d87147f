from __future__ import annotations

from django.urls import path

from offtake_web.common import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
]
