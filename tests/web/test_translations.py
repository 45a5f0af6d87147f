from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest
from django.conf import settings

from offtake_web.common.management.commands.compilecatalogues import compiled, messages

WEB = Path(__file__).parents[2] / "src" / "offtake_web"
CATALOGUES = sorted(path for folder in settings.LOCALE_PATHS for path in folder.rglob("*.po"))
IN_TEMPLATE = re.compile(r"""{%\s*translate\s+(["'])(.+?)\1""")
IN_PYTHON = re.compile(r"""\b_\((["'])(.+?)\1\)""")


def marked_for_translation() -> set[str]:
    templates = {match[2] for path in WEB.rglob("*.html") for match in found(IN_TEMPLATE, path)}
    return templates | {match[2] for path in WEB.rglob("*.py") for match in found(IN_PYTHON, path)}


def found(pattern: re.Pattern[str], path: Path) -> list[re.Match[str]]:
    return list(pattern.finditer(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_word_is_translated_and_no_other(catalogue: Path) -> None:
    translated = messages(catalogue.read_text(encoding="utf-8"))
    assert translated.keys() - {""} == marked_for_translation()


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_the_compiled_file_is_up_to_date(catalogue: Path) -> None:
    expected = compiled(messages(catalogue.read_text(encoding="utf-8")))
    assert catalogue.with_suffix(".mo").read_bytes() == expected, (
        "run: python -m offtake_web compilecatalogues"
    )


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
