"""Which words an app of ours shows, found in its templates and its code, for its translations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation.template import templatize

WEB = Path(__file__).parents[1]
_NAMES = {"gettext", "gettext_lazy", "gettext_noop", "_"}
_PLURALS = {"ngettext", "ngettext_lazy"}
_CONTEXTS = {"pgettext", "pgettext_lazy"}
_IN_TEMPLATE = re.compile(r"\b(n?p?gettext)\((.*?)\)\s", re.DOTALL)


def apps() -> tuple[Path, ...]:
    """Return the folders of our apps that show words."""
    return tuple(path.parent for path in sorted(WEB.glob("*/apps.py")))


def catalogue(app: Path) -> Path:
    return app / "locale" / "sr_Latn" / "LC_MESSAGES" / "django.po"


def marked(app: Path) -> set[str]:
    """Return every message of an app, in the form of gettext's binary files."""
    return _marked_in_text(app) | _listed(app)


def _listed(app: Path) -> set[str]:
    """Return what the library says, as the app's module ``sentences`` lists it."""
    name = f"{WEB.name}.{app.name}.sentences"
    if app.parent != WEB or find_spec(name) is None:
        return set()
    return set(import_module(name).SENTENCES)


def _marked_in_text(app: Path) -> set[str]:
    return {
        message
        for path in sorted(app.rglob("*"))
        if path.suffix in (".html", ".txt", ".py") and "migrations" not in path.parts
        for message in (_in_code(path) if path.suffix == ".py" else _in_template(path))
    }


def _in_template(path: Path) -> Iterator[str]:
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for name, arguments in _IN_TEMPLATE.findall(code + " "):
        yield from _messages(name, ast.parse(f"f({arguments})", mode="eval").body)


def _in_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            yield from _messages(node.func.id if isinstance(node.func, ast.Name) else name, node)


def _messages(name: str, call: ast.AST) -> Iterator[str]:
    if not isinstance(call, ast.Call):
        return
    words = [each.value for each in call.args if isinstance(each, ast.Constant)]
    texts = [each for each in words if isinstance(each, str)]
    if name in _NAMES and texts:
        yield texts[0]
    elif name in _PLURALS and len(texts) > 1:
        yield f"{texts[0]}\0{texts[1]}"
    elif name in _CONTEXTS and len(texts) > 1:
        yield f"{texts[0]}\4{texts[1]}"
