"""What all pages share: colours by choice, errors in words, forms, and the style page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import formats, translation
from django.views.defaults import bad_request, server_error
from pytest_django import Settings

from offtake_web.common.error_pages import REASONS, ErrorPages
from offtake_web.common.timing import ServerTiming


def shown(source: str, **more: object) -> str:
    request = RequestFactory().get("/list/", {"sort": "-units", "page": "3", "kind": "display"})
    return Template("{% load offtake %}" + source).render(Context({"request": request, **more}))


def test_colours_follow_the_device_until_somebody_chooses(signed_in: Client) -> None:
    assert "data-theme" not in signed_in.get("/main/").content.decode()
    response = signed_in.post("/theme/", {"theme": "dark", "next": "/main/?week=3"})
    assert response["Location"] == "/main/?week=3"
    assert 'data-theme="dark"' in signed_in.get("/main/").content.decode()


@pytest.mark.parametrize("chosen", ["", "purple", '"><script>'])
def test_any_other_word_leaves_colours_to_the_device(signed_in: Client, chosen: str) -> None:
    signed_in.cookies["offtake_theme"] = "dark"
    signed_in.post("/theme/", {"theme": chosen})
    assert "data-theme" not in signed_in.get("/main/").content.decode()
    signed_in.cookies["offtake_theme"] = "purple"
    assert "data-theme" not in signed_in.get("/main/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_choosing_colours_leads_nowhere_else(signed_in: Client, elsewhere: str) -> None:
    assert signed_in.post("/theme/", {"theme": "dark", "next": elsewhere})["Location"] == "/"


@pytest.mark.django_db
def test_a_stranger_may_choose_colours_but_not_by_a_link(client: Client) -> None:
    assert client.post("/theme/", {"theme": "light"}).cookies["offtake_theme"].value == "light"
    assert client.get("/theme/").status_code == 405


def test_the_style_page_shows_every_component(signed_in: Client) -> None:
    text = signed_in.get("/style/?sort=-units&page=2").content.decode()
    assert 'aria-sort="descending"' in text
    assert "Page 2 of 10, 120 rows" in text
    assert text.index("Item 108") < text.index("Item 107")
    assert " style=" not in text


def test_the_style_page_is_for_development_only(signed_in: Client, settings: Settings) -> None:
    settings.OFFTAKE_DEVELOPMENT = False
    assert signed_in.get("/style/").status_code == 404


@pytest.mark.django_db
def test_a_stranger_gets_no_style_page(client: Client) -> None:
    assert client.get("/style/")["Location"] == "/accounts/login/?next=/style/"


def test_a_method_that_is_not_taken_is_answered_in_words(signed_in: Client) -> None:
    response = signed_in.post("/main/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert "This cannot be done here" in response.content.decode()


def test_a_program_gets_the_bare_refusal(signed_in: Client) -> None:
    response = signed_in.post("/main/", headers={"accept": "application/json"})
    assert response.status_code == 405
    assert response.content == b""


@pytest.mark.django_db
@pytest.mark.parametrize("status", REASONS)
def test_every_bare_refusal_has_words(status: int) -> None:
    request = RequestFactory().get("/main/", headers={"accept": "text/html"})
    request.resolver_match = resolve("/main/")
    with translation.override("sr-latn"):
        page = ErrorPages(lambda _: HttpResponse(status=status))(request)
    assert page.status_code == status
    assert '<html lang="sr-latn"' in page.content.decode()
    assert REASONS[status][0] not in page.content.decode()


@pytest.mark.parametrize(
    "answer", [HttpResponse("own words", status=413), StreamingHttpResponse(["x"], status=413)]
)
def test_an_answer_with_words_of_its_own_is_left(answer: HttpResponse) -> None:
    request = RequestFactory().get("/", headers={"accept": "text/html"})
    assert ErrorPages(lambda _: answer)(request) is answer


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_words(ana: object) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "ana"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


@pytest.mark.parametrize(
    ("answer", "title", "serbian"),
    [
        (bad_request, "This request cannot be read", "Zahtev se ne može pročitati"),
        (server_error, "Something went wrong", "Došlo je do greške"),
    ],
)
def test_pages_that_know_nobody_can_be_written(
    answer: object, title: str, serbian: str, rf: RequestFactory
) -> None:
    assert callable(answer)
    given = (rf.get("/"),) if answer is server_error else (rf.get("/"), ValueError())
    assert title in answer(*given).content.decode()
    with translation.override("sr-latn"):
        assert serbian in answer(*given).content.decode()


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused_in_words(client: Client) -> None:
    response = client.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "This request cannot be read" in response.content.decode()


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As both teams call it.")
    note = forms.CharField(label="Note", required=False)
    sure = forms.BooleanField(label="Sure", required=False)


def test_what_is_wrong_stands_above_and_leads_to_its_field() -> None:
    text = str(Form({}))
    assert '<a href="#id_name">Name: This field is required.</a>' in text
    assert 'role="alert" tabindex="-1" autofocus' in text
    assert 'aria-invalid="true"' in text
    assert 'id="id_name_error"' in text
    described = text.split('aria-describedby="')[1].split('"', maxsplit=1)[0].split()
    assert described == ["id_name_helptext", "id_name_error"]


def test_a_form_that_is_right_has_no_list_of_mistakes() -> None:
    text = str(Form({"name": "Spring"}))
    assert "summary" not in text
    assert text.count("optional") == 2  # the word and its class, of the note alone
    assert '<label for="id_sure">Sure</label>' in text


def test_a_column_sorts_the_other_way_the_second_time() -> None:
    head = shown('{% sortable "units" "Sold" unit="kg" classes="number" %}')
    assert head == (
        '<th scope="col" class="number" aria-sort="descending">'
        '<a href="?kind=display&amp;sort=units">Sold</a> <span class="unit">kg</span></th>'
    )
    assert 'href="?kind=display&amp;sort=name"' in shown('{% sortable "name" "Item" %}')
    assert "aria-sort" not in shown('{% sortable "name" "Item" %}')


def test_a_label_is_text() -> None:
    assert "<b>" not in shown("{% sortable 'name' label %}", label="<b>")
    assert "<b>" not in shown("{% light 'green' label %}", label="<b>")


def test_lights_and_sides_have_words_in_both_languages() -> None:
    assert shown('{% light "red" %}') == '<span class="light red">not ready</span>'
    assert shown('{% side "sales" %}') == '<span class="badge sales">Sales</span>'
    with translation.override("sr-latn"):
        assert "nije spremno" in shown('{% light "red" %}')
        assert "Prodaja" in shown('{% side "sales" %}')


@pytest.mark.parametrize("source", ['{% light "blue" %}', '{% side "finance" %}'])
def test_an_unknown_light_or_side_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="allowed: "):
        shown(source)


def test_the_time_an_answer_took_is_told_only_to_who_asks(settings: Settings) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    with pytest.raises(MiddlewareNotUsed):
        ServerTiming(answer)
    settings.OFFTAKE_TIMING = True
    told = ServerTiming(answer)(RequestFactory().get("/"))["Server-Timing"]
    wall, cpu = [float(part.split("dur=")[1]) for part in told.split(", ")]
    assert told.startswith("app;dur=")
    assert 0 <= wall < 1000
    assert 0 <= cpu < 1000


def test_a_page_below_another_says_where_it_is(signed_in: Client) -> None:
    text = signed_in.get("/style/").content.decode()
    assert '<nav class="crumbs" aria-label="Where you are">' in text
    assert "Development" in text


def test_no_template_of_ours_has_a_style_or_a_script_in_it() -> None:
    web = Path(__file__).parents[2] / "src" / "offtake_web"
    for page in web.glob("*/templates/**/*.html"):
        text = page.read_text(encoding="utf-8")
        assert " style=" not in text, page
        assert "<style" not in text, page
        assert " onclick=" not in text, page


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "2 January 2018", "2 Jan 2018, 08:30"),
        ("sr-latn", "2.1.2018.", "2.1.2018. 08:30"),
    ],
)
def test_days_are_written_as_the_language_writes_them(language: str, day: str, moment: str) -> None:
    with translation.override(language):
        at = datetime(2018, 1, 2, 8, 30, tzinfo=UTC)
        assert formats.date_format(at) == day
        assert formats.date_format(at, "SHORT_DATETIME_FORMAT") == moment


@pytest.mark.parametrize("language", ["en", "sr-latn"])
def test_the_browsers_field_for_days_is_given_what_it_can_show(language: str) -> None:
    field = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    with translation.override(language):
        assert 'value="2018-01-02"' in field.widget.render("day", date(2018, 1, 2))
        assert field.clean("2018-01-02") == date(2018, 1, 2)
