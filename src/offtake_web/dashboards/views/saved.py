from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake_web.accounts.access import needs, signed_in
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.common.paging import paged
from offtake_web.dashboards import actions
from offtake_web.dashboards.forms import ViewForm
from offtake_web.dashboards.models import SavedView
from offtake_web.dashboards.queries import own_view, saved_views

SAVE = needs("views.save")


@SAVE
@never_cache
@require_safe
def view_list(request: HttpRequest, market: Market) -> HttpResponse:
    page = paged(request, saved_views(signed_in(request), market))
    return render(request, "dashboards/views.html", {"page": page})


@SAVE
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def view_new(request: HttpRequest, market: Market) -> HttpResponse:
    if request.method != "POST":
        form = ViewForm(initial={"address": request.GET.get("address", "")})
        return _form(request, form, title=_("Save this view"))
    form = ViewForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            view = actions.save_view(
                market,
                data["name"],
                data["address"],
                shared=data["shared"],
                by=signed_in(request),
            )
        except ValidationError as error:
            _complain(form, error)
        else:
            messages.success(request, _("Saved: %(name)s") % {"name": view.name})
            return redirect("views", market=market)
    return _form(request, form, title=_("Save this view"), status=422)


@SAVE
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def view_change(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    view = _own(request, market, pk)
    if request.method != "POST":
        form = ViewForm(initial={name: getattr(view, name) for name in ViewForm.base_fields})
        return _form(request, form, title=_("Change a saved view"))
    form = ViewForm(request.POST)
    if form.is_valid():
        try:
            _change(view, form, signed_in(request))
        except actions.StaleError as error:
            return _stale(request, form, error.current)
        except SavedView.DoesNotExist:
            raise Http404 from None
        except ValidationError as error:
            _complain(form, error)
        else:
            messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
            return redirect("views", market=market)
    return _form(request, form, title=_("Change a saved view"), status=422)


@SAVE
@require_POST
def view_delete(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    if not SavedView.objects.filter(pk=pk).exists():
        messages.info(request, _("It had been deleted already."))
        return redirect("views", market=market)
    view = _own(request, market, pk)
    actions.delete_view(view, by=signed_in(request))
    messages.success(request, _("Deleted: %(name)s") % {"name": view.name})
    return redirect("views", market=market)


def _change(view: SavedView, form: ViewForm, by: User) -> None:
    data = form.cleaned_data
    actions.change_view(
        view, version=data["version"] or 0, by=by, name=data["name"], shared=data["shared"]
    )


def _stale(request: HttpRequest, form: ViewForm, current: SavedView) -> HttpResponse:
    """Show both versions; sending again is then knowing of the other."""
    again = ViewForm({**form.cleaned_data, "version": current.version})
    context = {"form": again, "title": _("Change a saved view"), "current": current}
    return render(request, "dashboards/view_form.html", context, status=409)


def _form(request: HttpRequest, form: ViewForm, *, title: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "title": title}
    return render(request, "dashboards/view_form.html", context, status=status)


def _complain(form: ViewForm, error: ValidationError) -> None:
    for field, found in error.message_dict.items():
        form.add_error(field if field in form.fields else None, found)


def _own(request: HttpRequest, market: Market, pk: int) -> SavedView:
    view = own_view(signed_in(request), market, pk)
    if view is None:
        raise Http404
    return view
