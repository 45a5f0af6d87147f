"""The benchmark of the workspace: its arithmetic, and the forms that its visitors fill in."""

from __future__ import annotations

import pytest

from benchmarks.workspace.cases import percentile
from benchmarks.workspace.visiting import Form

PAGE = """
<form method="post" action="/reply/"><input name="text" value="old"></form>
<form method="get" action="/say/"><input name="q" value="no"></form>
<form method="post" action="/say/">
  <input type="hidden" name="version" value="3"><input type="checkbox" name="sure" value="1">
  <input type="checkbox" name="display" value="1" checked>
  <select name="kind"><option value="a">A</option><option value="b" selected>B</option></select>
  <textarea name="text">two
lines</textarea><button name="go" value="1">Go</button>
</form>
"""


def test_a_form_is_sent_as_a_browser_would_send_it() -> None:
    assert Form(PAGE, "/say/").fields == [
        ("version", "3"),
        ("display", "1"),
        ("kind", "b"),
        ("text", "two\nlines"),
    ]


def test_of_several_forms_to_one_address_the_last_is_meant() -> None:
    twice = PAGE.replace('action="/reply/"', 'action="/say/"')
    assert Form(twice, "/say/").fields == Form(PAGE, "/say/").fields


def test_a_page_without_the_form_has_no_fields() -> None:
    assert Form(PAGE, "/elsewhere/").fields == []


@pytest.mark.parametrize(("share", "value"), [(50, 5), (95, 10), (99, 10), (10, 1)])
def test_percentiles_are_values_that_were_seen(share: float, value: float) -> None:
    assert percentile(list(range(10, 0, -1)), share) == value
