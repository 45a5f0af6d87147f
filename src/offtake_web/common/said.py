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
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_noop as _

from offtake_web.common.numerals import numerals
from offtake_web.common.spans import count_said, days_said

Patterns = tuple[tuple[str, re.Pattern[str]], ...]
Say = Callable[[str], str | None]
CODE = "code"
"""What the name of a place begins with whose value nobody translates, such as a file's name."""
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


def sentences_in(text: str) -> list[str]:
    """Return the sentences of a text, one by one, as they are said."""
    return _END.split(text)


@lru_cache(maxsize=8192)
def _said(text: str, language: str) -> str | None:  # what is said hangs on it
    found = _covered(sentences_in(text), " ", _part)
    return None if found is None else " ".join(found)


def _part(text: str) -> str | None:
    """Say a sentence, or clauses joined to one, with the name of whom it is about in front."""
    found = _whole(text)
    name, colon, rest = text.partition(": ")
    if found is not None or not colon:
        return found
    told = _whole(rest)
    return None if told is None else f"{value_said(name)}: {told}"


def _whole(text: str) -> str | None:
    found = _sentence(text)
    return _joined(text) if found is None else found


def _joined(text: str) -> str | None:
    """Say clauses that the library put one after the other, and begins and ends as a sentence."""
    bare = text.removesuffix(".")
    clauses = f"{bare[:1].lower()}{bare[1:]}".split("; ")
    found = _covered(clauses, "; ", _sentence)
    if found is None:
        return None
    told = "; ".join(found) + text[len(bare) :]
    return told if text[0].islower() else f"{told[0].upper()}{told[1:]}"


def _covered(parts: Sequence[str], joint: str, say: Say) -> list[str] | None:
    """Say parts one by one, joined where only several are known: names hold what ends a part."""
    ends: list[list[str] | None] = [[]]  # how what begins at each part is said, the last first
    for start in reversed(range(len(parts))):
        ends.append(_begun(parts[start:], joint, say, ends))
    return ends[-1]


def _begun(
    parts: Sequence[str], joint: str, say: Say, ends: list[list[str] | None]
) -> list[str] | None:
    for size in range(1, len(parts) + 1):
        rest = ends[len(parts) - size]
        first = None if rest is None else say(joint.join(parts[:size]))
        if first is not None and rest is not None:
            return [first, *rest]
    return None


def _sentence(text: str) -> str | None:
    return _fitting(text, templates())


def _clause(text: str) -> str | None:
    found = _fitting(text, clauses())
    return _sentence(text) if found is None and " " in text else found


def _fitting(text: str, known: Patterns) -> str | None:
    plain = _without_places(text)
    if plain is not None:
        return plain
    for template, pattern in known:
        found = pattern.fullmatch(text)
        if found:
            values = found.groupdict().items()
            return gettext(template) % {name: _placed(name, value) for name, value in values}
    return None


def _placed(name: str, value: str) -> str:
    """Say what stands in a place; names of tables, columns and commands are the same for all."""
    return value if name.startswith(CODE) else value_said(value)


def _without_places(text: str) -> str | None:
    """Say what has no place for a figure or a name, though it may read alike in both languages."""
    template = text.replace("%", "%%")
    translated = (_word(template) if text else None) or template
    known = translated != template or template in listed()
    return translated.replace("%%", "%") if known else None


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
    """Return a word; where pages use it in another sense too, that of headings goes first."""
    found = pgettext("heading", text)
    translated = gettext(text) if found == text else found
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


@cache
def listed() -> frozenset[str]:
    """Return all that the library may say, with or without places."""
    return frozenset(chain(_all("SENTENCES"), _all("CLAUSES")))


def _all(kind: str) -> Iterator[str]:
    return chain.from_iterable(_of(app.name, kind) for app in apps.get_app_configs())


def _of(app: str, kind: str) -> tuple[str, ...]:
    name = f"{app}.sentences"
    if not app.startswith("offtake_web.") or find_spec(name) is None:
        return ()
    return tuple(getattr(import_module(name), kind, ()))


def patterns(sentences: Iterable[str], figures: Sequence[str] = ()) -> Patterns:
    """Return each template with what fits it, those that say most first.

    In the places `figures` only one figure fits; in the others whatever there is. What has no
    place needs no pattern, and what has no word of its own would fit anything.
    """
    placed = {each for each in sentences if _PLACE.search(each) and _worded(each)}
    return tuple((each, _pattern(each, figures)) for each in sorted(placed, key=_weight))


def _worded(template: str) -> bool:
    return any(letter.isalpha() for letter in _PLACE.sub("", template))


def _weight(template: str) -> tuple[int, str]:
    return -len(_PLACE.sub("", template)), template


def _pattern(template: str, figures: Sequence[str]) -> re.Pattern[str]:
    pieces = _PLACE.split(template)
    texts = [re.escape(each.replace("%%", "%")) for each in pieces[::2]]
    places = [
        rf"(?P<{name}>\S*\d\S*)" if name in figures else f"(?P<{name}>.+?)" for name in pieces[1::2]
    ]
    return re.compile("".join(chain.from_iterable(zip(texts, [*places, ""], strict=True))))
