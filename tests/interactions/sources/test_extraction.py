"""Extraction: every row once, whatever is killed and when."""

import random
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interactions.sources import raw
from interactions.sources.collect import Received
from interactions.sources.cursors import before
from interactions.sources.extraction import extract, home_of
from interactions.sources.mapping import TableMapping, parse
from interactions.sources.texts import text_of
from workspace import erasure_records
from workspace.errors import SettingsError, SourceError
from workspace.folder import Workspace, open_workspace
from workspace.secret import secret

SCRIPT = Path(__file__).with_name("extract_and_clean.py")
TABLES = ("interactions", "message_signals", "quarantine", "accounts")
MOMENTS = ("collected_at", "known_at")
RunOrKill = Callable[..., tuple[bool, float]]
TORTURE_TRIES = 50
MOST_KILLS = 3
MAPPING: dict[str, Any] = {"columns": {"interaction_id": "id", "customer_id": "customer", "occurred_at": "at"}}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "workspace", create=True)


def mapping() -> TableMapping:
    return parse(MAPPING, "interactions")


def records(first: int, last: int, **more: Any) -> list[dict[str, Any]]:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return [
        {"id": n, "customer": f"c{n % 3}", "at": start + timedelta(hours=n), **more} for n in range(first, last + 1)
    ]


def resource(rows: list[dict[str, Any]], name: str = "calls", fail_after: int | None = None) -> Any:
    import dlt

    @dlt.resource(name=name)
    def fetched() -> Iterator[list[dict[str, Any]]]:
        for start in range(0, len(rows), 4):
            if fail_after is not None and start >= fail_after:
                raise OSError("the line with c1's telephone number broke")
            yield rows[start : start + 4]

    return fetched


def extracted(workspace: Workspace, rows: list[dict[str, Any]], **more: Any) -> Received:
    return extract(workspace, "crm", "interactions", resource(rows), mapping(), **more)


def received_ids(workspace: Workspace) -> list[list[str | None]]:
    return [pq.read_table(file.path)["id"].to_pylist() for file in raw.raw_files(workspace.raw, "crm")]


def test_only_rows_that_the_last_extraction_lacked_are_received(workspace: Workspace) -> None:
    rows = records(1, 10)
    assert extracted(workspace, rows).rows == 10
    assert not extracted(workspace, rows).new
    assert extracted(workspace, [*rows, *records(11, 12)]).rows == 2
    assert not extracted(workspace, records(5, 12)).new
    assert received_ids(workspace) == [[str(n) for n in range(1, 11)], ["11", "12"]]


def test_rows_of_erased_customers_are_left_out_and_counted(workspace: Workspace) -> None:
    with closing(workspace.state()) as state:
        erasure_records.ask(state, secret(workspace.folder), ["c1"], "admin", "2026-05-01T00:00:00+00:00")
    assert extracted(workspace, records(1, 6)).rows == 6
    assert received_ids(workspace) == [["2", "3", "5", "6"]]
    (file,) = raw.raw_files(workspace.raw, "crm")
    assert (file.rows, file.erased) == (4, 2)
    assert not extracted(workspace, records(1, 6)).new


def test_rows_are_numbered_and_every_column_is_text(workspace: Workspace) -> None:
    extracted(workspace, records(1, 9, nested={"a": [1, None]}, empty="", nothing=None))
    (file,) = raw.raw_files(workspace.raw, "crm")
    rows = pq.read_table(file.path)
    assert rows["rapport:row"].to_pylist() == list(range(1, 10))
    assert {str(rows.schema.field(name).type) for name in file.columns} == {"string"}
    assert rows.slice(0, 1).to_pylist()[0] | {"rapport:collected_at": None} == {
        "id": "1", "customer": "c1", "at": "2024-01-01 01:00:00+00:00", "nested": '{"a": [1, null]}', "empty": "",
        "nothing": None, "rapport:row": 1, "rapport:broken": None, "rapport:source": "crm", "rapport:file": "calls",
        "rapport:collected_at": None,
    }  # fmt: skip


def test_a_new_column_of_nulls_is_no_change_but_one_with_values_is(workspace: Workspace) -> None:
    extracted(workspace, records(1, 5))
    assert not extracted(workspace, records(1, 5, added=None)).new
    assert extracted(workspace, records(1, 5, added="x")).rows == 5


