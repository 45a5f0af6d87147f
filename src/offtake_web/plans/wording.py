"""The library's sentences in the reader's language, and the names of what they speak of."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from offtake.decisions.planning.sentence import Sentence, Value
from offtake.report.words import MINUS
from offtake_web.accounts.models import Role
from offtake_web.plans.models import GateName, Kind, Side, State
from offtake_web.plans.sentences import SENTENCES

_CODES = {
    str(value): label
    for words in (GateName, Kind, Side, State, Role)
    for value, label in words.choices
}


def in_words(sentence: Sentence) -> str:
    """Write a sentence of the library, its figures as the reader's language does."""
    values = {name: written(value) for name, value in sentence.values.items()}
    return gettext(sentence.template) % values


def written(value: Value) -> str:
    """Write a figure: thousands apart, one decimal where it is small and not whole."""
    if isinstance(value, Sentence):
        return in_words(value)
    if isinstance(value, str):
        return coded(value)
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    whole = value == round(value) or abs(value) >= 100
    text = str(number_format(round(value, 1), 0 if whole else 1, force_grouping=True))
    return text.replace("-", MINUS, 1)


def coded(word: str) -> str:
    """Write a word of a closed list as the reader's language does; others stay as they are."""
    if word in SENTENCES:
        return gettext(word)
    return str(_CODES.get(word, word))
