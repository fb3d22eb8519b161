"""Who asks too often, or too much at once, has 429 and a time to return; nobody else notices."""

import asyncio
import random
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from serving.access import Access
from serving.errors import TooMany
from serving.gate import Gate
from serving.metrics import Metrics
from serving.throttle import Throttle, whole_seconds
from workspace.settings import Serving


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def admitted(throttle: Throttle, key: str = "Ann") -> bool:
    try:
        throttle.admit(key)
    except TooMany:
        return False
    return True


def test_a_second_holds_so_many_and_each_key_its_own() -> None:
    clock = Clock()
    throttle = Throttle(Serving(requests_per_second=5), clock=clock)
    assert [admitted(throttle) for _ in range(7)] == [True] * 5 + [False] * 2
    assert admitted(throttle, "Bob")
    clock.at += 0.41
    assert [admitted(throttle) for _ in range(3)] == [True, True, False]
    clock.at += 1000
    assert sum(admitted(throttle) for _ in range(20)) == 5


def test_workers_share_the_rate_and_a_slow_one_still_lets_one_in() -> None:
    clock = Clock()
    throttle = Throttle(Serving(requests_per_second=0.5), workers=4, clock=clock)
    assert [admitted(throttle), admitted(throttle)] == [True, False]
    with pytest.raises(TooMany) as refused:
        throttle.admit("Ann")
    assert refused.value.seconds == pytest.approx(8.0)
    clock.at += refused.value.seconds
    assert admitted(throttle)


def test_over_any_time_a_key_has_its_rate_and_a_burst_at_most() -> None:
    drawn = random.Random(4)
    clock = Clock()
    throttle = Throttle(Serving(requests_per_second=7), clock=clock)
    let_in = []
    for _ in range(3000):
        clock.at += drawn.expovariate(20)
        if admitted(throttle):
            let_in.append(clock.at)
    for first in range(0, len(let_in), 50):
        for last in range(first, len(let_in), 97):
            assert last - first + 1 <= 7 + 7 * (let_in[last] - let_in[first]) + 1e-6
    assert len(let_in) == pytest.approx(7 * (clock.at - 100), rel=0.05)


@pytest.mark.parametrize(("seconds", "said"), [(0.0001, 1), (1.0, 1), (1.2, 2), (40.0, 40)])
def test_retry_after_is_whole_seconds(seconds: float, said: int) -> None:
    assert whole_seconds(seconds) == said


def asked(
    service: Any, throttle: Throttle, paths: list[str], seconds: float = 0.0, method: str = "GET", **more: Any
) -> list[httpx.Response]:
    """The answers to paths asked at once of a gate before something slow."""

    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        await asyncio.sleep(seconds)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask() -> list[httpx.Response]:
        access = Access(service.workspace.folder)
        transport = httpx.ASGITransport(Gate(slow, access, Metrics(), throttle=throttle))
        header = {"authorization": f"Bearer {service.keys['admin']}"}
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://rapport", headers=header) as client:
                return await asyncio.gather(*(client.request(method, path, **more) for path in paths))
        finally:
            access.close()

    return asyncio.run(ask())


def test_a_key_that_asks_too_often_is_told_when_to_return(service: Any) -> None:
    answers = asked(service, Throttle(Serving(requests_per_second=2)), ["/api/v1/churn"] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["title"] == "Too many requests"


def test_what_is_too_much_at_once_is_refused_and_health_is_answered(service: Any) -> None:
    throttle = Throttle(Serving(requests_at_once=3))
    answers = asked(service, throttle, [*["/api/v1/churn"] * 8, "/livez"], seconds=0.2)
    assert sorted(answer.status_code for answer in answers[:-1]) == [200] * 3 + [429] * 5
    assert answers[-1].status_code == 200
    # Each that ended made room again.
    assert [answer.status_code for answer in asked(service, throttle, ["/api/v1/churn"] * 3)] == [200] * 3


def test_bodies_are_only_taken_on_as_far_as_there_is_room() -> None:
    throttle = Throttle(Serving(bodies_at_once="5MB"))
    with throttle.running(2_000_000), throttle.running(2_000_000), throttle.running(1_000_000):
        with pytest.raises(TooMany, match="as much to do"), throttle.running(1):
            pass
        with throttle.running():
            pass
    with throttle.running(2_000_000), throttle.running(2_000_000):
        pass


@pytest.mark.parametrize(
    ("said", "answered"), [({"content-length": "900000"}, 4), ({"transfer-encoding": "chunked"}, 2)]
)
def test_a_body_that_does_not_say_how_long_it_is_may_be_the_longest(
    service: Any, said: dict[str, str], answered: int
) -> None:
    throttle = Throttle(Serving(bodies_at_once="4MB"))
    answers = asked(service, throttle, ["/api/v1/score"] * 5, 0.2, "POST", headers=said)
    assert sorted(answer.status_code for answer in answers) == [200] * answered + [429] * (5 - answered)


def test_room_for_less_than_one_body_is_refused() -> None:
    with pytest.raises(ValidationError, match="no room for one body of 2,000,000 bytes"):
        Serving(bodies_at_once="1MB")


def test_a_page_says_so_too(service: Any) -> None:
    answers = asked(service, Throttle(Serving(requests_per_second=1)), ["/churn"] * 2)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert "Too many requests" in refused.text
