"""Signing in to the dashboard, and what a browser's cookie may do."""

import re
from typing import Any

import httpx
import pytest

from serving.access import sign_in_token

Served = tuple[httpx.Client, dict[str, str]]


@pytest.fixture
def signed_in(served: Served) -> httpx.Client:
    client, keys = served
    client.post("/sign-in", data={"key": keys["admin"]})
    return client


def test_a_key_opens_a_session_in_a_cookie_no_script_can_read(served: Served) -> None:
    client, keys = served
    answer = client.post("/sign-in", data={"key": f" {keys['admin']} "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert re.search(r"; HttpOnly; Max-Age=43200; Path=/; SameSite=lax$", cookie)
    assert keys["admin"] not in cookie
    assert client.get("/api/v1/segments").status_code == 200


def test_a_link_signs_in_once(served: Served, service: Any) -> None:
    client, _ = served
    token = sign_in_token(service.workspace, "admin")
    assert client.get(f"/sign-in?token={token}").status_code == 303
    assert client.get("/api/v1/segments").status_code == 200
    client.cookies.clear()
    assert client.get(f"/sign-in?token={token}").status_code == 401
    assert client.get("/api/v1/segments").status_code == 401


def test_a_wrong_key_opens_nothing_and_is_not_repeated(served: Served) -> None:
    client, _ = served
    answer = client.post("/sign-in", data={"key": "rapport_canary"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "OURS"}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_posts_from_other_sites_do_nothing(signed_in: httpx.Client, headers: dict[str, str], status: int) -> None:
    ours = str(signed_in.base_url).rstrip("/")
    sent = {name: value.replace("OURS", ours) for name, value in headers.items()}
    assert signed_in.post("/sign-out", headers=sent).status_code == status


def test_signing_in_from_another_site_does_nothing(served: Served) -> None:
    client, keys = served
    answer = client.post("/sign-in", data={"key": keys["admin"]}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_key_in_a_header_decides_alone(signed_in: httpx.Client, served: Served) -> None:
    _, keys = served
    assert signed_in.get("/metrics").status_code == 200
    assert signed_in.get("/metrics", headers={"authorization": f"Bearer {keys['sales']}"}).status_code == 403
    assert signed_in.get("/metrics", headers={"authorization": "Bearer rapport_wrong"}).status_code == 401


def test_signing_out_forgets_the_cookie(signed_in: httpx.Client) -> None:
    answer = signed_in.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert signed_in.get("/api/v1/segments").status_code == 401
