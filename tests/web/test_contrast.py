"""Text can be read in both colour schemes: contrast by the formula of WCAG 2.2, at least AA."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

AA = 4.5
PAIRS = [
    ("text", "page"),
    ("text", "card"),
    ("soft", "page"),
    ("soft", "card"),
    ("accent", "page"),
    ("accent", "card"),
    ("alarm", "card"),
    ("warn", "card"),
    ("good", "card"),
    ("marketing", "card"),
    ("sales", "card"),
    ("marketing", "page"),
    ("sales", "page"),
    ("marketing", "marketing-soft"),
    ("sales", "sales-soft"),
    ("warn", "warn-soft"),
    ("alarm", "alarm-soft"),
    ("good", "good-soft"),
    ("on-accent", "accent"),
    ("accent", "accent-soft"),
    ("text", "alarm-soft"),
    ("text", "warn-soft"),
    ("text", "good-soft"),
]


def schemes() -> dict[str, dict[str, str]]:
    found = finders.find("common/site.css")
    assert isinstance(found, str)
    css = Path(found).read_text(encoding="utf-8")
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)
    assert pairs
    return {
        "light": {name: light for name, light, _ in pairs},
        "dark": {name: dark for name, _, dark in pairs},
    }


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_stands_out(scheme: str, front: str, back: str) -> None:
    palette = schemes()[scheme]
    assert contrast(palette[front], palette[back]) >= AA


def test_the_formula_at_its_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WCAG's known miss
