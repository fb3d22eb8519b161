"""Random questions of every role against a filter in plain pandas over the same rows: nothing leaked, nothing missing.

The company has customers who must not be profiled though an earlier scoring has them, and live events over the version.
"""

import asyncio
import csv
import io
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from starlette.applications import Starlette

from serving.access import Access, add_key
from serving.app import create_app
from serving.callers import Caller
from serving.holder import Holder
from serving.live_events import LiveInteractions
from serving.pseudonyms import Pseudonyms
from serving.publish import publish
from serving.roles import ROLES
from serving.snapshot import Snapshot
from serving.writer import Writer
from workspace.folder import Workspace, open_workspace
from workspace.journal import record
from workspace.secret import secret
from workspace.state import now

QUERIES = 10_000
SORTS = ("risk", "value", "risk_value", "value_at_risk")
PLACES = ("channel", "region", "city", "owner", "direction", "outcome")


@dataclass
class Door:
    """The application, asked without a socket within one event loop."""

    app: Starlette
    keys: dict[str, str]
    snapshot: Snapshot
    callers: dict[str, Caller]
    asked: int = 0
    answered: dict[str, int] = field(default_factory=dict)

    async def ask(self, role: str, method: str, address: str, body: Any = None) -> tuple[int, dict[str, str], bytes]:
        path, _, query = address.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        headers = [(b"host", b"rapport"), (b"authorization", f"Bearer {self.keys[role]}".encode())]
        headers += (
            [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())] if sent else []
        )
        scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode()}
        scope |= {"query_string": query.encode(), "headers": headers, "scheme": "http", "server": ("rapport", 80)}
        scope |= {"client": ("127.0.0.1", 1), "root_path": "", "asgi": {"version": "3.0"}}
        status, heads, parts = 0, {}, []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, heads
            if message["type"] == "http.response.start":
                status = message["status"]
                heads = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        self.asked += 1
        return status, heads, b"".join(parts)


