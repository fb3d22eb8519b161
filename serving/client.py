"""A client of the service, for programs in Python: each route a method, lists as iterators, refusals as exceptions.

    with Client("http://127.0.0.1:3000", key) as rapport:
        for customer in rapport.churn(min_risk=0.5):
            print(customer["customer_id"], customer["churn_90"])

Nothing but the standard library and the shapes of the answers is imported.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, cast
from urllib.parse import quote, urlencode, urlsplit

from serving import shapes

if TYPE_CHECKING:
    from serving.erasure_shapes import Receipt
    from serving.export_shapes import Export, Lift

Outcome = Literal["contacted", "no_answer", "stays", "leaves", "undecided"]
Sort = Literal["risk", "value", "risk_value", "value_at_risk"]

_BASE = "/api/v1"
_PAGE = 1000
# A server may have closed a connection that was silent for longer.
_IDLE_SECONDS = 2.0


class Problem(Exception):
    """The service refused, or could not answer: its problem+json.

    status: the HTTP status; title and detail: what it says; problems: the places of a body that are not as expected;
    retry_after: seconds until it is worth asking again, None where the service doesn't say.
    """

    def __init__(self, status: int, told: Mapping[str, Any], retry_after: float | None) -> None:
        self.status = status
        self.title = str(told.get("title", "The service gave no reason"))
        self.detail = str(told.get("detail", ""))
        self.request_id = told.get("request_id")
        self.problems: list[dict[str, str]] = list(told.get("problems", ()))
        self.retry_after = retry_after
        super().__init__(f"{status} {self.title}. {self.detail}")


class Client:
    """One connection to a service, for one thread. `patience` is how long to wait in all where it answers 429.

    Every method raises Problem for a refusal, OSError or http.client.HTTPException where no answer comes.
    """

    def __init__(self, url: str, key: str, timeout: float = 30.0, patience: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The address must be like http://127.0.0.1:3000.")
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = connect(parts.hostname, parts.port, timeout=timeout)
        self._prefix = parts.path.rstrip("/")
        self._key = key
        self._patience = patience
        self._used_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; the next question opens another."""
        self._connection.close()

    def segments(self) -> shapes.Segments:
        """Every segment and what sets it apart."""
        return cast(shapes.Segments, self.get("/segments"))

    def segment(self, segment_id: str) -> shapes.OneSegment:
        """One segment."""
        return cast(shapes.OneSegment, self.get(f"/segments/{_quoted(segment_id)}"))

    def segment_customers(self, segment_id: str) -> Iterator[shapes.Member]:
        """The customers of a segment, most valuable first, page after page.

        Raises Problem (400) where another version is published between two pages: begin again.
        """
        return cast(Iterator[shapes.Member], self.rows(f"/segments/{_quoted(segment_id)}/customers", "customers"))

    def churn(
        self, owner: str | None = None, segment: str | None = None, min_risk: float | None = None, sort: Sort = "risk"
    ) -> Iterator[shapes.Risk]:
        """Customers by their risk of leaving, page after page; as segment_customers() otherwise."""
        asked = {"owner": owner, "segment": segment, "min_risk": min_risk, "sort": sort}
        return cast(Iterator[shapes.Risk], self.rows("/churn", "customers", **asked))

    def customer(self, customer_id: str) -> shapes.Customer:
        """Profile, scores with reasons, and timeline of one customer."""
        return cast(shapes.Customer, self.get(f"/customers/{_quoted(customer_id)}"))

    def what_if(self, customer_id: str, feature: str | None = None, value: float | None = None) -> shapes.WhatIf:
        """The risk that goes with other observed values of a feature."""
        path = f"/customers/{_quoted(customer_id)}/what-if"
        return cast(shapes.WhatIf, self.get(path, feature=feature, value=value))

    def record_outcome(self, customer_id: str, outcome: Outcome, note: str | None = None) -> shapes.Recorded:
        """Keep what came of contacting a customer."""
        body = {"outcome": outcome, "note": note}
        return cast(shapes.Recorded, self.post(f"/customers/{_quoted(customer_id)}/outcomes", body))

    def catalogue(self) -> shapes.Catalogue:
        """Every statistic with its definition."""
        return cast(shapes.Catalogue, self.get("/statistics"))

    def statistic(
        self,
        metric: str,
        begin: str | None = None,
        end: str | None = None,
        by: Sequence[str] = (),
        grain: str | None = None,
        compare: Literal["previous", "last_year"] | None = None,
        **only: str | Sequence[str],
    ) -> shapes.Statistic:
        """One figure over the days `begin` to before `end`; `only` keeps dimensions to values: channel="phone"."""
        asked: dict[str, Any] = {"from": begin, "to": end, "by": ",".join(by) or None, "grain": grain}
        return cast(shapes.Statistic, self.get(f"/statistics/{_quoted(metric)}", **asked, compare=compare, **only))

    def bottlenecks(self, begin: str | None = None, end: str | None = None) -> shapes.Bottlenecks:
        """Where waiting grew against the period before."""
        return cast(shapes.Bottlenecks, self.get("/bottlenecks", **{"from": begin, "to": end}))

    def forecast(self, channel: str = "all", grain: str = "day", by: str | None = None) -> shapes.Forecast:
        """Contacts expected, with ranges."""
        return cast(shapes.Forecast, self.get("/forecast", channel=channel, grain=grain, by=by))

    def staffing(self, **asked: str | float) -> shapes.Staffing:
        """Agents needed per period; parameters as in the OpenAPI document."""
        return cast(shapes.Staffing, self.get("/staffing", **asked))

    def topics(self) -> shapes.Topics:
        """What customers write about."""
        return cast(shapes.Topics, self.get("/topics"))

    def satisfaction(self) -> shapes.Satisfaction:
        """CSAT of everybody."""
        return cast(shapes.Satisfaction, self.get("/satisfaction"))

    def needs(self, begin: str | None = None, end: str | None = None, **only: str) -> shapes.Needs:
        """How much each survey topic matters, and how well it is met; `only`: segment, region, owner."""
        return cast(shapes.Needs, self.get("/needs", **{"from": begin, "to": end}, **only))

    def sentiment(self, texts: Sequence[str]) -> shapes.Sentiments:
        """How texts feel, and the words that mattered."""
        return cast(shapes.Sentiments, self.post("/sentiment", {"texts": list(texts)}))

    def models(self) -> shapes.Models:
        """The champions: version, data, quality."""
        return cast(shapes.Models, self.get("/models"))

    def score(self, histories: Sequence[Mapping[str, Any]], cutoff: str | None = None) -> shapes.Scores:
        """Risk, segment and value of histories, in the form of the OpenAPI document's History."""
        return cast(shapes.Scores, self.post("/score", {"cutoff": cutoff, "histories": list(histories)}))

    def export(self, segment: str | None = None, min_risk: float | None = None, **more: str | float) -> Export:
        """Make a list for a campaign, less its control group; `more`: owner, purpose, format, holdout, campaign."""
        return cast("Export", self.post("/exports", {"segment": segment, "min_risk": min_risk, **more}))

    def exported(self, export_id: str) -> Export:
        """The record of what was sent."""
        return cast("Export", self.get(f"/exports/{_quoted(export_id)}"))

    def export_file(self, export_id: str) -> bytes:
        """The file that was made, in the format that was asked for."""
        return self._answer("GET", f"/exports/{_quoted(export_id)}", {"download": "true"}, None)

    def lift(self, export_id: str, days: int | None = None, outcome: Literal["event", "order"] | None = None) -> Lift:
        """How many of those sent did something, against the control group."""
        return cast("Lift", self.get(f"/exports/{_quoted(export_id)}/lift", days=days, outcome=outcome))

    def add_interactions(self, interactions: Sequence[Mapping[str, Any]]) -> shapes.Accepted:
        """Add contacts as they happen. Safe to repeat: each counts once."""
        return cast(shapes.Accepted, self.post("/interactions", {"interactions": list(interactions)}))

    def erase(self, customer_id: str) -> Receipt:
        """Forget a person: hidden at once, then erased everywhere; `erasure` tells how far that is. For admins."""
        return cast("Receipt", json.loads(self._answer("DELETE", f"/customers/{_quoted(customer_id)}", {}, None)))

    def erasure(self, erasure_id: str) -> Receipt:
        """The receipt of an erasure; `status` is "complete" once the bytes are gone."""
        return cast("Receipt", self.get(f"/erasures/{_quoted(erasure_id)}"))

    def rows(self, path: str, listed: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
        """The rows of a list that comes in pages, which are asked for as they are needed."""
        cursor: str | None = None
        while True:
            page = self.get(path, **asked, limit=_PAGE, cursor=cursor)
            yield from page[listed]
            cursor = page["next"]
            if cursor is None:
                return

    def csv(self, path: str, **asked: Any) -> str:
        """A list, such as /segments, as CSV text without its byte-order mark."""
        return self._answer("GET", path, {**asked, "format": "csv"}, None).decode("utf-8-sig")

    def get(self, path: str, **asked: Any) -> dict[str, Any]:
        """The answer of any GET below /api/v1; parameters that are None are left out, sequences given several times."""
        return cast(dict[str, Any], json.loads(self._answer("GET", path, asked, None)))

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of any POST below /api/v1; fields that are None are left out."""
        sent = json.dumps({name: value for name, value in body.items() if value is not None}, allow_nan=False)
        return cast(dict[str, Any], json.loads(self._answer("POST", path, {}, sent.encode())))

    def _answer(self, method: str, path: str, asked: Mapping[str, Any], body: bytes | None) -> bytes:
        address = f"{self._prefix}{_BASE}{path}{_query(asked)}"
        left = self._patience
        while True:
            try:
                return self._asked_once(method, address, body)
            except Problem as problem:
                # 429 means that nothing was done, so that a POST too may be sent again.
                if problem.status != 429 or problem.retry_after is None or problem.retry_after > left:
                    raise
                left -= problem.retry_after
                time.sleep(problem.retry_after)

    def _asked_once(self, method: str, address: str, body: bytes | None) -> bytes:
        if time.monotonic() - self._used_at > _IDLE_SECONDS:
            self.close()
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            self._connection.request(method, address, body, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            # Half an answer must not be taken for the next one.
            self.close()
            raise
        self._used_at = time.monotonic()
        if response.status >= 300:
            raise Problem(response.status, _told(content), _seconds(response.headers.get("Retry-After")))
        return content


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _query(asked: Mapping[str, Any]) -> str:
    given = {name: value for name, value in asked.items() if value is not None}
    return f"?{urlencode(given, doseq=True)}" if given else ""


def _told(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError:
        # A proxy in between answers in its own words.
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(written: str | None) -> float | None:
    return float(written) if written is not None and written.isdigit() else None
