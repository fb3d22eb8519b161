"""Exports over the published company, against plain pandas; and the doors they go through."""

import csv
import hashlib
import hmac
import io
import json
import os
import stat
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from serving.callers import Caller
from serving.errors import NotFound
from serving.export_files import COLUMNS, content
from serving.exports import Asked, forget, found, make
from serving.snapshot import Snapshot
from workspace import export_records
from workspace.state import State

Served = tuple[httpx.Client, dict[str, str]]
SECRET = bytes(range(32))
AT = "2026-11-01T00:00:00.000000+00:00"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def _segment(snapshot: Snapshot) -> str:
    profiles = snapshot.tables["segment_profiles"].to_pylist()
    return str(max(profiles, key=lambda row: row["customers"])["segment_id"])


def _matching(snapshot: Snapshot, **equal: Any) -> dict[str, dict[str, Any]]:
    """Scored customers who may be profiled, by key, as a plain join."""
    customers = {row["customer_id"]: row for row in snapshot.tables["customers"].to_pylist()}
    rows = [{**customers[row["customer_id"]], **row} for row in snapshot.tables["customer_scores"].to_pylist()]
    allowed = [row for row in rows if not row["do_not_profile"]]
    return {row["customer_id"]: row for row in allowed if all(row[name] == value for name, value in equal.items())}


def _make(snapshot: Snapshot, caller: Caller, state: State, folder: Path, **asked: Any) -> tuple[dict[str, Any], bytes]:
    export = make(snapshot, caller, Asked(**asked), state, SECRET, folder, AT)
    (file,) = folder.glob(f"{export['export_id']}.*")
    return export, file.read_bytes()


def _listed(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))


