"""Pages of a list, named in the query string, the same for pages and exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


def paged(
    request: HttpRequest, rows: Sequence[Any] | QuerySet[Any], size: int = PAGE_SIZE
) -> Page[Any]:
    """Return the page that the address asks for; one that is not there gives the nearest."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
