"""The library's sentences, said in the reader's language by their templates."""

from __future__ import annotations

import pytest
from django.utils import translation

from offtake_web.common import said as module
from offtake_web.common.said import said

SENTENCES = (
    "%(first)s starts %(days)s days after %(second)s, on %(day)s.",
    "%(share)s%% of it is %(cause)s.",
    "Nothing to say.",
)
SERBIAN = {
    SENTENCES[0]: "%(day)s: %(first)s, %(days)s dana posle %(second)s.",
    SENTENCES[1]: "%(cause)s: %(share)s%%.",
    SENTENCES[2]: "Nema šta da se kaže, 100%%.",
    "gone for good": "trajno nestalo",
}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "templates", lambda: module.patterns(SENTENCES))
    monkeypatch.setattr(module, "gettext", lambda text: SERBIAN.get(text, text))
    module._said.cache_clear()


@pytest.mark.parametrize(
    ("english", "serbian"),
    [
        (
            "Dr. Oetker starts 1,200 days after Alder 2, on 2026-01-05.",
            "5.1.2026.: Dr. Oetker, 1.200 dana posle Alder 2.",
        ),
        ("12.5% of it is gone for good.", "trajno nestalo: 12,5%."),
        (
            "Nothing to say. 3% of it is Alder's.",
            "Nema šta da se kaže, 100%. Alder's: 3%.",
        ),
        ("Nothing to say. But this is new.", None),
        ("Something else.", None),
        ("", ""),
    ],
)
def test_a_sentence_is_said_by_its_template(english: str, serbian: str | None) -> None:
    with translation.override("sr-latn"):
        assert said(english) == serbian


def test_english_stays_as_the_library_wrote_it() -> None:
    with translation.override("en"):
        assert said("3% of it is 1,200.") == "3% of it is 1,200."