def _drawn(campaign: str, customer: str) -> float:
    digest = hmac.new(SECRET, f"holdout:{len(campaign)}:{campaign}:{customer}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def test_a_marketing_list_holds_who_agreed_less_who_is_held_out(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    segment = _segment(snapshot)
    export, written = _make(
        snapshot, callers["marketing"], state, folder, segment=segment, holdout=0.3, campaign="autumn"
    )
    matching = _matching(snapshot, segment_id=segment)
    agreed = {key for key, row in matching.items() if row["marketing_consent"] is True}
    held_out = {key for key in agreed if _drawn("autumn", key) < 0.3}
    assert 0 < len(held_out) < len(agreed) < len(matching)
    rows = _listed(written)
    assert {row["customer_id"] for row in rows} == agreed - held_out
    assert (export["matching"], export["sent"], export["held_out"]) == (
        len(matching),
        len(agreed - held_out),
        len(held_out),
    )
    assert export["left_out_without_consent"] == len(matching) - len(agreed)
    assert export["matching"] == export["sent"] + export["held_out"] + export["left_out_without_consent"]
    assert f"{export['left_out_without_consent']} are left out" in export["message_en"]
    for row in rows:
        expected = matching[row["customer_id"]]
        assert row["email"] == (expected["email"] or "")
        assert row["phone"].removeprefix("'") == (expected["phone"] or "")
        assert row["churn_90"] == ("" if expected["churn_90"] is None else str(expected["churn_90"]))
    assert export_records.exported(state, export["export_id"]) == (sorted(agreed - held_out), sorted(held_out))


def test_a_service_list_asks_for_no_consent_and_a_risk_list_for_its_risk(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    asked: dict[str, Any] = {"min_risk": 0.4, "purpose": "service", "holdout": 0.0}
    export, written = _make(snapshot, callers["admin"], state, folder, **asked)
    risks = {key: row["churn_90"] for key, row in _matching(snapshot).items()}
    rows = _listed(written)
    assert {row["customer_id"] for row in rows} == {key for key, risk in risks.items() if (risk or 0.0) >= 0.4}
    shown = [float(row["churn_90"]) for row in rows]
    assert shown == sorted(shown, reverse=True)
    assert export["held_out"] == export["left_out_without_consent"] == 0


def test_who_must_not_be_profiled_is_in_no_list_even_if_once_scored(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    customers = snapshot.tables["customers"]
    everybody = customers.set_column(
        customers.column_names.index("do_not_profile"), "do_not_profile", pa.array([True] * len(customers))
    )
    later = replace(snapshot, tables={**snapshot.tables, "customers": everybody})
    export, written = _make(later, callers["admin"], state, folder, min_risk=0.0, purpose="service")
    assert (export["matching"], export["sent"], export["held_out"]) == (0, 0, 0)
    assert written.decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"


def test_sales_export_their_own_customers_and_see_their_own_exports(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path, owner: str
) -> None:
    asked: dict[str, Any] = {"min_risk": 0.0, "purpose": "service", "holdout": 0.0}
    export, written = _make(snapshot, callers["sales"], state, folder, **asked)
    own = {key for key, row in _matching(snapshot, owner=owner).items() if row["churn_90"] is not None}
    assert {row["customer_id"] for row in _listed(written)} == own
    other = next(name for name in snapshot.listing.owners.drop_null().unique().to_pylist() if name != owner)
    foreign, _ = _make(snapshot, callers["sales"], state, folder, owner=other, **asked)
    assert foreign["matching"] == 0
    everybody, _ = _make(snapshot, callers["admin"], state, folder, **asked)
    assert found(state, callers["sales"], export["export_id"])["sent"] == len(own)
    assert found(state, callers["marketing"], export["export_id"])["sent"] == len(own)
    rival = Caller("rival", "sales", other, callers["sales"].pseudonyms)
    for caller, export_id in ((callers["sales"], everybody["export_id"]), (rival, export["export_id"])):
        with pytest.raises(NotFound):
            found(state, caller, export_id)


def test_the_three_forms_hold_the_same_customers(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    asked: dict[str, Any] = {"segment": _segment(snapshot), "purpose": "service"}
    made = {
        form: _make(snapshot, callers["admin"], state, folder, format=form, **asked) for form in ("csv", "json", "xlsx")
    }
    from_json = json.loads(made["json"][1])
    book = load_workbook(io.BytesIO(made["xlsx"][1]))
    from_excel = [dict(zip(COLUMNS, line, strict=True)) for line in book["customers"].iter_rows(2, values_only=True)]
    # A workbook's numbers have 16 digits; Excel shows 15.
    rounded = [
        {name: float(f"{one:.16G}") if isinstance(one, float) else one for name, one in row.items()}
        for row in from_json["customers"]
    ]
    assert from_excel == rounded
    assert [row["customer_id"] for row in _listed(made["csv"][1])] == [row["customer_id"] for row in from_excel]
    assert from_json["about"]["filters"]["segment"] == asked["segment"]
    assert dict(book["about"].iter_rows(2, values_only=True))["version"] == snapshot.version
    for export, written in made.values():
        assert export["file_sha256"] == hashlib.sha256(written).hexdigest()
        assert export["file_bytes"] == len(written)
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again, written = _make(snapshot, callers["admin"], state, folder, format="xlsx", **asked)
    assert written == made["xlsx"][1]
    assert again["export_id"] != made["xlsx"][0]["export_id"]


def test_no_text_is_a_formula() -> None:
    hostile = ["=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "\t=1"]
    rows = [{**dict.fromkeys(COLUMNS), "customer_id": "1", "name": text} for text in hostile]
    assert all(row["name"].startswith("'") for row in _listed(content("csv", {}, rows)))
    sheet = load_workbook(io.BytesIO(content("xlsx", {}, rows)))["customers"]
    assert [(cell.value, cell.data_type) for cell in list(sheet["B"])[1:]] == [(text, "s") for text in hostile]


def test_a_list_that_can_not_be_recorded_leaves_no_file(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    with state.begin() as connection:
        export_records.METADATA.tables["exported_customers"].drop(connection)
    with pytest.raises(Exception, match="exported_customers"):
        _make(snapshot, callers["admin"], state, folder, min_risk=0.0)
    assert list(folder.iterdir()) == []


def test_what_a_killed_export_left_is_removed_and_nothing_else(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    kept, _ = _make(snapshot, callers["admin"], state, folder, min_risk=0.0)
    left = [folder / "e_0123456789abcdef.csv", folder / ".e_0123456789abcdef.xlsx.01234567.new"]
    fresh = folder / "e_fedcba9876543210.csv"
    for file in (*left, fresh, folder / "calls.csv"):
        file.write_text("x")
    for file in folder.iterdir():
        if file != fresh:
            os.utime(file, (time.time() - 7200,) * 2)
    second, _ = _make(snapshot, callers["admin"], state, folder, min_risk=0.0)
    assert {file.name for file in folder.iterdir()} == {
        f"{kept['export_id']}.csv", f"{second['export_id']}.csv", fresh.name, "calls.csv",
    }  # fmt: skip


def test_a_person_is_forgotten_in_files_and_records(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path
) -> None:
    segment = _segment(snapshot)
    export, written = _make(snapshot, callers["admin"], state, folder, segment=segment, holdout=0.5)
    sent, held_out = export_records.exported(state, export["export_id"])
    assert forget(state, folder, [held_out[0]]) == []
    assert sent[0].encode() in written
    assert len(list(folder.iterdir())) == 1
    assert forget(state, folder, [sent[0], "nobody"]) == [export["export_id"]]
    assert list(folder.iterdir()) == []
    assert export_records.exported(state, export["export_id"]) == (sent[1:], held_out[1:])
    assert found(state, callers["admin"], export["export_id"])["sent"] == len(sent)


def test_over_http_a_list_is_made_shown_and_downloaded(served: Served, snapshot: Snapshot) -> None:
    client, keys = served
    marketing, sales = ({"authorization": f"Bearer {keys[role]}"} for role in ("marketing", "sales"))
    made = client.post("/api/v1/exports", json={"segment": _segment(snapshot)}, headers=marketing)
    assert made.status_code == 201
    path = f"/api/v1/exports/{made.json()['export_id']}"
    assert client.get(path, headers=marketing).json() == made.json()
    file = client.get(f"{path}?download=true", headers=marketing)
    assert hashlib.sha256(file.content).hexdigest() == made.json()["file_sha256"]
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"].startswith('attachment; filename="e_')
    assert len(_listed(file.content)) == made.json()["sent"]
    for hidden in (path, f"{path}?download=true", f"{path}/lift", "/api/v1/exports/e_0"):
        assert client.get(hidden, headers=sales).status_code == 404
    lift = client.get(f"{path}/lift?days=7", headers=marketing).json()
    assert (lift["status"], lift["difference"], lift["sent"]["with_outcome"]) == ("not_yet", None, None)
    assert lift["sent"]["customers"] == made.json()["sent"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"owner": "canary"}, 422),
        ({"segment": "canary"}, 404),
        ({"segment": ""}, 422),
        ({"min_risk": 1.5}, 422),
        ({"min_risk": "canary"}, 422),
        ({"min_risk": 0.5, "holdout": 0.95}, 422),
        ({"min_risk": 0.5, "holdout": -0.1}, 422),
        ({"min_risk": 0.5, "format": "canary"}, 422),
        ({"min_risk": 0.5, "purpose": "canary"}, 422),
        ({"min_risk": 0.5, "canary": 1}, 422),
    ],
)
def test_what_can_not_be_exported_is_said_and_not_repeated(served: Served, body: Any, status: int) -> None:
    client, keys = served
    answer = client.post("/api/v1/exports", json=body, headers={"authorization": f"Bearer {keys['admin']}"})
    assert answer.status_code == status
    assert "canary" not in answer.text


@pytest.mark.torture
@pytest.mark.parametrize("role", ["marketing", "sales", "admin"])
def test_random_lists_leak_nobody_and_miss_nobody(
    snapshot: Snapshot, callers: dict[str, Caller], state: State, folder: Path, role: str, share: float
) -> None:
    random = Random(role)
    customers = snapshot.tables["customers"]
    for name in ("marketing_consent", "do_not_profile"):
        said = [random.choice([True, False, None]) for _ in range(len(customers))]
        customers = customers.set_column(customers.column_names.index(name), name, pa.array(said))
    mixed = replace(snapshot, tables={**snapshot.tables, "customers": customers})
    everybody = _matching(mixed)
    owners, found_segments = ({row[name] for row in everybody.values()} - {None} for name in ("owner", "segment_id"))
    for _ in range(round(1000 * share)):
        asked: dict[str, Any] = {
            "segment": random.choice([None, *sorted(found_segments)]),
            "min_risk": random.choice([None, 0.0, random.random()]),
            "owner": random.choice([None, *sorted(owners)]),
            "purpose": random.choice(["marketing", "service"]),
            "holdout": random.choice([0.0, 0.1, 0.5]),
            "campaign": random.choice(["spring", "秋季", "a:b"]),
        }
        if asked["segment"] is None and asked["min_risk"] is None:
            continue
        _, written = _make(mixed, callers[role], state, folder, **asked)
        expected = {key for key, row in everybody.items() if _wanted(row, key, asked, callers[role].only_owner)}
        assert {row["customer_id"] for row in _listed(written)} == expected


def _wanted(row: dict[str, Any], key: str, asked: dict[str, Any], only_owner: str | None) -> bool:
    return (
        asked["segment"] in (None, row["segment_id"])
        and (asked["min_risk"] is None or (row["churn_90"] is not None and row["churn_90"] >= asked["min_risk"]))
        and asked["owner"] in (None, row["owner"])
        and only_owner in (None, row["owner"])
        and (asked["purpose"] == "service" or row["marketing_consent"] is True)
        and _drawn(asked["campaign"], key) >= asked["holdout"]
    )