@pytest.fixture(scope="module")
def company(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which some who are scored have since said no, published anew, with live events over it."""
    folder = tmp_path_factory.mktemp("wishes") / "company"
    shutil.copytree(workspace.folder, folder, ignore=shutil.ignore_patterns("state.db-*"))
    own = open_workspace(folder)
    customers = own.lake.read("customers").sort_by("customer_id")
    scored = set(own.lake.read("customer_scores", ["customer_id"])["customer_id"].to_pylist())
    said = np.array([key in scored for key in customers["customer_id"].to_pylist()])
    no = np.flatnonzero(said)[::17]
    changed = customers.take(pa.array(no))
    for name in ("do_not_profile", "marketing_consent"):
        changed = changed.set_column(
            changed.column_names.index(name), name, pa.array([name == "do_not_profile"] * len(no))
        )
    later = pa.array([at + timedelta(days=400) for at in changed["known_at"].to_pylist()], changed["known_at"].type)
    changed = changed.set_column(changed.column_names.index("known_at"), "known_at", later)
    changed = changed.set_column(changed.column_names.index("collected_at"), "collected_at", later)
    if "is_revision" in changed.column_names:
        changed = changed.set_column(
            changed.column_names.index("is_revision"), "is_revision", pa.array([True] * len(no))
        )
    own.lake.append("customers", changed)
    publish(own)
    state = own.state()
    at = datetime(2026, 11, 1, 9, tzinfo=UTC)
    events = [
        {"customer_id": key, "occurred_at": at + timedelta(minutes=number), "channel": "chat", "direction": "inbound"}
        for number, key in enumerate([*customers["customer_id"].to_pylist()[::9], "L-1", "L-2"])
    ]
    record(state, secret(folder), [one.event() for one in LiveInteractions.model_validate(events).interactions], now())
    assert Writer(own, drain_seconds=0).step()
    state.close()
    return own


@pytest.fixture(scope="module")
def door(company: Workspace, owner: str) -> Iterator[Door]:
    keys = {role: add_key(company, role, role, owner if role == "sales" else None) for role in ROLES}
    access, holder = Access(company.folder), Holder(company.folder)
    holder.refresh()
    assert holder.current().overlay is not None
    pseudonyms = Pseudonyms(secret(company.folder))
    callers = {role: Caller(role, role, owner if role == "sales" else None, pseudonyms) for role in ROLES}
    yield Door(create_app(holder, access), keys, holder.current(), callers)
    access.close()


def rows_of(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """A published table with the live rows in their customers' places."""
    published = snapshot.tables[name].to_pandas()
    assert snapshot.overlay is not None
    live = snapshot.overlay.tables[name].to_pandas() if name in snapshot.overlay.tables else published[:0]
    kept = published[~published["customer_id"].isin(live["customer_id"])]
    together = [part for part in (kept, live) if len(part)]
    return pd.concat(together).sort_values("customer_id", ignore_index=True)


class Truth:
    """Who there is, in plain pandas, filtered row by row."""

    def __init__(self, snapshot: Snapshot, owner: str) -> None:
        self.owner = owner
        self.customers = rows_of(snapshot, "customers")
        scores = rows_of(snapshot, "customer_scores")
        features = rows_of(snapshot, "customer_features")
        scores = scores.merge(features[["customer_id", "frequency", "recency_days", "order_amount"]], how="left")
        joined = scores.merge(
            self.customers[["customer_id", "owner", "region", "do_not_profile", "marketing_consent"]], how="left"
        )
        self.scored = joined[joined["do_not_profile"].ne(True)].copy()  # null is no refusal
        self.refused = set(joined["customer_id"]) - set(self.scored["customer_id"])
        numbers = {name: self.scored[name].astype(float) for name in ("churn_90", "value", "expected_value")}
        self.scored = self.scored.assign(
            risk=numbers["churn_90"],
            risk_value=numbers["churn_90"] * numbers["value"],
            value_at_risk=numbers["churn_90"] * numbers["expected_value"],
        )
        self.scored["cell"] = self._cells(snapshot.bundles["segments"]["rfm"])
        # By what falls, unknown last, ties by id.
        self.sorted = {
            sort: self.scored.assign(by=-self.scored[sort].astype(float))
            .sort_values(["by", "customer_id"], na_position="last")
            .reset_index(drop=True)
            for sort in SORTS
        }

    def _cells(self, edges: dict[str, list[float]]) -> "pd.Series[int]":
        """RFM by its definition: how many of the four edges lie below."""
        rows = self.scored
        recency = 5 - sum((rows["recency_days"] > edge).astype(int) for edge in edges["recency"])
        frequency = 1 + sum((rows["frequency"] > edge).astype(int) for edge in edges["frequency"])
        monetary = frequency
        if "monetary" in edges:
            amount = pd.to_numeric(rows["order_amount"])
            found = 1 + sum((amount > edge).astype(int) for edge in edges["monetary"])
            monetary = found.where(amount.notna(), frequency)
        return (100 * recency + 10 * frequency + monetary).where(rows["frequency"] > 0, 0).astype(int)

    def chosen(self, role: str, owner: str | None, segment: str | None, least: float | None, sort: str) -> list[str]:
        """Ids in the order of a list."""
        rows = self.sorted[sort]
        kept = np.ones(len(rows), dtype=bool)
        for rep in (owner, self.owner if role == "sales" else None):
            if rep is not None:
                kept &= (rows["owner"] == rep).to_numpy()
        if segment is not None and segment.startswith("rfm_"):
            kept &= (rows["cell"] == int(segment[4:])).to_numpy()
        elif segment is not None:
            kept &= (rows["segment_id"] == segment).to_numpy()
        if least is not None:
            kept &= (rows["risk"] >= least).to_numpy()
        return [str(key) for key in rows["customer_id"].to_numpy()[kept]]


@dataclass
class Prober:
    """Asks at random, by a seed, and compares."""

    door: Door
    truth: Truth
    owner: str
    chance: random.Random
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        everybody = self.truth.customers
        self.owners = [*sorted(everybody["owner"].dropna().unique()), self.owner, "nobody", "' OR '1'='1"]
        cells = [f"rfm_{cell}" for cell in sorted(set(self.truth.scored["cell"]) - {0})]
        named = sorted(self.truth.scored["segment_id"].dropna().unique())
        self.segments = [*named * 3, *cells]
        self.ids = [*everybody["customer_id"], "L-1", "missing"]

    def maybe(self, choices: Any) -> Any:
        return self.chance.choice(choices) if self.chance.random() < 0.4 else None

    def tell(self, role: str, keys: list[str]) -> list[str]:
        return [self.door.callers[role].label(key) for key in keys]

    async def once(self, role: str) -> None:
        kinds = [self.churn] * 10 + [self.members] * 4 + [self.one] * 3 + [self.contacts] * 3 + [self.export]
        kind = self.chance.choice(kinds)
        self.counts[kind.__name__] = self.counts.get(kind.__name__, 0) + 1
        await kind(role)

    async def churn(self, role: str) -> None:
        owner, segment = self.maybe(self.owners), self.maybe([*self.segments, "no such"])
        risks = [0, 1, 0.25, round(self.chance.random(), 3), *self.truth.scored["risk"].dropna().sample(
            1, random_state=self.chance.randrange(1000))]  # fmt: skip
        least, sort = self.maybe(risks), self.maybe(SORTS)
        given = {"owner": owner, "segment": segment, "min_risk": least, "sort": sort}
        # Left out, min_risk is 0: customers without a risk are in no list of risks.
        expected = self.truth.chosen(role, owner, segment, least or 0.0, sort or "risk")
        await self.pages(role, "/api/v1/churn", given, expected)

    async def members(self, role: str) -> None:
        segment = self.chance.choice(self.segments)
        await self.pages(
            role, f"/api/v1/segments/{segment}/customers", {}, self.truth.chosen(role, None, segment, None, "value")
        )

    async def pages(self, role: str, path: str, given: dict[str, Any], expected: list[str]) -> None:
        """One page or several, as JSON or CSV: the very ids in the very order, the total, and an end where it ends."""
        limit = self.chance.choice([1, 7, 50, 100, 1000])
        form = self.chance.choice(["json", "csv"])
        asked = {name: value for name, value in given.items() if value is not None}
        found: list[str] = []
        cursor: str | None = None
        for _ in range(2):
            query = {**asked, "limit": limit, "format": form} | ({"cursor": cursor} if cursor else {})
            status, headers, content = await self.door.ask(role, "GET", f"{path}?{urlencode(query)}")
            assert status == 200, (role, path, query, content)
            if form == "json":
                answer = json.loads(content)
                assert answer["total"] == len(expected), (role, path, query)
                rows = answer["customers"]
                assert answer["next"] == headers.get("x-next-cursor")
            else:
                rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
            assert role != "analyst" or not any("name" in row for row in rows)
            found += [row["customer_id"] for row in rows]
            cursor = headers.get("x-next-cursor")
            if cursor is None:
                break
        whole = self.tell(role, expected)
        assert found == (whole if cursor is None else whole[: len(found)]), (role, path, given, limit)
        assert cursor is None or len(found) == 2 * limit

    async def one(self, role: str) -> None:
        key = self.chance.choice(self.ids)
        address = f"/api/v1/customers/{quote(self.door.callers[role].label(key), safe='')}"
        status, _, content = await self.door.ask(role, "GET", address)
        row = self.truth.customers[self.truth.customers["customer_id"] == key]
        if role == "marketing":
            assert status == 403
            return
        # An analyst finds who is published; live newcomers after the next publishing (docs/live.md).
        there = len(row) == 1 and not (role == "analyst" and key.startswith("L-"))
        visible = there and (role != "sales" or row["owner"].iloc[0] == self.owner)
        assert status == (200 if visible else 404), (role, key, status)
        if visible:
            answer = json.loads(content)
            assert answer["customer_id"] == self.door.callers[role].label(key)
            profiled = key in set(self.truth.scored["customer_id"])
            assert (answer["scores"] is not None, bool(answer["features"])) == (profiled, profiled), (role, key)
            if role == "analyst":
                assert not {"name", "email", "phone"} & set(answer["profile"])

    async def export(self, role: str) -> None:
        asked: dict[str, Any] = {
            "format": "json",
            "holdout": 0.0,
            "purpose": self.chance.choice(["marketing", "service"]),
        }
        owner, segment = self.maybe(self.owners), self.maybe(self.segments)
        least = self.maybe([0.0, 0.5, 0.9])
        if segment is None and least is None:
            least = 0.2
        asked |= {
            name: value
            for name, value in (("owner", owner), ("segment", segment), ("min_risk", least))
            if value is not None
        }
        status, _, content = await self.door.ask(role, "POST", "/api/v1/exports", asked)
        if role == "analyst":
            assert status == 403
            return
        made = json.loads(content)
        matching = self.truth.chosen(role, owner, segment, least, "value" if least is None else "risk")
        rows = self.truth.scored
        agreed = set(rows[rows["marketing_consent"].eq(True)]["customer_id"])
        sent = matching if asked["purpose"] == "service" else [key for key in matching if key in agreed]
        assert (made["matching"], made["sent"]) == (len(matching), len(sent)), (role, asked)
        address = f"/api/v1/exports/{made['export_id']}?download=true"
        _, _, file = await self.door.ask(role, "GET", address)
        assert [row["customer_id"] for row in json.loads(file)["customers"]] == sent

    async def contacts(self, role: str) -> None:
        """Contacts that no machine sent, counted one by one under the filters; sales' own customers' alone."""
        rows = self.interactions
        begin = datetime(2026, 8, 1, 16, tzinfo=UTC) + timedelta(days=self.chance.randrange(80))
        end = begin + timedelta(days=self.chance.choice([1, 7, 30, 90]))
        kept = rows[(rows["occurred_at"] >= begin) & (rows["occurred_at"] < end)]
        where: dict[str, list[str]] = {}
        for name in PLACES:
            if self.chance.random() < 0.25:
                values = sorted(rows[name].dropna().unique())
                where[name] = self.chance.sample(values, self.chance.randint(1, min(3, len(values))))
                kept = kept[kept[name].isin(where[name])]
        if role == "sales":
            kept = kept[kept["owner"] == self.owner]
        query = [("from", begin.isoformat()), ("to", end.isoformat())]
        query += [(name, value) for name, values in where.items() for value in values]
        status, _, content = await self.door.ask(role, "GET", f"/api/v1/statistics/contacts?{urlencode(query)}")
        assert status == 200, content
        assert sum(row["value"] for row in json.loads(content)["rows"]) == len(kept), (role, where, begin, end)

    @property
    def interactions(self) -> pd.DataFrame:
        if not hasattr(self, "_interactions"):
            snapshot = self.door.snapshot
            assert snapshot.overlay is not None
            live = snapshot.overlay.tables["interactions"]
            published = snapshot.tables["interactions"]
            old = published.filter(
                pc.invert(pc.is_in(published["interaction_id"], value_set=live["interaction_id"].combine_chunks()))
            )
            columns = ["customer_id", "occurred_at", "channel", "direction", "outcome", "is_automated"]
            rows = pd.concat([old.select(columns).to_pandas(), live.select(columns).to_pandas()], ignore_index=True)
            rows = rows[rows["is_automated"].ne(True)]
            self._interactions = rows.merge(
                self.truth.customers[["customer_id", "owner", "region", "city"]], how="left"
            )
        return self._interactions


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", ROLES)
def test_random_questions_get_what_a_plain_filter_gives(door: Door, owner: str, role: str, share: float) -> None:
    truth = Truth(door.snapshot, owner)
    assert len(truth.refused) >= 5
    assert {"L-1", "L-2"} <= set(truth.customers["customer_id"])
    prober = Prober(door, truth, owner, random.Random(role))

    async def ask() -> None:
        for _ in range(round(QUERIES * share)):
            await prober.once(role)

    asyncio.run(ask())
    assert door.asked >= QUERIES * share
    assert set(prober.counts) == {"churn", "members", "one", "contacts", "export"}
