from __future__ import annotations

from django.urls import include, path

from offtake_web.plans import views, views_actions, views_data, views_guardrails

urlpatterns = [
    path("", include("offtake_web.plans.calendar_urls")),
    path("plan/rules/", views_guardrails.rules, name="plan-rules"),
    path("plan/rules/<slug:rule>/", views_guardrails.change, name="plan-rules-change"),
    path("plan/take-in/", views_data.take_in, name="plan-take-in"),
    path("plan/new/", views.new, name="plan-new"),
    path("plan/preview/", views.preview, name="plan-preview"),
    path("plan/items/", views.items, name="plan-items"),
    path("plan/<int:pk>/", views.plan, name="plan"),
    path("plan/<int:pk>/edit/", views.edit, name="plan-edit"),
    path("plan/<int:pk>/resolve/", views.resolve, name="plan-resolve"),
    path("plan/<int:pk>/history/", views.history, name="plan-history"),
    path("plan/<int:pk>/copy/", views_actions.copy, name="plan-copy"),
    path("plan/<int:pk>/undo/", views_actions.undo, name="plan-undo"),
    path("plan/<int:pk>/move/<slug:move>/", views_actions.move, name="plan-move"),
    path("plan/<int:pk>/review/", views_actions.review, name="plan-review"),
    path("plan/<int:pk>/result/", views_actions.link_result, name="plan-result"),
    path("plan/<int:pk>/gate/<slug:gate>/", views_actions.gate, name="plan-gate"),
    path("plan/<int:pk>/pass/<slug:gate>/", views_actions.let_pass, name="plan-pass"),
    path("plan/<int:pk>/rule/<slug:rule>/", views_actions.rule, name="plan-rule"),
    path("plan/<int:pk>/promise/", views_actions.commit, name="plan-commit"),
    path("plan/<int:pk>/promise/<int:promise>/", views_actions.commitment, name="plan-commitment"),
    path("plan/<int:pk>/comment/", views_actions.comment, name="plan-comment"),
    path("plan/<int:pk>/seen/", views_actions.seen, name="plan-seen"),
    path("plan/<int:pk>/record/", views_actions.record, name="plan-record"),
]
