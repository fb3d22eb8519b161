"""An answer that its caller has already is not sent again; any other is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from serving.callers import Caller
from serving.etags import etag_for, matches
from serving.openapi import document
from serving.overlay import Overlay
from serving.snapshot import Snapshot

Served = tuple[httpx.Client, dict[str, str]]
PATHS = ("/api/v1/segments", "/api/v1/churn?limit=3", "/api/v1/statistics/contacts?by=channel", "/api/v1/forecast")


def get(served: Served, path: str, role: str = "admin", **headers: str) -> httpx.Response:
    client, keys = served
    return client.get(path, headers={"authorization": f"Bearer {keys[role]}", **headers})


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_answer_is_told_so(served: Served, path: str) -> None:
    first = get(served, path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = get(served, path, **{"if-none-match": f'"another", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["x-published-version"] == first.headers["x-published-version"]
    other = get(served, path, **{"if-none-match": 'W/"another"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_customer_has_a_tag_too_and_nobody_elses_opens_it(served: Served, snapshot: Snapshot) -> None:
    scores = snapshot.listing.scores["customer_id"]
    path = f"/api/v1/customers/{scores[0].as_py()}"
    tag = get(served, path).headers["etag"]
    assert get(served, path, **{"if-none-match": tag}).status_code == 304
    assert get(served, path, "analyst", **{"if-none-match": tag}).status_code == 404
    assert get(served, path, "admin", **{"if-none-match": "*"}).status_code == 200
    other = f"/api/v1/customers/{scores[1].as_py()}"
    assert get(served, other, **{"if-none-match": tag}).status_code == 200


def test_csv_and_json_differ(served: Served) -> None:
    path = "/api/v1/segments"
    tags = {get(served, path, accept=form).headers["etag"] for form in ("text/csv", "application/json")}
    assert len(tags) == 2


def test_the_tag_changes_with_all_that_the_answer_depends_on(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    asked: dict[str, Any] = {
        "secret": b"s",
        "snapshot": snapshot,
        "caller": callers["sales"],
        "path": "/p",
        "query": "a=1",
        "form": "json",
    }
    live = Overlay(snapshot.version, snapshot.position + 1, datetime.now(UTC), {})
    changes: list[dict[str, Any]] = [
        {},
        {"secret": b"t"},
        {"snapshot": replace(snapshot, version="2026-01-01-0")},
        {"snapshot": replace(snapshot, overlay=live)},
        {"caller": replace(callers["sales"], owner="somebody else")},
        {"caller": callers["admin"]},
        {"path": "/q"},
        {"query": "a=2"},
        {"form": "csv"},
    ]
    tags = [etag_for(**{**asked, **change}) for change in changes]
    assert len(set(tags)) == len(changes)
    assert tags[0] == etag_for(**asked)


@pytest.mark.parametrize(
    ("header", "found"),
    [(None, False), ("", False), ("*", False), ('"a"', True), ('W/"a"', True), ('"b" , W/"a"', True), ("a", False)],
)
def test_a_header_is_read_as_the_standard_has_it(header: str | None, found: bool) -> None:
    assert matches(header, 'W/"a"') is found


def test_the_description_tells_of_tags_and_limits() -> None:
    described = document()["paths"]
    listed = described["/api/v1/churn"]["get"]["responses"]
    assert "ETag" in listed["200"]["headers"]
    assert "ETag" in listed["304"]["headers"]
    # Which models are served is in state.db, not in the version.
    assert "304" not in described["/api/v1/models"]["get"]["responses"]
    for methods in described.values():
        for operation in methods.values():
            assert "Retry-After" in operation["responses"]["429"]["headers"]
            assert ("413" in operation["responses"]) == ("requestBody" in operation)


def test_an_unknown_parameter_is_refused_everywhere(served: Served) -> None:
    for path, methods in document()["paths"].items():
        if "get" in methods:
            answer = get(served, path.replace("{", "").replace("}", "") + "?canary_parameter=1")
            assert answer.status_code == 400, path
            assert "canary" not in answer.text