def test_documents_keep_the_columns_that_came_before(workspace: Workspace) -> None:
    fields = {"columns": {**MAPPING["columns"], "satisfaction": "survey.score"}}
    of_documents = parse(fields, "interactions")
    first = resource(records(1, 3, survey={"score": 5, "tags": ["a"]}))
    extract(workspace, "crm", "interactions", first, of_documents, documents=True)
    extract(workspace, "crm", "interactions", resource(records(4, 5)), of_documents, documents=True)
    files = raw.raw_files(workspace.raw, "crm")
    assert [set(file.columns) for file in files] == [{"id", "customer", "at", "survey.score", "survey.tags"}] * 2
    assert pq.read_table(files[1].path)["survey.score"].to_pylist() == [None, None]


def test_names_of_any_kind(workspace: Workspace) -> None:
    for name in ("客户/通话 %s", "a" * 300, "init", "_dlt_x"):
        received = extract(workspace, name[:100], "interactions", resource(records(1, 2), name), mapping())
        assert received.rows == 2


def test_what_stops_the_fetching_leaves_nothing_and_tells_no_values(workspace: Workspace) -> None:
    with pytest.raises(SourceError) as caught:
        extract(workspace, "crm", "interactions", resource(records(1, 9), fail_after=4), mapping())
    assert "OSError" in str(caught.value)
    assert "telephone" not in str(caught.value)
    assert not workspace.raw.exists()
    assert extracted(workspace, records(1, 9)).rows == 9


def test_a_lost_state_adds_nothing_for_what_is_there(workspace: Workspace) -> None:
    extracted(workspace, records(1, 9))
    shutil.rmtree(workspace.folder / "extraction")
    assert not extracted(workspace, records(1, 9)).new


class Killed(BaseException):
    """Stands for kill -9 in the middle of a step on files."""


