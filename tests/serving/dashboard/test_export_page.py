"""The export form of a segment's page, and the page of what it made."""

import html
import re

import httpx
import pytest

Served = tuple[httpx.Client, dict[str, str]]


@pytest.fixture
def segment_id(snapshot):
    return snapshot.tables["segment_profiles"]["segment_id"][0].as_py()


def signed_in(served: Served, role: str) -> httpx.Client:
    client, keys = served
    assert client.post("/sign-in", data={"key": keys[role]}).status_code == 303
    return client


def test_the_form_makes_an_export_and_its_page_tells_of_it(served: Served, segment_id: str) -> None:
    client = signed_in(served, "marketing")
    form = client.get(f"/segments/{segment_id}").text
    fields = {
        **dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', form)),
        **{
            name: re.search(r"<option[^>]*>(\w+)", form.split(f'name="{name}"')[1])[1].lower()
            for name in ("purpose", "format")
        },
    }
    assert fields == {"segment": segment_id, "purpose": "marketing", "format": "csv"}
    made = client.post("/exports", data=fields)
    assert made.status_code == 303
    address = made.headers["location"]
    record = client.get(f"/api/v1{address}").json()
    assert (record["created_by"], record["filters"]["segment"]) == ("marketing", segment_id)
    page = html.unescape(client.get(address).text)
    assert record["message_en"] in page
    assert "Not yet" in page
    assert f'href="/api/v1{address}?download=true"' in page
    chinese = html.unescape(client.get(f"{address}?lang=zh").text)
    assert record["message_zh"] in chinese
    assert "尚无结果" in chinese


def test_a_form_from_another_site_or_of_another_shape_makes_nothing(served: Served, segment_id: str) -> None:
    client = signed_in(served, "marketing")
    evil = client.post("/exports", data={"segment": segment_id}, headers={"origin": "https://evil.example"})
    assert evil.status_code == 403
    for fields in ({"segment": segment_id, "canary": "1"}, {"format": "csv"}, {"segment": segment_id, "purpose": "x"}):
        answer = client.post("/exports", data=fields)
        assert answer.status_code == 422
        assert "canary" not in answer.text
    assert client.post("/exports", data={"segment": "canary"}).status_code == 404


def test_an_analyst_is_shown_no_form_and_sales_no_foreign_export(served: Served, segment_id: str) -> None:
    client, keys = served
    bearer = {role: {"authorization": f"Bearer {key}"} for role, key in keys.items()}
    assert 'action="/exports"' not in client.get(f"/segments/{segment_id}", headers=bearer["analyst"]).text
    assert 'action="/exports"' in client.get(f"/segments/{segment_id}", headers=bearer["sales"]).text
    made = client.post("/exports", content=f"segment={segment_id}", headers=bearer["admin"])
    assert client.get(made.headers["location"], headers=bearer["sales"]).status_code == 404
