from __future__ import annotations

import hashlib

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake_web.accounts.access import needs, open_to_all
from offtake_web.common.markets import Market
from offtake_web.plans.actions_feed import make_feed_link, revoke_feed_link
from offtake_web.plans.calendar_feed import feed
from offtake_web.plans.calendar_filters import read_filters
from offtake_web.plans.calendar_page import reader
from offtake_web.plans.calendar_queries import entries, feed_links, feed_owner
from offtake_web.plans.models import FeedLink


class LinkForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("For which calendar"), max_length=80)


@open_to_all
@require_safe
@sensitive_variables("secret")
def plan_feed(request: HttpRequest, market: Market, secret: str) -> HttpResponse:
    """Give the plans of the person whose secret address this is; a calendar cannot sign in."""
    user = feed_owner(market, secret)
    if user is None:
        raise Http404
    filters = read_filters(request.GET)
    with translation.override(user.language or translation.get_language()):
        body = feed(
            filters.of(entries(user, market)),
            title=_("%(market)s: plan") % {"market": market.title},
            market=market.key,
            address=lambda plan: request.build_absolute_uri(
                reverse("plan", kwargs={"market": market, "pk": plan.pk})
            ),
        )
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="plan.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


@needs("plan.view")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def plan_links(request: HttpRequest, market: Market) -> HttpResponse:
    """Show the secret addresses of one's calendars, and make one."""
    user, form, address = reader(request), LinkForm(request.POST or None), ""
    filters = read_filters(request.GET)
    if request.method == "POST" and form.is_valid():
        try:
            _link, secret = make_feed_link(market, form.cleaned_data["name"], by=user)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            address, form = _address(request, market, secret, filters.query()), LinkForm()
    values = {
        "form": form,
        "address": address,
        "links": feed_links(user, market),
        "filtered": bool(filters),
        "query": filters.query(),
    }
    response = render(request, "plans/calendar_links.html", values)
    # The page may hold a secret: nobody keeps a copy.
    response["Cache-Control"] = "no-store"
    return response


def _address(request: HttpRequest, market: Market, secret: str, query: str) -> str:
    place = reverse("plan-feed", kwargs={"market": market, "secret": secret})
    return request.build_absolute_uri(f"{place}?{query}" if query else place)


@needs("plan.view")
@require_POST
def plan_link_revoke(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    user = reader(request)
    link = get_object_or_404(FeedLink, pk=pk, user=user, market=market.key)
    revoke_feed_link(link, by=user)
    return redirect("plan-links", market=market)
