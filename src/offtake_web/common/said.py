"""Sentences that the library wrote, in the reader's language.

A run holds sentences, not what they were made of. So each app lists the templates that they follow,
``SENTENCES`` in its module ``sentences``, with a place ``%(name)s`` for every figure and name. What
fits a template is said by the template's translation; the rest stays English, and is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import chain

from django.apps import apps
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from offtake_web.common.numerals import numerals

Patterns = tuple[tuple[str, re.Pattern[str]], ...]
_PLACE = re.compile(r"%\((\w+)\)s")
_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def sentences_in(text: str) -> list[str]:
    """Return the sentences of a text, one by one, as they are said."""
    return _END.split(text)


def said(text: str) -> str | None:
    """Return what the library said in the reader's language; None where that is not known."""
    language = get_language() or "en"
    return text if language == "en" or not text else _said(text, language)


@lru_cache(maxsize=8192)
def _said(text: str, language: str) -> str | None:  # what is said hangs on it
    whole = _plain(text)
    if whole is not None:
        return whole
    parts = [_part(part) for part in sentences_in(text)]
    known = [part for part in parts if part is not None]
    return " ".join(known) if len(known) == len(parts) else _part(text)


def _part(text: str) -> str | None:
    """Return one sentence, or several clauses in one, or one with whom it is about in front."""
    found = _sentence(text) or _clauses(text)
    if found is not None:
        return found
    name, colon, rest = text.partition(": ")
    told = (_sentence(rest) or _clauses(rest)) if colon else None
    return None if told is None else f"{value_said(name)}: {told}"


def _clauses(text: str) -> str | None:
    """Return clauses that the library joined, and may have begun and ended as a sentence."""
    bare = text.removesuffix(".")
    parts = [_sentence(part) for part in f"{bare[:1].lower()}{bare[1:]}".split("; ")]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    joined = "; ".join(known) + text[len(bare) :]
    return joined if text[0].islower() else f"{joined[:1].upper()}{joined[1:]}"


def _sentence(text: str) -> str | None:
    plain = _plain(text)
    if plain is not None:
        return plain
    for template, pattern in templates():
        found = pattern.fullmatch(text)
        if found:
            values = {name: value_said(value) for name, value in found.groupdict().items()}
            return gettext(template) % values
    return None


def _plain(text: str) -> str | None:
    """Return what has no place for a figure or a name."""
    template = text.replace("%", "%%")
    translated = gettext(template) if text else ""
    known = translated != template or template in listed()
    return translated.replace("%%", "%") if known else None


def value_said(text: str) -> str:
    """Return a figure, a day, a word of the catalogue, a clause, or a name as the reader does."""
    if _DAY.fullmatch(text):
        return str(date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT"))
    found = _sentence(text) if text else ""
    return numerals(text) if found is None else found


def worded(text: str) -> str:
    """Return a heading, a word or a name of the library in the reader's language, or as it is."""
    translated = gettext(text) if text else ""
    return said(text) or text if translated == text else translated


@cache
def templates() -> Patterns:
    """Return the templates of all apps that have a place for something."""
    return patterns(each for each in listed() if _PLACE.search(each))


@cache
def listed() -> frozenset[str]:
    """Return what the library may say, as all apps list it."""
    return frozenset(chain.from_iterable(_of(app.name) for app in apps.get_app_configs()))


def _of(app: str) -> tuple[str, ...]:
    name = f"{app}.sentences"
    if not app.startswith("offtake_web.") or find_spec(name) is None:
        return ()
    return tuple(import_module(name).SENTENCES)


def patterns(sentences: Iterable[str]) -> Patterns:
    """Return each template with what fits it, those that say most first."""
    return tuple((each, _pattern(each)) for each in sorted(set(sentences), key=_weight))


def _weight(template: str) -> tuple[int, str]:
    return -len(_PLACE.sub("", template)), template


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _PLACE.split(template)
    texts = [re.escape(each.replace("%%", "%")) for each in pieces[::2]]
    places = [f"(?P<{name}>.+?)" for name in pieces[1::2]]
    return re.compile("".join(chain.from_iterable(zip(texts, [*places, ""], strict=True))))
