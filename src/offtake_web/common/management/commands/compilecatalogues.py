"""Turn every ``.po`` catalogue of ours into the ``.mo`` file that Django reads, without gettext.

Words that a catalogue lacks are added to it, to be translated. Both files are kept in the
repository, so that an installation needs neither this command nor gettext; a test compares them.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from offtake_web.common.catalogues import apps, catalogue, marked

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: sr_Latn\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 "
": n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"
"""
KEYWORDS = ("msgctxt", "msgid", "msgstr")
MAGIC, HEADER_SIZE, ENTRY_SIZE = 0x950412DE, 28, 8


def messages(po: str) -> dict[str, str]:
    """Map each translated message to its text, in the form that gettext's binary files use.

    Plural forms are joined by NUL, and a context stands before its message with EOT between.
    """
    entries = {_key(fields): _text(fields) for fields in _entries(po)}
    return {key: text for key, text in entries.items() if text.strip("\0")}


def compiled(texts: dict[str, str]) -> bytes:
    """Lay out messages as a little-endian gettext binary, sorted by message, with no hash table."""
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    tables = HEADER_SIZE + 2 * ENTRY_SIZE * len(pairs)
    keys, after = _table([key for key, _ in pairs], tables)
    values, _ = _table([text for _, text in pairs], after)
    originals, translations = HEADER_SIZE, HEADER_SIZE + ENTRY_SIZE * len(pairs)
    header = struct.pack("<7I", MAGIC, 0, len(pairs), originals, translations, 0, tables)
    body = b"".join(key + b"\0" for key, _ in pairs) + b"".join(text + b"\0" for _, text in pairs)
    return header + keys + values + body


def _table(strings: list[bytes], offset: int) -> tuple[bytes, int]:
    rows = []
    for string in strings:
        rows.append(struct.pack("<2I", len(string), offset))
        offset += len(string) + 1
    return b"".join(rows), offset


def _entries(po: str) -> Iterator[dict[str, str]]:
    for block in po.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#~")]
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
        fields = _fields([line for line in lines if not line.startswith("#")])
        if fields and not fuzzy:
            yield fields


def _fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        keyword, _, after = line.partition(" ")
        name, quoted = (keyword, after) if line.startswith(KEYWORDS) else (name, line)
        fields[name] = fields.get(name, "") + ast.literal_eval(quoted)
    return fields


def _key(fields: dict[str, str]) -> str:
    context = f"{fields['msgctxt']}\4" if "msgctxt" in fields else ""
    plural = f"\0{fields['msgid_plural']}" if "msgid_plural" in fields else ""
    return context + fields["msgid"] + plural


def _text(fields: dict[str, str]) -> str:
    return "\0".join(text for name, text in sorted(fields.items()) if name.startswith("msgstr"))


def missing(app: Path) -> set[str]:
    """Return the messages of an app that its catalogue does not have."""
    po = catalogue(app)
    known = {_key(fields) for fields in _entries(po.read_text("utf-8"))} if po.is_file() else set()
    return marked(app) - known


def entry(message: str) -> str:
    """Write an untranslated message for a catalogue."""
    one, _, many = message.partition("\0")
    context, _, text = one.rpartition("\4")
    lines = [f"msgctxt {_quoted(context)}"] if context else []
    lines.append(f"msgid {_quoted(text)}")
    if many:
        lines += [f"msgid_plural {_quoted(many)}", *(f'msgstr[{form}] ""' for form in range(3))]
    else:
        lines.append('msgstr ""')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"'


class Command(BaseCommand):
    help = "Complete and compile the translations of every app (no gettext needed)."

    def handle(self, *args: Any, **options: Any) -> None:
        for app in apps():
            self._complete(app)
            po = catalogue(app)
            if po.is_file():
                texts = messages(po.read_text(encoding="utf-8"))
                po.with_suffix(".mo").write_bytes(compiled(texts))
                old = sorted(texts.keys() - {""} - marked(app))
                self.stdout.write(f"{app.name}: {len(texts)} entries; no longer used: {old}")

    def _complete(self, app: Path) -> None:
        new, po = sorted(missing(app)), catalogue(app)
        if not new:
            return
        po.parent.mkdir(parents=True, exist_ok=True)
        before = po.read_text(encoding="utf-8") if po.is_file() else HEADER
        added = "\n\n".join(entry(message) for message in new)
        po.write_text(f"{before.rstrip()}\n\n{added}\n", encoding="utf-8")
        self.stdout.write(f"{po}: {len(new)} messages to translate")
