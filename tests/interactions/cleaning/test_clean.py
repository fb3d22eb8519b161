"""Raw to clean tables: every row accounted for, once, and again the same after a kill."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactions.cleaning import clean as cleaning
from interactions.cleaning.clean import clean
from interactions.cleaning.report import OUTCOMES, Account
from interactions.sources.collect import collect
from workspace.errors import WorkspaceError
from workspace.folder import Workspace, open_workspace
from workspace.lake import Lake

MAPPING = """
[interactions]
delimiter = ","
header = true
where = "kind != 'test'"
[interactions.columns]
interaction_id = "id"
customer_id = { column = "customer", nulls = ["0", "未知"] }
occurred_at = { column = "when", format = ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"] }
responded_at = "answered"
channel = "how"
kind = "kind"
duration = { column = "talk", unit = "min" }
satisfaction = "stars"
content = "text"
"""
HEADER = "id,customer,when,answered,how,kind,talk,stars,text"
Row = tuple[str, ...]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "company", create=True)


def receive(workspace: Workspace, rows: list[str], mapping: str = MAPPING, **more: Any) -> None:
    """Collect lines as one file of the source `crm`."""
    folder = workspace.folder.parent
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    (folder / "calls.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    collect(workspace, [folder / "calls.csv"], "interactions", folder / "m.toml", **{"source": "crm", **more})


def account(workspace: Workspace) -> Account:
    (row,) = clean(workspace).rows
    assert row.received == sum(getattr(row, name) for name in OUTCOMES)
    return row


def contents(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """All tables that clean writes, sorted, for comparing runs."""
    tables = ("interactions", "message_signals", "quarantine", "accounts")
    return {name: sorted(workspace.lake.read(name).to_pylist(), key=repr) for name in tables}


FULL = [
    "1,C1,2024-01-05 10:00,2024-01-05 10:30,电话,ask,2,5,很好",
    "2, Ｃ１２　,05/01/2024 11:00,,微信,ask,1:30,N/A,打13812345678给我",
    "2, Ｃ１２　,05/01/2024 11:00,,微信,ask,1:30,N/A,打13812345678给我",
    "3,未知,2024-01-05 12:00,,信鸽,ask,,,",
    "4,C3,2024-01-05 12:00,,chat,test,,,",
    "5,C3,2024-01-05 12:00,2024-01-05 11:00,chat,ask,-3,9,",
    "6,C3,2999-01-05 12:00,,chat,ask,x,4.5,",
    "7,C3,,,chat,ask,,,",
    "8,C3,31/02/2024 10:00",
    ",C3,2024-01-05 12:00,,chat,ask,,,",
    "1,C1,2024-01-05 10:00,2024-01-05 10:30,电话,ask,2,4,很好",
]


def test_every_kind_of_row(workspace: Workspace) -> None:
    receive(workspace, FULL)
    row = account(workspace)
    assert (row.received, row.kept, row.duplicate, row.excluded, row.quarantined) == (11, 4, 1, 1, 5)
    assert row.repairs == {
        "channel: unknown word to other": 1,
        "channel: word to vocabulary": 3,
        "content: personal data masked": 1,
        "customer_id: blank to null": 1,
        "customer_id: id trimmed/width-normalised": 1,
        "duration: clock to ms": 1,
        "duration: minutes to ms": 2,
        "occurred_at: date format 2": 1,
        "satisfaction: blank to null": 1,
    }
    found = workspace.lake.read("quarantine").to_pylist()
    assert {row["source_row"]: set(row["reasons"].split("; ")) for row in found} == {
        6: {"duration negative", "satisfaction out of range", "answered before asked"},
        7: {"occurred_at in the future", "duration not a number", "satisfaction not a whole number"},
        8: {"occurred_at missing"},
        9: {"broken line"},
        10: {"interaction_id missing"},
    }
    refused = {row["source_row"]: json.loads(row["row"]) for row in found}
    assert refused[9] == {"line": "8,C3,31/02/2024 10:00"}
    assert refused[6]["talk"] == "-3"


def test_what_kept_rows_say(workspace: Workspace) -> None:
    receive(workspace, FULL)
    clean(workspace)
    rows = {row["source_row"]: row for row in workspace.lake.read("interactions").to_pylist()}
    assert rows[1]["occurred_at"] == datetime(2024, 1, 5, 2, 0, tzinfo=UTC)
    assert (rows[1]["duration_ms"], rows[1]["channel"], rows[1]["direction"]) == (120_000, "phone", "unknown")
    assert (rows[2]["customer_id"], rows[2]["duration_ms"], rows[2]["content"]) == ("C12", 90_000, "打⟨phone⟩给我")
    assert (rows[4]["customer_id"], rows[4]["channel"], rows[4]["content"]) == (None, "other", None)
    signals = {row["source_row"]: row for row in workspace.lake.read("message_signals").to_pylist()}
    assert set(signals) == {1, 2, 11}
    assert (signals[2]["masked"], signals[2]["language"]) == (1, "zh")
    assert signals[1]["sentiment"] > 0.05


def test_versions_and_when_they_were_known(workspace: Workspace) -> None:
    receive(workspace, FULL)
    clean(workspace)
    rows = {row["source_row"]: row for row in workspace.lake.read("interactions").to_pylist()}
    assert rows[1]["known_at"] == rows[1]["occurred_at"]
    assert rows[11]["known_at"] == rows[11]["collected_at"]


def test_collecting_and_cleaning_twice_adds_nothing(workspace: Workspace) -> None:
    receive(workspace, FULL)
    first = clean(workspace)
    before = contents(workspace)
    receive(workspace, FULL)
    assert clean(workspace).cleaned == ()
    assert clean(workspace).rows == first.rows
    assert contents(workspace) == before


def test_a_grown_file_adds_its_new_and_changed_rows(workspace: Workspace) -> None:
    receive(workspace, FULL)
    clean(workspace)
    changed = "3,C9,2024-01-05 12:00,,信鸽,ask,,,"
    receive(workspace, [*FULL[:3], changed, *FULL[4:], "11,C1,2024-01-06 10:00,,sms,ask,,,"])
    row = account(workspace)
    assert (row.received, row.known, row.kept) == (23, 3, 6)
    added = [row for row in workspace.lake.read("interactions").to_pylist() if row["source_row"] in (4, 12)]
    latest = max(added, key=lambda row: (row["interaction_id"] == "3", row["collected_at"]))
    assert (latest["customer_id"], latest["known_at"]) == ("C9", latest["collected_at"])


def test_what_goes_back_to_an_older_state_is_a_version_too(workspace: Workspace) -> None:
    for stars in ("3", "4", "3"):
        receive(workspace, [f"1,C1,2024-01-05 10:00,,chat,ask,,{stars},", f"2,C{stars},2024-01-05 10:00,,,,,,"])
        clean(workspace)
        workspace.folder.parent.joinpath("calls.csv").write_text("")
    # The third file is the first one again: raw holds it already, so nothing is received.
    assert account(workspace).received == 4
    receive(workspace, ["1,C1,2024-01-05 10:00,,chat,ask,,3,", "9,C1,2024-01-05 10:00,,,,,,"])
    clean(workspace)
    found = workspace.lake.read("interactions").to_pylist()
    versions = sorted((row["collected_at"], row["satisfaction"]) for row in found if row["interaction_id"] == "1")
    assert [stars for _, stars in versions] == [3, 4, 3]


@pytest.mark.slow
def test_two_sources_that_disagree_do_not_grow_for_ever(workspace: Workspace) -> None:
    for turn in range(3):
        for source, stars in (("crm", "3"), ("erp", "4")):
            lines = [f"1,C1,2024-01-05 10:00,,chat,ask,,{stars},", f"x{turn}{source},C1,2024-01-05 10:00,,,,,,"]
            receive(workspace, lines, source=source)
    clean(workspace)
    found = [row for row in workspace.lake.read("interactions").to_pylist() if row["interaction_id"] == "1"]
    assert sorted(row["satisfaction"] for row in found) == [3, 4]


def test_true_repeats_stay_where_no_key_is_given(workspace: Workspace) -> None:
    keyless = MAPPING.replace('interaction_id = "id"\n', "")
    receive(workspace, [FULL[0], FULL[0], FULL[3]], keyless)
    row = account(workspace)
    assert (row.kept, row.duplicate) == (3, 0)
    receive(workspace, [FULL[3], FULL[0], FULL[0], FULL[0]], keyless)
    row = account(workspace)
    assert (row.received, row.known, row.kept) == (7, 3, 4)


def test_a_changed_mapping_rebuilds_what_came_from_its_source(workspace: Workspace) -> None:
    receive(workspace, FULL)
    receive(workspace, ["90,C1,2024-01-05 10:00,,,,,,"], source="other")
    clean(workspace)
    other = [row for row in contents(workspace)["interactions"] if row["source"] == "other"]
    receive(workspace, FULL, MAPPING.replace('unit = "min"', 'unit = "s"').replace("where = \"kind != 'test'\"\n", ""))
    rows = {row.source: row for row in clean(workspace).rows}
    assert (rows["crm"].kept, rows["crm"].excluded, rows["crm"].received) == (5, 0, 11)
    found = contents(workspace)
    assert [row for row in found["interactions"] if row["source"] == "other"] == other
    assert (
        next(row["duration_ms"] for row in found["interactions"] if row["source_row"] == 1 and row["source"] == "crm")
        == 2000
    )
    fresh = open_workspace(workspace.folder.parent / "fresh", create=True)
    assert len(found["quarantine"]) == 5
    assert clean(workspace).cleaned == ()
    assert clean(fresh).rows == ()


def test_a_rebuild_reconsiders_what_other_sources_already_knew(workspace: Workspace) -> None:
    line = "1,C1,2024-01-05 10:00,,chat,ask,,3,"
    receive(workspace, [line], source="a")
    receive(workspace, [line], source="b")
    assert {row.source: (row.kept, row.known) for row in clean(workspace).rows} == {"a": (1, 0), "b": (0, 1)}
    receive(workspace, [line], MAPPING.replace("where = \"kind != 'test'\"", "where = \"kind != 'ask'\""), source="a")
    assert {row.source: (row.kept, row.excluded) for row in clean(workspace).rows} == {"a": (0, 1), "b": (1, 0)}
    assert [row["source"] for row in workspace.lake.read("interactions").to_pylist()] == ["b"]


@pytest.mark.parametrize(
    ("rebuild", "dies_at"),
    [
        (False, 0),
        pytest.param(False, 1, marks=pytest.mark.slow),
        (False, 3),
        (True, 1),
        pytest.param(True, 3, marks=pytest.mark.slow),
    ],
)
def test_a_run_that_dies_is_finished_by_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, rebuild: bool, dies_at: int
) -> None:
    receive(workspace, FULL, MAPPING.replace('"min"', '"s"') if rebuild else MAPPING)
    if rebuild:
        clean(workspace)
        receive(workspace, FULL)
    whole = open_workspace(workspace.folder.parent / "whole", create=True)
    moment = cleaning.raw.raw_files(workspace.raw)[0].collected_at - timedelta(microseconds=1)
    receive(whole, FULL, collected_at=moment)
    clean(whole)
    calls = iter(range(100))
    with monkeypatch.context() as patch:
        for name in ("replace_where",) if rebuild else ("append_files", "append"):
            patch.setattr(Lake, name, dying_at(getattr(Lake, name), calls, dies_at))
        with pytest.raises(KeyboardInterrupt):
            clean(workspace)
    clean(workspace)
    assert contents(workspace) == contents(whole)


def test_a_run_that_dies_before_its_commit_leaves_nothing_to_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(workspace, FULL)
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "_add", dying_at(Lake._add, iter(range(100)), 0))
        with pytest.raises(KeyboardInterrupt):
            clean(workspace)
    assert list((workspace.folder / "lake" / "interactions").glob("*.parquet"))
    assert workspace.lake.count("interactions") == 0
    clean(workspace)
    assert workspace.lake.count("interactions") == workspace.lake.read("interactions").num_rows == 4
    assert list(workspace.temp.iterdir()) == []


def dying_at(write: Callable[..., None], calls: Iterator[int], turn: int) -> Callable[..., None]:
    """The write, which at the turn-th of the counted calls is interrupted before it does anything."""

    def dying(*arguments: Any, **named: Any) -> None:
        if next(calls) == turn:
            raise KeyboardInterrupt
        write(*arguments, **named)

    return dying


WORDS = st.sampled_from(
    [
        "",
        "1",
        "2",
        "C1",
        "0",
        "N/A",
        "2024-01-05 10:00",
        "05/01/2024 10:00",
        "soon",
        "-1",
        "5",
        "9",
        "test",
        "电话",
        "很好？",
        "1:30",
    ]
)
LINES = st.one_of(
    st.lists(WORDS, min_size=9, max_size=9).map(",".join),
    st.sampled_from(FULL),
    st.text(
        st.characters(codec="utf-8", exclude_characters='"\r\n\x00', exclude_categories=("Cs",)),
        min_size=1,
        max_size=20,
    ),
)


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(LINES, min_size=1, max_size=30), min_size=1, max_size=2))
def test_received_adds_up_for_any_input(tmp_path_factory: pytest.TempPathFactory, files: list[list[str]]) -> None:
    workspace = open_workspace(tmp_path_factory.mktemp("any") / "company", create=True)
    for lines in files:
        receive(workspace, ["1,C1,2024-01-05 10:00,,chat,ask,,3,", *lines])
    row = account(workspace)
    assert row.received == sum(1 + len(lines) for lines in {tuple(file) for file in files})
    assert row.quarantined == workspace.lake.count("quarantine")
    assert row.kept == workspace.lake.count("interactions")
    before = contents(workspace)
    receive(workspace, ["1,C1,2024-01-05 10:00,,chat,ask,,3,", *files[-1]])
    assert clean(workspace).cleaned == ()
    assert contents(workspace) == before


def test_nothing_collected_is_nothing_cleaned(workspace: Workspace) -> None:
    report = clean(workspace)
    assert (report.rows, report.cleaned) == ((), ())


def test_the_report_is_ready_for_json(workspace: Workspace) -> None:
    receive(workspace, FULL)
    report = clean(workspace).to_dict()
    assert report["rows"][0]["kept"] == 4
    assert report["rows"][0]["repairs"]["duration: minutes to ms"] == 2
    json.dumps(report)


def test_rows_whose_files_lie_on_another_machine_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines collected one source: neither takes the other's rows for gone, nor can it clean them anew."""
    monkeypatch.setenv("RAPPORT_LAKE__URL", f"file://{tmp_path / 'store'}")
    for name in ("one", "two"):
        company = open_workspace(tmp_path / name / "company", create=True)
        receive(company, [f"{name},customer {name},2026-01-01 10:00,,phone,,1,5,text of {name}"])
        clean(company)
    assert sorted(company.lake.read("interactions")["interaction_id"].to_pylist()) == ["one", "two"]
    monkeypatch.setenv("RAPPORT_COMPANY__TIMEZONE", "Europe/Paris")
    with pytest.raises(WorkspaceError, match="another machine"):
        clean(open_workspace(company.folder))
    assert company.lake.count("interactions") == 2
