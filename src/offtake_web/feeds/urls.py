from __future__ import annotations

from django.urls import path

from offtake_web.feeds import views

urlpatterns = [
    path("loads/", views.load_list, name="loads"),
    path("loads/new/", views.new, name="load-new"),
    path("loads/ledger/", views.read_ledger, name="load-ledger"),
    path("loads/<int:load_id>/", views.load, name="load"),
    path("loads/<int:load_id>/mend.csv", views.mend, name="load-mend"),
]