def killing(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """Let the step `at` on files be the last: it is done (odd) or not (even) when the process dies."""
    count = 0

    def patched(original: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            if "interactions/sources" not in Path(sys._getframe(1).f_code.co_filename).as_posix():
                return original(*args, **kwargs)  # dlt's own: whatever it leaves is thrown away
            count += 1
            if count == at // 2 + 1 and at % 2 == 0:
                raise Killed
            result = original(*args, **kwargs)
            if count == at // 2 + 1:
                raise Killed
            return result

        return step

    for owner, name in (
        *((Path, name) for name in ("rename", "replace", "unlink", "touch", "write_text")),
        *((shutil, name) for name in ("rmtree", "copytree")),
        (np, "save"),
    ):
        monkeypatch.setattr(owner, name, patched(getattr(owner, name)))
    return lambda: count


@pytest.mark.slow
def test_killed_at_every_step_on_files_and_run_again_it_comes_to_the_same(tmp_path: Path) -> None:
    """The second extraction is killed at its first step, its second ... until it runs through."""
    begun = open_workspace(tmp_path / "begun", create=True)
    extracted(begun, records(1, 6))
    rows = [*records(1, 5), *records(6, 9, note="changed")]
    for at in range(200):
        shutil.copytree(begun.folder, tmp_path / str(at))
        workspace = open_workspace(tmp_path / str(at))
        with pytest.MonkeyPatch.context() as patch:
            steps = killing(patch, at)
            try:
                extracted(workspace, rows)
            except Killed:
                died = True
            else:
                died = steps() >= at // 2 + 1
        if not died:
            assert at >= 20
            return
        extracted(workspace, rows)
        assert received_ids(workspace)[1:] == [["6", "7", "8", "9"]], at
        assert sorted(path.name for path in home_of(workspace, "crm", "interactions").iterdir()) == ["kept"]
        shutil.rmtree(tmp_path / str(at))
    pytest.fail("it never ran through")


def begun_database(folder: Path, rows: int) -> Path:
    """A table of calls on days from 1 to 4 March 2024."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "shop.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY, customer TEXT, at TEXT, note TEXT)")
        connection.executemany(
            "INSERT INTO calls VALUES (?, ?, ?, ?)",
            (
                (n, f"c{n % 97}", f"2024-03-{1 + n % 4:02d} {n % 24:02d}:{n % 60:02d}:00", f"call {n}")
                for n in range(rows)
            ),
        )
    return database


def begun_workspace(folder: Path) -> Path:
    folder.mkdir(parents=True)
    columns = 'interaction_id = "id"\ncustomer_id = "customer"\noccurred_at = "at"\ncontent = "note"\n'
    (folder / "calls.toml").write_text(f"[interactions.columns]\n{columns}", encoding="utf-8")
    return folder


def lake_tables(folder: Path) -> dict[str, pa.Table]:
    """The clean tables without the moments of collecting, which are each run's own."""
    lake = open_workspace(folder).lake
    found = {}
    for name in TABLES:
        rows = lake.read(name)
        rows = rows.drop_columns([column for column in MOMENTS if column in rows.column_names])
        keys = [column for column in rows.column_names if not pa.types.is_nested(rows.schema.field(column).type)]
        found[name] = rows.sort_by([(column, "ascending") for column in keys])
    return found


def kill_and_compare(run_or_kill: RunOrKill, folder: Path, tries: int, rows: int, seed: int) -> int:
    """`tries` times: up to three kills at any moment, then a run to the end; the tables are those of one clean run.
    Returns how many kills hit."""
    chance = random.Random(seed)
    clean_run, database = begun_workspace(folder / "clean"), begun_database(folder / "clean source", rows)
    ended, seconds = run_or_kill(SCRIPT, clean_run, database, rows)
    assert ended
    expected = lake_tables(clean_run)
    kills = 0
    for number in range(tries):
        killed, database = begun_workspace(folder / f"try {number}"), begun_database(folder / f"source {number}", rows)
        for _ in range(chance.randint(1, MOST_KILLS)):
            delay = chance.uniform(0, seconds)
            kills += not run_or_kill(SCRIPT, killed, database, rows, kill_after=delay)[0]
        assert run_or_kill(SCRIPT, killed, database, rows)[0]
        found = lake_tables(killed)
        for name, table in expected.items():
            assert found[name].equals(table), f"{name} of try {number}, seed {seed}"
        shutil.rmtree(killed)
    return kills


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_the_tables_are_the_same(run_or_kill: RunOrKill, tmp_path: Path) -> None:
    assert kill_and_compare(run_or_kill, tmp_path, tries=3, rows=4_000, seed=random.randrange(10**6)) > 0


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_killed_fifty_times(run_or_kill: RunOrKill, tmp_path: Path, share: float) -> None:
    tries = max(1, round(TORTURE_TRIES * share))
    assert kill_and_compare(run_or_kill, tmp_path, tries, rows=10_000, seed=random.randrange(10**6)) > 0


@pytest.mark.parametrize(
    ("value", "lag", "expected"),
    [
        (None, timedelta(days=1), None),
        (datetime(2024, 3, 1, 12, tzinfo=UTC), timedelta(hours=13), datetime(2024, 2, 29, 23, tzinfo=UTC)),
        (date(2024, 3, 1), timedelta(hours=25), date(2024, 2, 28)),
        ("2024-03-01 10:00:00.123", timedelta(days=1), "2024-02-29 10:00:00"),
        ("2024-03-01T10:00:00.5Z", timedelta(days=1), "2024-02-29T10:00:00"),
        ("2024-03-01", timedelta(days=2), "2024-02-28"),
        ("2024-03-01", timedelta(hours=1), "2024-02-28"),
        (10, 3, 7),
        (10, None, 10),
    ],
)
def test_lag(value: Any, lag: Any, expected: Any) -> None:
    assert before(value, lag, "at", "[sources.crm]") == expected


@pytest.mark.parametrize(("value", "lag"), [(5, timedelta(days=1)), ("2024-03-01", 3), ("soon", timedelta(days=1))])
def test_lag_that_does_not_suit(value: Any, lag: Any) -> None:
    with pytest.raises(SettingsError, match="cursor_lag"):
        before(value, lag, "at", "[sources.crm]")


def test_durations_and_bytes_as_text() -> None:
    assert text_of(timedelta(hours=-30, seconds=-1)) == "-30:00:01"
    assert text_of(b"\x01") == "01"
    assert text_of(memoryview("é\n".encode())) == "é\n"
    assert text_of({"b", "a"}) == '["a", "b"]'
