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
CLAUSES = (
    "%(names)s and %(more)s more", "%(count)s agreed and kept", "%(count)s agreed, not kept",
    "%(units)s from others", "cut of %(depth)s", "display", "%(what)s: lost", "up to 80 %% of it",
)  # fmt: skip
SERBIAN = {
    SENTENCES[0]: "%(day)s: %(first)s, %(days)s dana posle %(second)s.",
    SENTENCES[1]: "%(cause)s: %(share)s%%.",
    SENTENCES[2]: "Nema šta da se kaže, 100%%.",
    "gone for good": "trajno nestalo",
    CLAUSES[0]: "%(names)s i još %(more)s",
    CLAUSES[1]: "%(count)s dogovoreno i održano",
    CLAUSES[2]: "%(count)s dogovoreno, a nije održano",
    CLAUSES[3]: "%(units)s od drugih",
    CLAUSES[4]: "sniženje od %(depth)s",
    CLAUSES[5]: "pozicija",
    CLAUSES[6]: "%(what)s: izgubljeno",
    CLAUSES[7]: "do 80 %% toga",
    "%(first)s and %(last)s": "%(first)s i %(last)s",
    "agreed": "dogovoren",
    "Salt": "So",
}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "templates", lambda: module.patterns(SENTENCES))
    monkeypatch.setattr(module, "clauses", lambda: module.patterns(CLAUSES, module._FIGURES))
    monkeypatch.setattr(module, "gettext", lambda text: SERBIAN.get(text, text))
    module._said.cache_clear()
    module._value_said.cache_clear()


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
        # a name holds what ends a sentence
        (
            "Mega d.o.o. Beograd starts 3 days after Dr. Oetker, on 2026-01-05. Nothing to say.",
            "5.1.2026.: Mega d.o.o. Beograd, 3 dana posle Dr. Oetker. Nema šta da se kaže, 100%.",
        ),
        ("", ""),
    ],
)
def test_a_sentence_is_said_by_its_template(english: str, serbian: str | None) -> None:
    with translation.override("sr-latn"):
        assert said(english) == serbian


def test_english_stays_as_the_library_wrote_it() -> None:
    with translation.override("en"):
        assert said("3% of it is 1,200.") == "3% of it is 1,200."


@pytest.mark.parametrize(
    ("english", "serbian"),
    [
        ("", ""),
        ("Alder 1.5 kg", "Alder 1.5 kg"),
        ("1,234.5", "1.234,5"),
        ("EUR 900 (EUR 860.50 to EUR 940)", "EUR 900 (EUR 860,50 do EUR 940)"),
        # days
        ("2026-01-05", "5.1.2026."),
        ("2026-01-05 to 2026-02-01", "5.1.2026. \N{EN DASH} 1.2.2026."),
        ("5 January 2026", "5.1.2026."),
        ("05 Jan 2026", "5.1.2026."),
        ("5 January to 1 February 2026", "5.1.2026. \N{EN DASH} 1.2.2026."),
        ("29 December 2025 to 1 February 2026", "29.12.2025. \N{EN DASH} 1.2.2026."),
        ("31 February 2026", "31 February 2026"),
        ("7 Heaven 2026", "7 Heaven 2026"),
        ("2026-13-05", "2026-13-05"),
        # counts
        ("1 week", "1 nedelja"),
        ("2 weeks", "2 nedelje"),
        ("1,205 stores", "1.205 prodavnica"),
        ("5 elephants", "5 elephants"),
        # lists
        ("Salt and Vinegar", "Salt and Vinegar"),
        ("Salt and display", "So i pozicija"),
        ("cut of 20.0%, display and 3 from others", "sniženje od 20,0%, pozicija i 3 od drugih"),
        (
            "139 agreed and kept, 1,072 agreed, not kept",
            "139 dogovoreno i održano, 1.072 dogovoreno, a nije održano",
        ),
        ("P1, P2, P3 and 4 more", "P1, P2, P3 i još 4"),
        # parts
        ("Alder 1 kg: lost; Alder 2 kg: lost", "Alder 1 kg: izgubljeno; Alder 2 kg: izgubljeno"),
        ("small \N{MIDDLE DOT} display", "small \N{MIDDLE DOT} pozicija"),
        ("display|+1,200|300 to 2,000", "pozicija|+1.200|300 do 2.000"),
        ("up to 80 % of it", "do 80 % toga"),
    ],
)
def test_what_stands_in_a_place(english: str, serbian: str) -> None:
    with translation.override("sr-latn"):
        assert module.value_said(english) == serbian
    with translation.override("en"):
        assert module.value_said(english) == english


def test_a_long_list_of_names_that_nobody_knows_is_asked_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def say(text: str) -> str | None:
        asked.append(text)
        return None if text.endswith("Chips") else text

    names = [f"P{number}" for number in range(30)] + ["Chips"]
    assert module._covered(names, ", ", say) is None
    assert len(asked) <= len(names) ** 2


def test_a_heading_may_be_a_sentence() -> None:
    with translation.override("sr-latn"):
        assert module.worded("Nothing to say. 3% of it is 1,200.") == (
            "Nema šta da se kaže, 100%. 1.200: 3%."
        )
        assert module.worded("Something else") == "Something else"
