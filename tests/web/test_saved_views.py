"""Saved views: one's own are private until they are shared; nobody's change is lost."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import User
from offtake_web.common.markets import Market, markets
from offtake_web.dashboards import actions
from offtake_web.dashboards.models import SavedView
from tests.web.conftest import Visit

ADDRESS = "/main/promotions/?retailer=Korner&sort=-roi_net"


def market() -> Market:
    return markets()[0]


def saved(by: User, name: str = "Korner", *, shared: bool = False) -> SavedView:
    return actions.save_view(market(), name, ADDRESS, shared=shared, by=by)


def listed(client: Client) -> str:
    return client.get("/main/views/").content.decode()


def test_ana_saves_what_she_sees(signed_in: Client, ana: User) -> None:
    form = signed_in.get("/main/views/new/", {"address": ADDRESS}).content.decode()
    assert ADDRESS.replace("&", "&amp;") in form
    response = signed_in.post(
        "/main/views/new/", {"name": "Korner, best first", "address": ADDRESS}
    )
    assert response["Location"] == "/main/views/"
    view = SavedView.objects.get()
    assert (view.owner, view.address, view.shared) == (ana, ADDRESS, False)
    assert view.history.get().history_user == ana
    text = listed(signed_in)
    assert "Saved: Korner, best first" in text
    assert f'href="{ADDRESS.replace("&", "&amp;")}"' in text


def test_a_private_view_is_nobody_elses(ana: User, milan: User, client_of: Visit) -> None:
    view = saved(ana)
    assert "Korner" not in listed(client_of(milan))
    for page in (f"/main/views/{view.pk}/", f"/main/views/{view.pk}/delete/"):
        assert client_of(milan).post(page, {"name": "Mine", "version": 1}).status_code == 404
    assert SavedView.objects.get().name == "Korner"


def test_a_shared_view_is_read_by_all_and_changed_by_its_owner(
    ana: User, milan: User, client_of: Visit
) -> None:
    view = saved(ana, shared=True)
    text = listed(client_of(milan))
    assert "Korner" in text
    assert "Delete" not in text
    assert client_of(milan).get(f"/main/views/{view.pk}/").status_code == 404
    with pytest.raises(PermissionDenied):
        actions.delete_view(view, by=milan)
    with pytest.raises(PermissionDenied):
        actions.change_view(view, version=1, by=milan, name="Mine", shared=False)


def test_ana_renames_and_deletes(signed_in: Client, ana: User) -> None:
    view = saved(ana)
    page = f"/main/views/{view.pk}/"
    assert 'value="Korner"' in signed_in.get(page).content.decode()
    signed_in.post(page, {"name": "All of Korner", "shared": "on", "version": 1})
    view.refresh_from_db()
    assert (view.name, view.shared, view.version) == ("All of Korner", True, 2)
    assert view.history.count() == 2
    signed_in.post(f"{page}delete/")
    assert not SavedView.objects.exists()


def test_a_stale_change_shows_both(signed_in: Client, ana: User) -> None:
    view = saved(ana)
    actions.change_view(view, version=1, by=ana, name="From the phone", shared=False)
    page = f"/main/views/{view.pk}/"
    response = signed_in.post(page, {"name": "From the desk", "version": 1})
    text = response.content.decode()
    assert response.status_code == 409
    assert "it is now called “From the phone”" in text
    assert 'value="From the desk"' in text
    assert SavedView.objects.get().name == "From the phone"
    signed_in.post(page, {"name": "From the desk", "version": 2})
    assert SavedView.objects.get().name == "From the desk"


def test_a_name_is_used_once(signed_in: Client, ana: User, milan: User) -> None:
    saved(milan)
    saved(ana)
    response = signed_in.post("/main/views/new/", {"name": "Korner", "address": ADDRESS})
    assert response.status_code == 422
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize(
    "address",
    ["", "//evil.example/", "https://evil.example/", "/accounts/login/", "/main/nothing/here/",
     "javascript:alert(1)", "/other/scoreboard/", "/main/../accounts/", "/main/?" + "x" * 2000],
)  # fmt: skip
def test_only_pages_of_the_market_are_saved(ana: User, address: str) -> None:
    with pytest.raises(ValidationError):
        actions.save_view(market(), "Elsewhere", address, shared=True, by=ana)
    assert not SavedView.objects.exists()


def test_a_name_is_text(signed_in: Client, ana: User) -> None:
    saved(ana, "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in listed(signed_in)


def test_everybody_may_save(cast: dict[str, User], client_of: Visit) -> None:
    for user in cast.values():
        assert client_of(user).get("/main/views/").status_code == 200
        assert saved(user).owner == user


def test_who_has_left_may_not(ana: User) -> None:
    ana.is_active = False
    with pytest.raises(PermissionDenied):
        saved(ana)


def test_deleting_needs_a_button(signed_in: Client, ana: User) -> None:
    view = saved(ana)
    assert signed_in.get(f"/main/views/{view.pk}/delete/").status_code == 405


def test_the_list_asks_the_database_as_often_for_many(
    signed_in: Client, ana: User, milan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        saved(milan, f"View {number}", shared=True)
        saved(ana, f"View {number}")
    with django_assert_num_queries(4):  # session, user, how many, those of the page
        listed(signed_in)


def test_a_saved_view_is_found_from_every_page(signed_in: Client) -> None:
    assert '<a href="/main/views/"' in signed_in.get("/main/plan/").content.decode()


def test_the_list_says_what_each_view_shows(signed_in: Client, ana: User) -> None:
    saved(ana)
    assert f'<span class="interval">{ADDRESS.replace("&", "&amp;")}</span>' in listed(signed_in)


def test_a_change_says_that_it_is_saved(signed_in: Client, ana: User) -> None:
    view = saved(ana)
    signed_in.post(f"/main/views/{view.pk}/", {"name": "Dis", "version": view.version})
    assert "Saved: Dis" in listed(signed_in)


def test_deleting_twice_says_so(signed_in: Client, ana: User) -> None:
    view = saved(ana)
    for said in ("Deleted: Korner", "It had been deleted already."):
        response = signed_in.post(f"/main/views/{view.pk}/delete/", follow=True)
        assert said in response.content.decode()
