"""What every endpoint has: sign-in, permission, problems as documents, ETags, keys, pages, a rate."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from offtake_web.accounts.models import Token, User
from offtake_web.api.frame.problems import KINDS
from offtake_web.api.models import Answer
from tests.web.api_cast import MAIN, ROOT, Caller, caller, publish


def problem(response: Any, name: str) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response.content)
    assert document["type"] == f"/api/v1/docs#{name}"
    assert document["status"] == response.status_code == KINDS[name].status
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == response.request["PATH_INFO"]
    assert "private" in response["Cache-Control"]
    return document


def test_a_token_says_whose_it_is(jelena: User) -> None:
    answer = caller(jelena).get("/me").json()
    assert answer["username"] == "jelena"
    assert answer["side"] == "sales"
    assert answer["part"] == {"retailers": ["Korner"], "territories": [], "brands": []}
    assert "plan.agree_sales" in answer["permissions"]


def test_a_token_narrows_what_its_owner_may(dragan: User) -> None:
    narrow = caller(dragan, "read")
    assert narrow.get("/me").json()["permissions"] == ["feeds.view", "figures.view", "plan.view"]
    refused = narrow.post(f"{MAIN}/refreshes", {})
    assert "runs.refresh" in problem(refused, "not-allowed")["detail"]


def test_a_token_never_widens_what_its_owner_may(olga: User) -> None:
    token = caller(olga)
    Token.objects.update(scopes=["read", "plan", "data", "people", "account"])
    problem(token.post(f"{MAIN}/refreshes", {}), "not-allowed")


def test_an_action_that_asks_for_more_than_its_endpoint_is_held_to_the_token(vesna: User) -> None:
    job = caller(vesna, "data").post(f"{MAIN}/ledger").json()["id"]
    problem(caller(vesna, "read").post(f"{MAIN}/jobs/{job}/stop"), "not-allowed")
    assert caller(vesna, "read", "data").post(f"{MAIN}/jobs/{job}/stop").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ", "Basic YW5hOmFuYQ==", "offtake_a_b", "Bearer a b"]
)
def test_a_worthless_token(db: None, header: str) -> None:
    response = Caller(Client(), {"Authorization": header}).get("/me")
    problem(response, "not-signed-in")
    assert response["WWW-Authenticate"].startswith("Bearer realm=")


def test_a_worthless_token_is_refused_in_a_browser_that_is_signed_in(signed_in: Client) -> None:
    response = signed_in.get(f"{ROOT}/me", headers={"Authorization": "Bearer nonsense"})
    problem(response, "not-signed-in")


def test_a_stranger(db: None) -> None:
    response = caller(None).get("/me")
    problem(response, "not-signed-in")
    assert "invalid_token" not in response["WWW-Authenticate"]


def test_a_closed_account(ana: User) -> None:
    token = caller(ana)
    User.objects.update(is_active=False)
    problem(token.get("/me"), "not-signed-in")


def test_a_browser_reads_and_changes_with_its_token_against_forgery(vesna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(vesna)
    assert client.get(f"{ROOT}/me").status_code == 200
    problem(client.post(f"{MAIN}/ledger", content_type="application/json"), "forged")
    client.get("/main/jobs/")
    secret = client.cookies["csrftoken"].value
    assert (
        client.post(
            f"{MAIN}/ledger", content_type="application/json", headers={"X-CSRFToken": secret}
        ).status_code
        == 201
    )


def test_a_browser_has_to_prove_who_sits_before_it_for_what_is_sensitive(dragan: User) -> None:
    client = Client()
    client.force_login(dragan)
    body = {"name": "mine", "scopes": ["read"]}
    refused = client.post(f"{ROOT}/tokens", body, content_type="application/json")
    assert "Sign in again" in problem(refused, "not-allowed")["detail"]


def test_a_token_needs_no_token_against_forgery(dragan: User) -> None:
    token = caller(dragan)
    strict = Caller(Client(enforce_csrf_checks=True), token.headers)
    assert strict.post("/tokens", {"name": "a", "scopes": ["read"]}).status_code == 201


def test_no_cross_origin_reading(ana: User) -> None:
    response = caller(ana).get("/me", Origin="https://elsewhere.example")
    assert not [name for name in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["/nowhere", "/markets/none", "/markets/main/runs/none", "/"])
def test_nothing_there(ana: User, path: str) -> None:
    problem(caller(ana).get(path), "not-found")
    problem(caller(None).get(path), "not-signed-in")


def test_what_cannot_be_done_here(ana: User) -> None:
    response = caller(ana)("DELETE", "/markets")
    problem(response, "wrong-method")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_options_say_what_can_be_done(ana: User) -> None:
    response = caller(ana)("OPTIONS", "/tokens")
    assert response.status_code == 204
    assert response["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_head_is_get_without_a_body(ana: User) -> None:
    read, short = (caller(ana)(method, "/markets") for method in ("GET", "HEAD"))
    assert short.status_code == 200
    assert short.content == b""
    assert short["Content-Length"] == str(len(read.content))
    assert short["ETag"] == read["ETag"]


@pytest.mark.parametrize("body", ["{", '{"name": NaN}', '{"name": "\\u0000"}', '{"name": "\\ud800"}',
                                  "[" * 100_000, b"\xff"])  # fmt: skip
def test_a_body_that_cannot_be_read(ana: User, body: str) -> None:
    client, headers = Client(), caller(ana).headers
    response = client.post(f"{ROOT}/tokens", body, content_type="application/json", headers=headers)
    problem(response, "unreadable")


def test_a_body_of_the_wrong_type(ana: User) -> None:
    response = Client().post(f"{ROOT}/tokens", {"name": "a"}, headers=caller(ana).headers)
    problem(response, "wrong-type")


def test_a_body_that_is_too_large(ana: User) -> None:
    problem(caller(ana).post("/tokens", {"name": "a" * 2**20}), "too-large")


def test_each_fault_names_the_field_and_what_was_got_and_what_is_allowed(ana: User) -> None:
    body = {"name": "", "scopes": ["all"], "days": 0, "colour": "red"}
    faults = problem(caller(ana).post("/tokens", body), "not-valid")["errors"]
    by_field = {fault["field"]: fault for fault in faults}
    assert by_field["body.name"] == {
        "field": "body.name", "got": "", "allowed": "1 characters or more",
    }  # fmt: skip
    assert by_field["body.days"]["got"] == 0
    assert by_field["body.days"]["allowed"] == "1 or more"
    assert by_field["body.scopes.0"]["got"] == "all"
    assert "'read'" in by_field["body.scopes.0"]["allowed"]
    assert by_field["body.colour"] == {"field": "body.colour", "allowed": "no such field"}


def test_a_query_that_nobody_knows(ana: User) -> None:
    faults = problem(caller(ana).get("/markets?colour=red"), "not-valid")["errors"]
    assert faults == [{"field": "query.colour", "allowed": "nothing"}]


def test_problems_are_in_the_readers_language(ana: User) -> None:
    token = caller(ana)
    response = token.get("/nowhere", Accept_Language="sr-Latn")
    assert problem(response, "not-found")["title"] == "Nije pronađeno"
    assert "Accept-Language" in response["Vary"]


def test_a_failure_of_ours_tells_nothing(
    ana: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("offtake_web.api.endpoints.markets.markets", fail)
    response = caller(ana).get("/markets")
    assert "secret" not in str(problem(response, "failure"))
    assert "secret" in caplog.text


@pytest.mark.parametrize("asked", ["{etag}", '"other", {etag}', "W/{etag}", "*"])
def test_what_the_caller_has_is_not_sent_again(ana: User, runs: Path, asked: str) -> None:
    publish(runs)
    token = caller(ana)
    first = token.get(f"{MAIN}/runs")
    assert first["Cache-Control"] == "private, no-cache"
    again = token.get(f"{MAIN}/runs", If_None_Match=asked.format(etag=first["ETag"]))
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    publish(runs, "20260103T083000000Z-00000002")
    if asked != "*":
        changed = token.get(f"{MAIN}/runs", If_None_Match=asked.format(etag=first["ETag"]))
        assert changed.status_code == 200


def test_too_many_requests(ana: User, settings: Settings) -> None:
    settings.OFFTAKE_API_PER_MINUTE = 3
    token, other = caller(ana), caller(ana)
    statuses = [token.get("/me").status_code for _ in range(5)]
    assert statuses.count(200) in (3, 4, 5)  # the minute may turn
    if statuses[-1] == 429:
        response = token.get("/me")
        problem(response, "too-many")
        assert 0 < int(response["Retry-After"]) <= 60
    assert other.get("/me").status_code == 200


def test_pages_hold_everything_exactly_once(ana: User, runs: Path) -> None:
    names = [publish(runs, f"202601{day:02d}T083000000Z-00000001") for day in range(1, 8)]
    token, seen, address = caller(ana), [], f"{MAIN}/runs?size=3"
    while address:
        response = token.get(address)
        assert response.json()["total"] == 7
        seen += [line["run_id"] for line in response.json()["items"]]
        address = links(response).get("next", "")
    assert seen == sorted(names, reverse=True)


def links(response: Any) -> dict[str, str]:
    found = {}
    for part in response["Link"].split(", "):
        address, _semicolon, name = part.partition("; ")
        found[name.removeprefix('rel="').rstrip('"')] = address.strip("<>")
    return found


def test_a_page_beyond_the_last_is_empty(ana: User, runs: Path) -> None:
    publish(runs)
    response = caller(ana).get(f"{MAIN}/runs?page=9")
    assert response.json()["items"] == []
    assert links(response)["last"] == f"{MAIN}/runs?page=1"


@pytest.mark.parametrize("query", ["page=0", "size=0", "size=501", "page=x", "page=1000001"])
def test_a_page_is_bounded(ana: User, query: str) -> None:
    problem(caller(ana).get(f"{MAIN}/runs?{query}"), "not-valid")


KEY = {"Idempotency_Key": "order-1"}


def test_the_same_key_and_request_give_the_same_answer(vesna: User) -> None:
    token = caller(vesna)
    first = token.post(f"{MAIN}/ledger", **KEY)
    again = token.post(f"{MAIN}/ledger", **KEY)
    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert token.get(f"{MAIN}/jobs").json()["total"] == 1


def test_the_same_key_with_another_request_is_refused(vesna: User, runs: Path) -> None:
    publish(runs)
    token = caller(vesna)
    assert token.post(f"{MAIN}/refreshes", {}, **KEY).status_code == 201
    problem(token.post(f"{MAIN}/refreshes", {"weeks": 4}, **KEY), "key-used")


def test_a_key_is_its_owners(vesna: User, dragan: User) -> None:
    for user in (vesna, dragan):
        assert "Idempotent-Replayed" not in caller(user).post(f"{MAIN}/ledger", **KEY)


def test_a_request_that_failed_may_be_tried_again_under_its_key(vesna: User, runs: Path) -> None:
    token = caller(vesna)
    problem(token.post(f"{MAIN}/refreshes", {}, **KEY), "not-valid")
    publish(runs)
    assert token.post(f"{MAIN}/refreshes", {}, **KEY).status_code == 201


def test_a_key_whose_request_is_still_worked_on(vesna: User) -> None:
    token = caller(vesna)
    token.post(f"{MAIN}/ledger", **KEY)
    Answer.objects.update(status=None)
    response = token.post(f"{MAIN}/ledger", **KEY)
    problem(response, "key-in-use")
    assert response["Retry-After"] == "1"


def test_a_key_is_bounded(vesna: User) -> None:
    problem(caller(vesna).post(f"{MAIN}/ledger", Idempotency_Key="x" * 101), "not-valid")


def test_a_secret_is_never_kept(ana: User) -> None:
    token = caller(ana)
    response = token.post("/tokens", {"name": "a", "scopes": ["read"]}, **KEY)
    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response
    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_racing_repeats_have_one_effect(vesna: User) -> None:
    token = caller(vesna)

    def send(_place: int) -> int:
        try:
            return int(token.post(f"{MAIN}/ledger", **KEY).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        statuses = set(pool.map(send, range(8)))
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert caller(vesna).get(f"{MAIN}/jobs").json()["total"] == 1


def test_a_token_cannot_make_one_that_may_more(ana: User) -> None:
    narrow = caller(ana, "read", "account")
    problem(narrow.post("/tokens", {"name": "b", "scopes": ["plan"]}), "not-allowed")
    made = narrow.post("/tokens", {"name": "b", "scopes": ["read"]})
    assert made.status_code == 201
    other = Caller(Client(), {"Authorization": f"Bearer {made.json()['token']}"})
    assert other.get("/markets").status_code == 200


def test_a_revoked_token_is_worth_nothing(ana: User) -> None:
    token, number = caller(ana), Token.objects.get().pk
    assert token("DELETE", f"/tokens/{number}").status_code == 204
    problem(token.get("/me"), "not-signed-in")


def test_another_persons_token_is_not_there(ana: User, milan: User) -> None:
    caller(milan)
    number = Token.objects.get().pk
    problem(caller(ana)("DELETE", f"/tokens/{number}"), "not-found")


def test_a_read_asks_the_database_once(
    ana: User, runs: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publish(runs)
    token = caller(ana)
    token.get("/me")  # notes that the token is in use
    for path in ("/me", f"{MAIN}/runs", f"{MAIN}/runs/published/tables/sales/rows"):
        with django_assert_num_queries(1):  # the token and its owner
            token.get(path)
