"""CSV of a whole list is every page of it, for each role; and the audit log counts everybody in it."""

import csv
import io
from typing import Any

import httpx
import pytest

from serving.snapshot import Snapshot

Served = tuple[httpx.Client, dict[str, str]]


def fetched(served: Served, role: str, path: str) -> list[dict[str, str]]:
    client, keys = served
    answer = client.get(path, headers={"authorization": f"Bearer {keys[role]}", "accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-published-version"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def paged(served: Served, role: str, path: str) -> list[dict[str, str]]:
    client, keys = served
    rows: list[dict[str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        headers = {"authorization": f"Bearer {keys[role]}", "accept": "text/csv"}
        params = {**httpx.URL(path).params, "limit": "37", **cursor}
        answer = client.get(httpx.URL(path).path, params=params, headers=headers)
        rows += csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        if "x-next-cursor" not in answer.headers:
            return rows
        cursor = {"cursor": answer.headers["x-next-cursor"]}


def numbers_read(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    def read(text: str) -> Any:
        try:
            return float(text)
        except ValueError:
            return text

    return [{name: read(value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("role", ["marketing", "sales", "analyst", "admin"])
def test_all_pages_of_the_customers_at_risk(served: Served, role: str) -> None:
    for asked in ("", "?sort=value_at_risk&min_risk=0.2"):
        whole = fetched(served, role, f"/api/v1/churn{asked}")
        assert len(whole) > 4
        assert numbers_read(whole) == numbers_read(paged(served, role, f"/api/v1/churn{asked}"))


@pytest.mark.parametrize("role", ["marketing", "sales", "analyst", "admin"])
def test_all_pages_of_a_segment(served: Served, snapshot: Snapshot, role: str) -> None:
    for segment in snapshot.tables["segment_profiles"]["segment_id"].to_pylist()[:2]:
        path = f"/api/v1/segments/{segment}/customers"
        whole = fetched(served, role, path)
        assert numbers_read(whole) == numbers_read(paged(served, role, path))


def test_a_segment_that_is_not_there(served: Served) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}", "accept": "text/csv"}
    assert client.get("/api/v1/segments/nosuch/customers", headers=headers).status_code == 404
