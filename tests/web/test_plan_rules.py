"""What the rules say of plans: forecasts that leave the base alone, words, versions, the demo."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from offtake.decisions import planning
from offtake.decisions.planning.activity import GATES, KINDS, SIDES, STATES
from offtake.decisions.planning.forecast import Forecast, expected_base
from offtake.decisions.planning.sentence import Sentence
from offtake.decisions.planning.workflow import MOVES
from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import markets
from offtake_web.plans import actions, actions_workflow, rules
from offtake_web.plans.demo import seed
from offtake_web.plans.diff import differences
from offtake_web.plans.facts import known
from offtake_web.plans.judging import activity_of, forecast_of
from offtake_web.plans.models import CONTENT, GateName, Kind, Plan, Side, State
from offtake_web.plans.queries import board, judged
from offtake_web.plans.sentences import SENTENCES
from offtake_web.plans.wording import in_words
from tests.web.plan_cast import bring, draft
from tests.web.plan_run import publish_planning

LIBRARY = Path(planning.__file__ or "").parent


def test_our_words_are_the_librarys() -> None:
    assert set(Kind.values) == set(KINDS)
    assert set(State.values) == set(STATES)
    assert set(Side.values) == set(SIDES)
    assert set(GateName.values) == set(GATES)
    assert rules.MOVE_NEEDS.keys() == set(MOVES) - {"agree"}
    assert actions_workflow.WHAT.keys() == set(MOVES)


def _sentences_of(path: Path) -> set[str]:
    """Every text with a place for a figure, and every plain one that a sentence is made of."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "%(" in node.value:
            found.add(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sentence":
            texts = [each for each in node.args[:1] if isinstance(each, ast.Constant)]
            found |= {str(each.value) for each in texts}
    return found


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_every_sentence_of_the_library_is_translated(path: Path) -> None:
    if path.stem == "sentence":
        pytest.skip("it has examples alone")
    lacking = {text for text in _sentences_of(path) if not any(text in each for each in SENTENCES)}
    assert not lacking, "add to plans/sentences.py, and to the catalogue"


def test_a_sentence_in_serbian() -> None:
    sentence = Sentence("The price cut is %(cut)s%%; more than %(limit)s%% needs a yes.",
                        {"cut": 40.5, "limit": 1200})  # fmt: skip
    with translation.override("sr-latn"):
        assert in_words(sentence) == "Sniženje cene je 40,5%; za više od 1.200% treba odobrenje."
    with translation.override("en"):
        assert in_words(Sentence("%(low)s%%", {"low": -96.3})) == "\N{MINUS SIGN}96.3%"
        assert in_words(Sentence("Due %(day)s.", {"day": date(2026, 1, 5)})) == "Due 5 Jan 2026."


CHANGES = [
    {"price_cut": 35},
    {"display": True, "feature": True},
    {"cost": 1_000_000, "cost_per_unit": 2},
    {"message": "Louder", "kind": "display"},
    {"name": "Sell twice the base", "benefit": "More"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_no_plan_changes_the_base(runs: Path, ana: User, change: dict[str, object]) -> None:
    publish_planning(runs)
    plan = draft(ana)
    facts = known(markets()[0])
    before = expected_base(activity_of(plan, facts), facts.facts)
    after = actions.change(plan, change, version=1, by=ana).plan
    assert before == expected_base(activity_of(after, facts), facts.facts)
    assert before == {("P1", "Korner"): pytest.approx(200.0)}


def test_without_a_run_nothing_is_known(ana: User) -> None:
    found = judged(draft(ana))
    assert not isinstance(found.forecast, Forecast)
    assert in_words(found.forecast.reason).startswith("No promotion model was fitted")


def test_a_damaged_run_is_no_error_page(runs: Path, signed_in: Client, ana: User) -> None:
    publish_planning(runs)
    (runs / "planning" / "tables" / "planning_base.parquet").write_bytes(b"PAR1nonsense")
    plan = draft(ana)
    assert signed_in.get(f"/main/plan/{plan.pk}/").status_code == 200


def test_a_new_run_is_seen_at_once(runs: Path, ana: User) -> None:
    publish_planning(runs, "monday")
    plan = draft(ana)
    market = markets()[0]
    before = board(market)
    publish_planning(runs, "tuesday")
    assert board(market) is not before
    assert known(market).run_id == "tuesday"
    facts = known(market)
    again = forecast_of(facts, activity_of(plan, facts))
    assert again is forecast_of(facts, activity_of(plan, facts))


def test_two_deals_on_one_item_are_found_from_both_sides(ana: User, milan: User) -> None:
    one = bring(draft(ana, name="One"), "proposed", marketing=ana, sales=milan)
    other = bring(draft(ana, name="Other"), "proposed", marketing=ana, sales=milan)
    for plan, against in ((one, other), (other, one)):
        found = board(markets()[0]).judged[plan.pk].conflicts
        assert [(each.kind, each.other) for each in found] == [("own_overlap", str(against.pk))]


def test_the_difference_of_two_versions_in_words(runs: Path, ana: User) -> None:
    publish_planning(runs)
    plan = draft(ana, product_ids=["P1"], store_ids=["S1"])
    before = plan.history.first()
    after = actions.change(
        plan,
        {"product_ids": ["P2"], "store_ids": None, "display": True, "cost": "12.50",
         "touchpoints": ["radio"], "brands": []},
        version=1, by=ana,
    ).plan  # fmt: skip
    found = {
        each.field: (each.before, each.after)
        for each in differences(before, after, known(markets()[0]))
    }
    assert found == {
        "product_ids": ("Bag 1", "Bag 2"),
        "brands": ("Alder Red", "Alder Blue"),
        "store_ids": ("Korner 1", "all"),
        "display": ("no", "yes"),
        "cost": ("none", "EUR 12.50"),
        "touchpoints": ("none", "radio"),
    }


def test_every_field_of_the_content_has_words(ana: User) -> None:
    plan = draft(ana)
    blank = Plan(market="main", kind="launch", side="marketing", first_day=date(2026, 1, 5),
                 last_day=date(2026, 1, 5), store_ids=[], price_cut=1)  # fmt: skip
    labels = {each.field for each in differences(blank, plan, known(markets()[0]))}
    assert labels <= {*CONTENT, "state"}


def test_the_demo_fills_a_market_once(runs: Path, cast: dict[str, User]) -> None:
    publish_planning(runs)
    for user in cast.values():
        user.retailers, user.territories = [], []
        user.save()
    market = markets()[0]
    made = seed(market)
    assert made == Plan.objects.count() > 10
    states = set(Plan.objects.values_list("state", flat=True))
    assert {"draft", "proposed", "agreed", "executed", "cancelled"} <= states
    assert any(each.conflicts for each in board(market).judged.values())
    assert seed(market) == 0
    assert Plan.objects.count() == made


def test_the_demo_needs_its_people(ana: User) -> None:
    assert seed(markets()[0]) == 0
    assert ana.role == Role.MARKETING
