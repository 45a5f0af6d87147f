from __future__ import annotations

from django.urls import path

from offtake_web.dashboards.views import figures, pictures, saved

urlpatterns = [
    path("", figures.home_page, name="home"),
    path("scoreboard/", figures.scoreboard_page, name="scoreboard"),
    path("promotions/", figures.promotions_page, name="promotions"),
    path("promotions/<path:name>/", figures.promotion_page, name="promotion"),
    path("availability/", figures.availability_page, name="availability"),
    path("availability/<slug:name>/", figures.availability_list, name="availability-list"),
    path("shoppers/", figures.shoppers_page, name="shoppers"),
    path("shoppers/<slug:subject>/", figures.shoppers_page, name="shoppers-subject"),
    path("tables/", figures.tables_page, name="tables"),
    path("tables/<str:name>/", figures.table_page, name="table"),
    path("passports/<slug:subject>/<str:key>/", figures.passport_page, name="passport"),
    path("compare/", figures.compare_with, name="compare-with"),
    path("glossary/", figures.glossary_page, name="glossary"),
    path("charts/<slug:subject>/<str:name>.png", pictures.picture_of, name="picture"),
    path("views/", saved.view_list, name="views"),
    path("views/new/", saved.view_new, name="view-new"),
    path("views/<int:pk>/", saved.view_change, name="view-change"),
    path("views/<int:pk>/delete/", saved.view_delete, name="view-delete"),
]
