"""What every page of ours is made with: templates, the chart library, values for its script.

A page is one HTML file that holds its own style, script, chart library and data, and reaches for
nothing.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from offtake.report.words import MINUS

if TYPE_CHECKING:
    from jinja2 import Environment

SCOREBOARD, PROMOTIONS, AVAILABILITY = "scoreboard.html", "promotions.html", "availability.html"
SHOPPERS = "shoppers.html"
PAGES = (SCOREBOARD, PROMOTIONS, AVAILABILITY, SHOPPERS)
"""Pages of a run; the first is shown where none is named."""
_BUNDLE = "window.vegaEmbed = vegaEmbed;"


@cache
def environment() -> Environment:
    """Return the templates; whatever they write is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("offtake.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["unbroken"] = unbroken
    found.globals["pages"] = {
        "scoreboard": SCOREBOARD, "promotions": PROMOTIONS, "availability": AVAILABILITY,
        "shoppers": SHOPPERS,
    }  # fmt: skip
    return found


def unbroken(text: str) -> str:
    """Keep a sign on the line of its number."""
    return text.replace(MINUS, f"{MINUS}\N{WORD JOINER}")


def for_script(values: object) -> str:
    r"""Return values as JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> for_script({"name": "</script>"})
    '{"name":"\\u003c/script>"}'
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


@cache
def chart_library() -> str:
    """Return the chart library as one script, from the package that carries it."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle(_BUNDLE)
    return bundle.replace("</script", "<\\/script")
