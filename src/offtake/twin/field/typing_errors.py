"""Typing errors of the kinds that thumbs make."""

from __future__ import annotations

import numpy as np

PLAIN = str.maketrans({"č": "c", "ć": "c", "š": "s", "ž": "z", "đ": "dj",
                       "Č": "C", "Ć": "C", "Š": "S", "Ž": "Z", "Đ": "Dj"})  # fmt: skip
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "y": "tu", "z": "x",
}  # fmt: skip
_PLAIN_SHARE = 0.5
_MORE = 0.3


def mistype(text: str, random: np.random.Generator, *, plain: bool) -> str:
    """Return a text with one typing error or a few.

    Parameters
    ----------
    text
        What was meant; it has two different letters next to each other somewhere.
    random
        Where the numbers come from.
    plain
        Whether half of the time all letters lose their diacritics instead.

    Examples
    --------
    >>> mistype("čeka se", np.random.default_rng(4), plain=True) != "čeka se"
    True
    """
    if plain and random.random() < _PLAIN_SHARE:
        stripped = text.translate(PLAIN)
        if stripped != text:
            return stripped
    wrong = _slip(text, random)
    while random.random() < _MORE:
        wrong = _slip(wrong, random)
    # A second slip may undo the first.
    return wrong if wrong != text else _slip(text, random)


def _slip(text: str, random: np.random.Generator) -> str:
    """Swap, drop, double or miss one letter inside a word."""
    spots = [
        at
        for at in range(1, len(text) - 1)
        if text[at].isalpha() and text[at + 1].isalpha() and text[at] != text[at + 1]
    ]
    at = spots[int(random.integers(len(spots)))]
    here, after = text[at], text[at + 1]
    near = NEIGHBOURS.get(here, here + here)
    slips = (
        after + here,
        after,
        here + here + after,
        near[int(random.integers(len(near)))] + after,
    )
    wrong = slips[int(random.integers(len(slips)))]
    if wrong == here + after:  # no neighbour is known for this key
        wrong = after + here
    return text[:at] + wrong + text[at + 2 :]
