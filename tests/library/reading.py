"""What a page holds: ids, links, addresses, tags and the words that can be read."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Gather ids, links, figures and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.passports: set[str] = set()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.silent = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        self.tags.append(tag)
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known["href"]] if tag == "a" else []
        self.addresses += [known[name] for name in ("src", "href", "srcset") if name in known]
        if "data-passport" in known:
            self.passports.add(known["data-passport"])
        if tag in ("script", "style"):
            self.silent = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.text += data.split()

    @property
    def words(self) -> str:
        return " ".join(self.text).replace("\N{WORD JOINER}", "")
