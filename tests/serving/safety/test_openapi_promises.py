"""Every operation of /openapi.json under thousands of generated requests: no 5xx, nothing against the document.

The requests are schemathesis's, right ones and wrong ones; half of them name a customer, segment or export that
exists, so that they reach what lies behind. Every role asks.
"""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.callers import Caller
from serving.openapi import document
from serving.policy import rule_for
from serving.snapshot import Snapshot

CASES = 5_000
ROLES = ("marketing", "sales", "analyst", "admin")
LIVE = {"channel": "chat", "direction": "inbound", "content": "快递很慢", "satisfaction": 2}
# Generated ones are refused more often than not.
RIGHT: dict[str, Any] = {
    "/api/v1/exports": {"min_risk": 0.5},
    "/api/v1/score": {"histories": [{"interactions": [{"occurred_at": "2026-10-01T08:00:00Z", **LIVE}]}]},
}
PROMISED: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def known(callers: dict[str, Caller], snapshot: Snapshot, owner: str) -> Callable[[str, str, int], str]:
    """The value of a path parameter that exists for a role, one of several by number."""
    own = snapshot.listing.people(snapshot.listing.select("risk", owner=owner)[:20])
    segments = snapshot.tables["segment_profiles"]["segment_id"].to_pylist()

    def pick(name: str, role: str, number: int) -> str:
        choices = {
            "segment_id": [*segments, *snapshot.listing.rules, "rfm_545"],
            "customer_id": [callers[role].label(row["customer_id"]) for row in own],
            "metric": ["contacts", "csat", "wait_mean", "revenue", "sentiment"],
        }[name]
        return str(choices[number % len(choices)])

    return pick


def operations(serving: Any) -> list[Any]:
    # Without its doors, which other tests try: every request comes with a right key.
    schema = schemathesis.openapi.from_dict({**document(), "security": []})
    schema.config.update(base_url=serving.url)
    return [found.ok() for found in schema.get_all_operations()]


class Asking:
    """Asks one operation after another, and keeps what was answered and what was against the document."""

    def __init__(self, serving: Any, pick: Callable[[str, str, int], str]) -> None:
        self.serving = serving
        self.pick = pick
        self.session = requests.Session()
        self.session.trust_env = False
        self.answered: Counter[tuple[str, int]] = Counter()
        self.broken: dict[tuple[str, str], str] = {}
        self.made: dict[str, list[str]] = {"export_id": [], "erasure_id": []}

    def ask(self, case: Any, role: str, number: int) -> None:
        """One request; with an odd number it names what exists and leaves parameters out, to be answered rather."""
        if number % 2:
            self._existing(case, role, number)
        answer = case.call(session=self.session, timeout=40, headers=self.serving.as_role(role))
        operation = f"{case.operation.method.upper()} {case.operation.path}"
        self.answered[operation, answer.status_code] += 1
        # Wrong parts of a path may have been put right.
        checks = PROMISED if number % 2 else [*PROMISED, negative_data_rejection]
        try:
            case.validate_response(answer, checks=checks)
        except FailureGroup as found:
            for failure in found.exceptions:
                kind = (operation, f"{answer.status_code} {type(failure).__name__}")
                self.broken.setdefault(kind, f"{role}: {failure}\n{answer.text[:300]}\n{case.as_curl_command()[:800]}")
        if operation == "POST /api/v1/exports" and answer.status_code == 201:
            self.made["export_id"].append(answer.json()["export_id"])
        if operation.startswith("DELETE") and answer.status_code == 202:
            self.made["erasure_id"].append(answer.json()["erasure_id"])

    def _existing(self, case: Any, role: str, number: int) -> None:
        case.query = {
            name: value for at, (name, value) in enumerate(sorted((case.query or {}).items())) if number >> at & 2
        }
        if case.operation.path == "/api/v1/interactions" and isinstance(case.body, dict):
            # Generated ones lie in the future mostly, which is refused.
            case.body = {
                **case.body,
                "interactions": [{"occurred_at": f"2026-10-{number % 28 + 1:02d}T08:00:00Z"} | LIVE],
            }
        if number % 4 == 1 and case.operation.path in RIGHT:
            case.body = RIGHT[case.operation.path]
        for name in case.path_parameters or {}:
            if name not in self.made:
                # Few of them are asked to go: each keeps the writer busy.
                few = number % 3 if case.operation.method == "delete" else number
                case.path_parameters[name] = self.pick(name, role, few)
            elif self.made[name]:
                case.path_parameters[name] = self.made[name][number % len(self.made[name])]


def asked_often(asking: Asking, operation: Any, times: int) -> None:
    """So many right and wrong requests of an operation, the same ones every time."""
    rule, _ = rule_for(operation.method.upper(), operation.path)
    assert rule is not None
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    # Those whom it opens to more often than the others.
    @given(st.data(), st.sampled_from([*sorted(rule.roles) * 3, *ROLES]), st.booleans(), st.integers(0, 100_000))
    def ask(data: Any, role: str, valid: bool, number: int) -> None:
        asking.ask(data.draw(right if valid else wrong), role, number)

    ask()


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_no_generated_request_fails_or_is_answered_against_the_document(
    serving: Any, callers: dict[str, Caller], snapshot: Snapshot, owner: str, share: float
) -> None:
    every = operations(serving)
    # Exports first: others ask for them.
    every.sort(key=lambda operation: (operation.path != "/api/v1/exports", operation.path))
    # Erasures last: nobody asks for who is gone, but for the receipt.
    every.sort(key=lambda operation: (operation.method == "delete") + 2 * ("erasure" in operation.path))
    assert len(every) == sum(len(path) for path in document()["paths"].values())
    asking = Asking(serving, known(callers, snapshot, owner))
    times = max(2, math.ceil(CASES * share / len(every)))
    for operation in every:
        asked_often(asking, operation, times)
    assert not asking.broken, "\n\n".join(f"{kind}: {said}" for kind, said in asking.broken.items())
    assert asking.answered.total() >= CASES * share
    answered = {operation for operation, status in asking.answered if status < 300}
    # What was never answered was hardly tried; a tenth may miss some.
    assert share < 1 or answered == {f"{one.method.upper()} {one.path}" for one in every}, asking.answered
