"""Sentences that the library wrote, in the reader's language.

A run holds sentences, not what they were made of. So each app lists the templates that they follow,
``SENTENCES`` in its module ``sentences``, with a place ``%(name)s`` for every figure and name, and
in ``CLAUSES`` those of what may stand in such a place. What fits a template is said by the
template's translation; the rest stays English, and is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import chain

from django.apps import apps
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from offtake_web.common.numerals import numerals
from offtake_web.common.spans import count_said, days_said

Patterns = tuple[tuple[str, re.Pattern[str]], ...]
Say = Callable[[str], str | None]
_PLACE = re.compile(r"%\((\w+)\)s")
_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
_BETWEEN = (" \N{MIDDLE DOT} ", "|")
"""What separates the parts of a text, each of which may be a name."""
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{4}|\b(?!to\b|pts\b)[a-z]+")
_FIGURES = ("count", "units")
"""Places of clauses that hold one figure, and nothing of what stands before it."""
_LIST = _("%(first)s and %(last)s")


def said(text: str) -> str | None:
    """Return what the library said in the reader's language; None where that is not known."""
    language = get_language() or "en"
    return text if language == "en" or not text else _said(text, language)


@lru_cache(maxsize=8192)
def _said(text: str, language: str) -> str | None:  # what is said hangs on it
    found = _covered(_END.split(text), " ", _sentence)
    return None if found is None else " ".join(found)


def _covered(parts: Sequence[str], joint: str, say: Say) -> list[str] | None:
    """Say parts one by one, joined where only several are known: names hold what ends a part."""
    if not parts:
        return []
    for size in range(1, len(parts) + 1):
        first = say(joint.join(parts[:size]))
        rest = None if first is None else _covered(parts[size:], joint, say)
        if first is not None and rest is not None:
            return [first, *rest]
    return None


def _sentence(text: str) -> str | None:
    return _fitting(text, templates())


def _clause(text: str) -> str | None:
    found = _fitting(text, clauses())
    return _sentence(text) if found is None and " " in text else found


def _fitting(text: str, known: Patterns) -> str | None:
    for template, pattern in known:
        found = pattern.fullmatch(text)
        if found:
            values = {name: value_said(value) for name, value in found.groupdict().items()}
            translated = gettext(template)
            return translated % values if values else translated.replace("%%", "%")
    return None


def value_said(text: str) -> str:
    """Return a figure, days, a word, a clause or a list of them as the reader's language has it.

    Names, and whatever else is not known, stay as they are.
    """
    language = get_language() or "en"
    return text if language == "en" or not text else _value_said(text, language)


def worded(text: str) -> str:
    """Return a heading, a word or a name of the library in the reader's language, or as it is."""
    return value_said(text) if (found := said(text)) is None else found


@lru_cache(maxsize=16384)
def _value_said(text: str, language: str) -> str:  # what is said hangs on it
    found = _first(text, (_word, _parted, _listed, _plain))
    return text if found is None else found


def _first(text: str, ways: Iterable[Say]) -> str | None:
    return next((found for way in ways if (found := way(text))), None)


def _plain(text: str) -> str | None:
    return _first(text, (_word, days_said, count_said, _figure, _clause))


def _word(text: str) -> str | None:
    translated = gettext(text)
    return None if translated == text else translated


def _figure(text: str) -> str | None:
    """Return figures; what has words beside them is a name, whose digits stay."""
    return numerals(text) if _DIGIT.search(text) and not _WORD.search(text) else None


def _listed(text: str) -> str | None:
    """Return a list of what is known: "A; B", "A, B" or "A, B and C"."""
    for joint in ("; ", ", "):
        found = _covered(text.split(joint), joint, _plain) if joint in text else None
        if found:
            return joint.join(found)
    head, between, last = text.rpartition(" and ")
    first = _covered(head.split(", "), ", ", _plain) if between else None
    end = _plain(last) if first else None
    if not first or end is None:
        return None
    return gettext(_LIST) % {"first": ", ".join(first), "last": end}


def _parted(text: str) -> str | None:
    """Return parts of which some may be names, each as far as it is known."""
    between = next((each for each in _BETWEEN if each in text), "")
    return between.join(map(value_said, text.split(between))) if between else None


@cache
def templates() -> Patterns:
    """Return the templates of sentences of all apps."""
    return patterns(_all("SENTENCES"))


@cache
def clauses() -> Patterns:
    """Return the templates of parts of sentences of all apps."""
    return patterns(_all("CLAUSES"), _FIGURES)


def _all(kind: str) -> Iterator[str]:
    return chain.from_iterable(_of(app.name, kind) for app in apps.get_app_configs())


def _of(app: str, kind: str) -> tuple[str, ...]:
    name = f"{app}.sentences"
    if not app.startswith("offtake_web.") or find_spec(name) is None:
        return ()
    return tuple(getattr(import_module(name), kind, ()))


def patterns(sentences: Iterable[str], figures: Sequence[str] = ()) -> Patterns:
    """Return each template with what fits it, those that say most first.

    In the places `figures` only one figure fits; in the others whatever there is.
    """
    return tuple((each, _pattern(each, figures)) for each in sorted(set(sentences), key=_weight))


def _weight(template: str) -> tuple[int, str]:
    return -len(_PLACE.sub("", template)), template


def _pattern(template: str, figures: Sequence[str]) -> re.Pattern[str]:
    pieces = _PLACE.split(template)
    texts = [re.escape(each.replace("%%", "%")) for each in pieces[::2]]
    places = [
        rf"(?P<{name}>\S*\d\S*)" if name in figures else f"(?P<{name}>.+?)" for name in pieces[1::2]
    ]
    return re.compile("".join(chain.from_iterable(zip(texts, [*places, ""], strict=True))))
