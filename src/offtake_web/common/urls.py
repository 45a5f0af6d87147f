from __future__ import annotations

from django.urls import path

from offtake_web.common import views

urlpatterns = [
    path("", views.front, name="front"),
    path("healthz", views.health, name="health"),
    path("theme/", views.set_theme, name="set_theme"),
    path("style/", views.style, name="style"),
]
