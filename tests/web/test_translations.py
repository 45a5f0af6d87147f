from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest
from django.utils import translation

from offtake_web.common.catalogues import apps, catalogue, marked
from offtake_web.common.management.commands.compilecatalogues import compiled, messages
from offtake_web.common.numerals import numerals
from offtake_web.common.templatetags.offtake import moment

APPS = [app for app in apps() if marked(app)]


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_every_word_is_translated_and_no_other(app: Path) -> None:
    translated = messages(catalogue(app).read_text(encoding="utf-8"))
    assert translated.keys() - {""} == marked(app), "run: python -m offtake_web compilecatalogues"


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_the_compiled_file_is_up_to_date(app: Path) -> None:
    expected = compiled(messages(catalogue(app).read_text(encoding="utf-8")))
    assert catalogue(app).with_suffix(".mo").read_bytes() == expected, (
        "run: python -m offtake_web compilecatalogues"
    )


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_what_a_sentence_has_room_for_is_kept(app: Path) -> None:
    room = re.compile(r"%\(\w+\)[sd]|%[sd]")
    for message, text in messages(catalogue(app).read_text(encoding="utf-8")).items():
        singular = message.rpartition("\4")[2].split("\0")[-1]
        for form in text.split("\0") if message else []:
            assert sorted(room.findall(form)) == sorted(room.findall(singular)), message


def test_words_are_found_in_templates_and_code(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% load i18n %}{% translate "One" %} {% translate "May" context "month" %}'
        "{% blocktranslate with name=x.y count n=z %}{{ n }} store of {{ name }}"
        "{% plural %}{{ n }} stores of {{ name }}{% endblocktranslate %}",
        encoding="utf-8",
    )
    (tmp_path / "code.py").write_text(
        'x = _("Two")\ny = ngettext("%(n)d row", "%(n)d rows", n)\nz = pgettext("side", "Sales")\n',
        encoding="utf-8",
    )
    assert marked(tmp_path) == {
        "One",
        "month\4May",
        "%(n)s store of %(name)s\0%(n)s stores of %(name)s",
        "Two",
        "%(n)d row\0%(n)d rows",
        "side\4Sales",
    }


PO = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 ? 1 : 2);\n"

# a remark
#: somewhere.html:3
msgid "line\nbreak"
msgstr "novi\n"
"red"

msgctxt "month"
msgid "May"
msgstr "maj"

msgid "%d store"
msgid_plural "%d stores"
msgstr[0] "%d radnja"
msgstr[1] "%d radnje"
msgstr[2] "%d radnji"

#, fuzzy
msgid "doubtful"
msgstr "sumnjivo"

msgid "untranslated"
msgstr ""

#~ msgid "gone"
#~ msgstr "nestalo"
"""


def test_gettext_reads_what_we_compile() -> None:
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled(messages(PO))))
    assert catalogue.gettext("line\nbreak") == "novi\nred"
    assert catalogue.pgettext("month", "May") == "maj"
    assert catalogue.ngettext("%d store", "%d stores", 1) == "%d radnja"
    assert catalogue.ngettext("%d store", "%d stores", 3) == "%d radnje"
    assert catalogue.ngettext("%d store", "%d stores", 11) == "%d radnji"


def test_what_is_doubtful_absent_or_old_is_left_out() -> None:
    assert not {"doubtful", "untranslated", "gone"} & messages(PO).keys()


@pytest.mark.parametrize(
    ("english", "serbian"),
    [
        ("EUR 1,718,425", "EUR 1.718.425"),
        ("27.8%", "27,8%"),
        ("\N{MINUS SIGN}5.5 pts", "\N{MINUS SIGN}5,5 p. p."),
        ("EUR 39,362.50 to EUR 56,151", "EUR 39.362,50 do EUR 56.151"),
        ("211", "211"),
        ("Nothing to add", "Nothing to add"),
    ],
)
def test_figures_are_written_as_their_reader_reads_them(english: str, serbian: str) -> None:
    with translation.override("en"):
        assert numerals(english) == english
    with translation.override("sr-latn"):
        assert numerals(english) == serbian


def test_the_moment_of_a_run_in_serbian() -> None:
    stamp = "2026-11-23T14:45:34+00:00"
    with translation.override("en"):
        assert moment(stamp) == "23 November 2026, 14:45 UTC"
    with translation.override("sr-latn"):
        assert moment(stamp) == "23.11.2026. 14:45 UTC"
