"""People at their browsers, in a process of its own: ``python -m ... VISIT.json REPORT.json``.

Each is a thread with a connection of their own that stays open. They choose what to open by weight,
wait as people do (or not), and now and then change their own draft or say something about it. They
send no If-None-Match and take no compressed answers: every page is made.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import sys
import threading
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

WEIGHTS: Mapping[str, float] = {
    "home": 10,
    "scoreboard": 8,
    "promotions": 8,
    "promotion": 8,
    "availability": 5,
    "availability-list": 3,
    "shoppers": 2,
    "shoppers-subject": 4,
    "tables": 1,
    "table": 4,
    "passport": 2,
    "glossary": 1,
    "plan-list": 8,
    "plan-timeline": 6,
    "plan-month": 3,
    "plan-account": 2,
    "plan": 10,
    "plan-new": 2,
    "loads": 1,
    "runs": 1,
    "run": 1,
    "jobs": 1,
    "api": 6,
    "change": 4,
    "comment": 3,
}
"""How often each is opened, in some parts of the whole; what a role has no link to is left out."""
TIMING = re.compile(r"app;dur=([\d.]+), cpu;dur=([\d.]+)")


class Form(HTMLParser):
    """Reads the fields of the form that is sent to an address, as a browser would send them."""

    def __init__(self, text: str, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.fields = action, False, list[tuple[str, str]]()
        self.select = self.area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("method") == "post" and given.get("action", "") == self.action
            if self.inside:  # of several, such as replies, the last one is meant
                self.fields = []
        if not self.inside:
            return
        name = given.get("name", "")
        if tag == "input" and name and self._sent(given):
            self.fields.append((name, given.get("value", "")))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.fields.append((self.select, given.get("value", "")))
        elif tag == "textarea":
            self.area = name
            self.fields.append((name, ""))

    @staticmethod
    def _sent(given: Mapping[str, str]) -> bool:
        if given.get("type") in ("submit", "button", "file"):
            return False
        return given.get("type") not in ("checkbox", "radio") or "checked" in given

    def handle_data(self, data: str) -> None:
        if self.area and self.fields:
            name, before = self.fields[-1]
            self.fields[-1] = (name, before + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""


class Visitor(threading.Thread):
    """One person; what each request took stands in ``seen`` afterwards."""

    def __init__(self, place: int, given: Mapping[str, Any], visit: Mapping[str, Any]) -> None:
        super().__init__()
        self.given, self.visit = given, visit
        self.random = random.Random(1000 * visit["seed"] + place)  # noqa: S311  # not a secret
        self.seen: list[tuple[str, int, float, float, float, int]] = []
        self.host = f"{visit['host']}:{visit['port']}"
        self.cookies = {"sessionid": given["cookie"]}
        self.line = http.client.HTTPConnection(visit["host"], visit["port"], timeout=60)

    def run(self) -> None:
        names = [name for name in WEIGHTS if self._can(name)]
        weights = [WEIGHTS[name] for name in names]
        self._wait()
        for name in self.random.choices(names, weights, k=self.visit["requests"]):
            if name == "change":
                self._send(name, f"{self.given['draft']}edit/", "message", "")
            elif name == "comment":
                self._send(name, self.given["draft"], "text", f"{self.given['draft']}comment/")
            else:
                self._ask(name, "GET", self.random.choice(self.given["addresses"][name]))
            self._wait()
        self.line.close()

    def _can(self, name: str) -> bool:
        if name in ("change", "comment"):
            return bool(self.given["draft"])
        return bool(self.given["addresses"].get(name))

    def _wait(self) -> None:
        if self.visit["pause_s"]:
            time.sleep(min(self.random.expovariate(1 / self.visit["pause_s"]), 15))

    def _send(self, name: str, page: str, field: str, action: str) -> None:
        """Open the page that has the form, write something, and send it."""
        text = self._ask(f"{name}, the form", "GET", page)
        fields = Form(text, action).fields
        words = f"Words number {self.random.randrange(10**6)}"
        sent = [(key, words if key == field else value) for key, value in fields]
        self._ask(name, "POST", action or page, urlencode(sent))

    def _ask(self, name: str, method: str, address: str, body: str | None = None) -> str:
        headers = {
            "Host": self.host,
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
            "Accept": "application/json" if name == "api" else "text/html",
            "Accept-Language": "en" if self.given["name"][-1] in "02468" else "sr-Latn",
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{self.host}{address}",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            self.line.request(method, address, body, headers)
            answer = self.line.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            self.seen.append((f"{name}: {error!r}", 0, 0.0, 0.0, time.perf_counter() - began, 0))
            return ""
        spent = time.perf_counter() - began
        self._keep_cookies(answer)
        told = TIMING.search(answer.getheader("Server-Timing", ""))
        wall, cpu = (float(told[1]), float(told[2])) if told else (0.0, 0.0)
        right = answer.status == (302 if method == "POST" else 200)
        shown = name if right else f"{name}: {method} {address} answered {answer.status}"
        self.seen.append((shown, int(right), wall, cpu, 1000 * spent, len(content)))
        return content.decode("utf-8", "replace")

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value


def main(visit: str, report: str) -> None:
    """Let everybody visit, and write what they saw."""
    given = json.loads(Path(visit).read_text(encoding="utf-8"))
    visitors = [Visitor(place, each, given) for place, each in enumerate(given["visitors"])]
    began, cpu = time.perf_counter(), time.process_time()
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    found = {
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "seen": [row for each in visitors for row in each.seen],
    }
    Path(report).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
