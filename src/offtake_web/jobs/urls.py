from __future__ import annotations

from django.urls import path

from offtake_web.jobs import views

urlpatterns = [
    path("jobs/", views.job_list, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/stop/", views.stop, name="job-stop"),
    path("jobs/<int:job_id>/restart/", views.restart, name="job-restart"),
]
