"""What the library can write, found in its code, and what a page leaves in English."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.test import Client

from offtake_web.common.said import listed, value_said

_AROUND = " .;,:()$%"
_PLACE = re.compile(r"%\(\w+\)s")
_SENTENCE = re.compile(r"(?<=[.!?]) ")
TWO_WORDS = re.compile(r"[a-z]{2,} [a-z']{2,}")


def texts_of(module: ModuleType) -> set[str]:
    """Return every text of two words or more in a module's code, in pieces around its figures."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {
        text.strip(" .;,:") for text in found if isinstance(text, str) and TWO_WORDS.search(text)
    }


def is_known(text: str) -> bool:
    """Say whether some template has a text, or whether all of its sentences stand in some."""
    return value_said(text) != text or all(
        re.search(rf"\b{re.escape(part.strip(_AROUND))}(?!\w)", _known())
        for part in _SENTENCE.split(text.lower().lstrip(_AROUND))
        if part.strip(_AROUND)
    )


@cache
def _known() -> str:
    """Return what stands in templates around their places, a line each."""
    parts = chain.from_iterable(_PLACE.split(each.replace("%%", "%")) for each in listed())
    return "\n".join(parts).lower()


ALIKE = ("English", "offtake load FILE --as")
"""How readers of English call their language, and what is typed."""


def nothing_english(client: Client, address: str, but: Iterable[str] = ()) -> None:
    """Fail where a page shows in Serbian what it shows in English, or marks it as English."""
    there, here = (page_of(client, address, language) for language in ("en", "sr-latn"))
    left = english_of(here) | (sentences_of(there) & sentences_of(here))
    allowed = re.compile("|".join(map(re.escape, (*but, *ALIKE))))
    left = {each for each in left if not allowed.search(each)}
    assert not left, f"{address}: {left}"


def page_of(client: Client, address: str, language: str, *statuses: int) -> str:
    """Return the text of a page in a language; of one that is answered 200, or as stated."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address)
    assert response.status_code in (200, *statuses), address
    text = response.content.decode()
    return re.sub(r"<script.*?</script>", "", text[text.index("<main") :], flags=re.DOTALL)


def english_of(text: str) -> set[str]:
    """Return what is marked as English."""
    found = re.findall(r'<(\w+)[^>]* lang="en"[^>]*>(.*?)</\1>', text, flags=re.DOTALL)
    return {html.unescape(re.sub(r"<[^>]*>", "", each)) for _, each in found}


def sentences_of(text: str) -> set[str]:
    """Return texts of two plain words or more."""
    return {
        html.unescape(each).strip() for each in re.split(r"<[^>]*>", text)
        if TWO_WORDS.search(each)
    }  # fmt: skip
