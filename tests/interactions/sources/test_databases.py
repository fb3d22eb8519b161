"""Databases: what comes of a table's rows, and what is said when they can't be had."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from interactions.cleaning.clean import clean
from interactions.sources import databases, raw
from interactions.sources.collect import Received
from interactions.sources.database_engine import with_driver
from interactions.sources.databases import collect_database, opened, preview_database
from workspace.errors import MappingError, RapportError, SettingsError, SourceError
from workspace.folder import Workspace, open_workspace
from workspace.source import Source

KINDS = ("postgresql", "mysql", "sqlite")
MAPPING = """
[interactions.columns]
interaction_id = "id"
customer_id = "customer"
occurred_at = { column = "at", timezone = "UTC" }
channel = { value = "phone" }
content = "note"
"""
CREATE = "CREATE TABLE calls (id INTEGER PRIMARY KEY, customer VARCHAR(20), at {time}, note VARCHAR(200), seen {time})"


def run(url: str, *statements: str) -> None:
    engine = sa.create_engine(with_driver(sa.make_url(url)), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def create_calls(url: str, kind: str) -> None:
    run(
        url, CREATE.format(time="TEXT" if kind == "sqlite" else "TIMESTAMP(6) NULL" if kind == "mysql" else "TIMESTAMP")
    )


def insert_calls(url: str, first: int, last: int, day: int = 1, note: str = "hello") -> None:
    rows = ", ".join(
        f"({number}, 'c{number % 7}', '2024-01-{day:02d} 10:{number % 60:02d}:00', '{note} {number}', "
        f"'2024-01-{day:02d} 10:{number % 60:02d}:00')"
        for number in range(first, last + 1)
    )
    run(url, f"INSERT INTO calls VALUES {rows}")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "workspace", create=True)
    (opened.folder / "calls.toml").write_text(MAPPING, encoding="utf-8")
    return opened


def a_source(kind: str, **changed: Any) -> Source:
    given = {
        "type": kind,
        "url_env": "SHOP_URL",
        "table": "interactions",
        "query_table": "calls",
        "mapping": "calls.toml",
    }
    return Source.model_validate({**given, **changed})


def collected(workspace: Workspace, source: Source) -> Received:
    (received,) = collect_database(workspace, "shop", source)
    return received


def rows_in_raw(workspace: Workspace) -> list[list[dict[str, str | None]]]:
    files = raw.raw_files(workspace.raw, "shop")
    return [pq.read_table(file.path, columns=list(file.columns)).to_pylist() for file in files]


TYPES = {
    "postgresql": """CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE types (id INTEGER PRIMARY KEY, amount NUMERIC(20,6), wide NUMERIC, small REAL, double DOUBLE PRECISION,
 big BIGINT, zoned TIMESTAMPTZ, plain TIMESTAMP, day DATE, time TIME, span INTERVAL, flag BOOLEAN, doc JSON, docb JSONB,
 list INTEGER[], uid UUID, mood mood, bytes BYTEA, address INET, empty TEXT, absent TEXT);
INSERT INTO types VALUES (1, 1234567.100000, 123456789012345678901234567890.123456789, 0.1, 0.1, 9223372036854775807,
 '2024-03-31 12:00:00.123456+02', '2024-03-31 02:30:00', '2024-02-29', '10:11:12.5', '26:03:04', true,
 '{"b": 1.10, "a": [1]}', '{"a": 12345678901234567890}', '{1,NULL,3}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ok',
 '\\xff00', '10.0.0.1', '', NULL)""",
    "mysql": """CREATE TABLE types (id INTEGER PRIMARY KEY, amount DECIMAL(20,6), wide DECIMAL(40,9), small FLOAT,
 `double` DOUBLE, big BIGINT UNSIGNED, zoned TIMESTAMP(6) NULL, plain DATETIME, day DATE, time TIME(1), span TIME,
 flag BOOLEAN, doc JSON,
 mood ENUM('sad','ok'), bytes VARBINARY(10), bits BIT(5), years YEAR, empty TEXT, absent TEXT, `mixed Case` TEXT);
SET time_zone='+02:00';
INSERT INTO types VALUES (1, 1234567.100000, 123456789012345678901234567890.123456789, 0.1, 0.1, 18446744073709551615,
 '2024-03-31 12:00:00.123456', '2024-03-31 02:30:00', '2024-02-29', '10:11:12.5', '26:03:04', true,
 '{"b": 1.10, "a": [1]}', 'ok', X'ff00', 5, 2024, '', NULL, '客户')""",
    "sqlite": """CREATE TABLE types (id INTEGER PRIMARY KEY, amount NUMERIC(20,6), small REAL, big INTEGER,
 plain DATETIME, day DATE, flag BOOLEAN, doc JSON, bytes BLOB, odd DATE, empty TEXT, absent TEXT);
INSERT INTO types VALUES (1, 1234567.1, 0.1, 9223372036854775807, '2024-03-31 02:30:00', '2024-02-29', 1, '{"b": 1.10}',
 X'ff00', 'soon', '', NULL)""",
}


COMMON = {"id": "1", "day": "2024-02-29", "plain": "2024-03-31 02:30:00", "bytes": "ff00", "empty": "", "absent": None}
EXACT = {
    "postgresql": {
        "amount": "1234567.100000", "wide": "123456789012345678901234567890.123456789", "small": "0.1", "double": "0.1",
        "big": "9223372036854775807", "zoned": "2024-03-31 10:00:00.123456+00:00", "time": "10:11:12.500000",
        "span": "26:03:04", "flag": "true", "doc": '{"b": 1.10, "a": [1]}', "docb": '{"a": 12345678901234567890}',
        "list": "[1, null, 3]", "uid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "mood": "ok", "address": "10.0.0.1",
    },
    "mysql": {
        "amount": "1234567.100000", "wide": "123456789012345678901234567890.123456789", "small": "0.1", "double": "0.1",
        "big": "18446744073709551615", "zoned": "2024-03-31 10:00:00.123456+00:00", "time": "10:11:12.5",
        "span": "26:03:04", "flag": "1", "doc": '{"b": 1.10, "a": [1]}', "mood": "ok", "bits": "5", "years": "2024",
        "mixed Case": "客户",
    },
    "sqlite": {
        "amount": "1234567.1", "small": "0.1", "big": "9223372036854775807", "flag": "1", "doc": '{"b": 1.10}',
        "odd": "soon",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_comes_as_exact_text(kind, workspace, new_database, monkeypatch):
    url = new_database(kind)
    run(url, *TYPES[kind].split(";\n"))
    monkeypatch.setenv("SHOP_URL", url)
    mapping = '[interactions.columns]\ninteraction_id = "id"\noccurred_at = "day"\n'
    (workspace.folder / "calls.toml").write_text(mapping, encoding="utf-8")
    collected(workspace, a_source(kind, query_table="types"))
    assert rows_in_raw(workspace) == [[{**COMMON, **EXACT[kind]}]]


@pytest.mark.parametrize("cursor", [{}, {"cursor": "at", "cursor_lag": "2d"}], ids=["whole", "cursor"])
@pytest.mark.parametrize("kind", KINDS)
def test_second_time_nothing_then_new_changed_and_late_rows_alone(kind, cursor, workspace, new_database, monkeypatch):
    url = new_database(kind)
    create_calls(url, kind)
    insert_calls(url, 1, 30, day=10)
    monkeypatch.setenv("SHOP_URL", url)
    source = a_source(kind, **cursor)
    first = collected(workspace, source)
    assert (first.new, first.rows) == (True, 30)
    assert not collected(workspace, source).new
    clean(workspace)
    assert len(rows_in_raw(workspace)) == 1

    insert_calls(url, 31, 33, day=11)
    insert_calls(url, 40, 40, day=9, note="late")
    run(url, "UPDATE calls SET note = 'changed' WHERE id = 5")
    second = collected(workspace, source)
    assert (second.new, second.rows) == (True, 5)
    assert {row["id"] for row in rows_in_raw(workspace)[1]} == {"5", "31", "32", "33", "40"}
    assert not collected(workspace, source).new
    clean(workspace)
    kept = workspace.lake.read("interactions").to_pylist()
    assert len(kept) == 35
    versions = [row for row in kept if row["interaction_id"] == "5"]
    assert [row["content"] for row in sorted(versions, key=lambda row: row["known_at"])] == ["hello 5", "changed"]
    assert versions[0]["known_at"] != versions[1]["known_at"]


def test_cursor_without_lag_fetches_from_the_last_value_on(workspace, new_database, monkeypatch):
    url = new_database("sqlite")
    create_calls(url, "sqlite")
    insert_calls(url, 1, 9, day=10)
    run(url, "INSERT INTO calls VALUES (90, 'c1', NULL, 'no time', NULL)")
    monkeypatch.setenv("SHOP_URL", url)
    source = a_source("sqlite", cursor="seen")
    assert collected(workspace, source).rows == 10
    run(url, "UPDATE calls SET note = 'unseen' WHERE id = 1", "UPDATE calls SET note = 'at the edge' WHERE id = 9")
    run(url, "UPDATE calls SET note = 'still no time' WHERE id = 90")
    second = collected(workspace, source)
    assert {row["note"] for row in rows_in_raw(workspace)[1]} == {"at the edge", "still no time"}
    assert second.rows == 2


def test_the_server_is_asked_for_rows_from_the_cursor_on(workspace, new_database, monkeypatch):
    url = new_database("postgresql")
    create_calls(url, "postgresql")
    insert_calls(url, 1, 9, day=10)
    monkeypatch.setenv("SHOP_URL", url)
    queries = []
    ordered = databases._ordered
    monkeypatch.setattr(databases, "_ordered", lambda *given: queries.append(ordered(*given)) or queries[-1])
    source = a_source("postgresql", cursor="at", cursor_lag="1h")
    for _ in range(2):
        collected(workspace, source)
    first, second = (query.compile() for query in queries)
    assert "WHERE" not in str(first)
    assert "WHERE calls.at >=" in str(second)
    assert datetime(2024, 1, 10, 9, 9) in second.params.values()  # noqa: DTZ001 -- as the column is, without a zone
    assert "ORDER BY calls.at, calls.id" in str(second)


def test_what_changed_and_changed_back_is_received_each_time(workspace, new_database, monkeypatch):
    url = new_database("sqlite")
    create_calls(url, "sqlite")
    insert_calls(url, 1, 1)
    monkeypatch.setenv("SHOP_URL", url)
    for note in ("hello 1", "other", "hello 1", "hello 1"):
        run(url, f"UPDATE calls SET note = '{note}'")
        collected(workspace, a_source("sqlite"))
    assert [row["note"] for rows in rows_in_raw(workspace) for row in rows] == ["hello 1", "other", "hello 1"]


def test_equal_rows_without_a_key_are_all_kept(workspace, new_database, monkeypatch):
    url = new_database("sqlite")
    run(
        url,
        "CREATE TABLE calls (customer TEXT, at TEXT)",
        "INSERT INTO calls VALUES ('a', '2024-01-01'), ('a', '2024-01-01')",
    )
    monkeypatch.setenv("SHOP_URL", url)
    mapping = '[interactions.columns]\ncustomer_id = "customer"\noccurred_at = "at"\n'
    (workspace.folder / "calls.toml").write_text(mapping, encoding="utf-8")
    collected(workspace, a_source("sqlite"))
    run(url, "INSERT INTO calls VALUES ('a', '2024-01-01')")
    collected(workspace, a_source("sqlite"))
    clean(workspace)
    assert workspace.lake.read("interactions").num_rows == 3


def test_another_database_behind_the_same_name_is_read_from_its_beginning(workspace, tmp_path, monkeypatch):
    for number, name in enumerate(("a.db", "b.db")):
        url = f"sqlite:///{tmp_path / name}"
        create_calls(url, "sqlite")
        insert_calls(url, number * 10 + 1, number * 10 + 5, day=20 - 10 * number)
        monkeypatch.setenv("SHOP_URL", url)
        assert collected(workspace, a_source("sqlite", cursor="at")).rows == 5


def test_a_day_and_a_number_as_cursor(workspace, new_database, monkeypatch):
    url = new_database("postgresql")
    run(url, "CREATE TABLE calls (id INTEGER PRIMARY KEY, customer TEXT, at DATE, note TEXT)")
    run(url, "INSERT INTO calls SELECT n, 'c', DATE '2024-01-01' + n, 'x' FROM generate_series(1, 20) n")
    monkeypatch.setenv("SHOP_URL", url)
    for source in (
        a_source("postgresql", cursor="at", cursor_lag="36h"),
        a_source("postgresql", cursor="id", cursor_lag=3),
    ):
        collected(workspace, source)
        run(url, "UPDATE calls SET note = note || '!' WHERE id = 18")
        assert collected(workspace, source).rows == 1


def test_schema_and_view(workspace, new_database, monkeypatch):
    url = new_database("postgresql")
    create_calls(url, "postgresql")
    insert_calls(url, 1, 3)
    run(url, "CREATE SCHEMA crm", "CREATE VIEW crm.recent AS SELECT * FROM public.calls WHERE id > 1")
    monkeypatch.setenv("SHOP_URL", url)
    assert collected(workspace, a_source("postgresql", query_table="crm.recent", cursor="at")).rows == 2


def test_preview_shows_and_writes_nothing(workspace, new_database, monkeypatch):
    url = new_database("sqlite")
    create_calls(url, "sqlite")
    insert_calls(url, 1, 30)
    monkeypatch.setenv("SHOP_URL", url)
    shown = preview_database(workspace, "shop", a_source("sqlite"))
    assert shown.looked_at == 30
    assert shown.before[0]["note"] == "hello 1"
    assert not workspace.raw.exists()
    assert not (workspace.folder / "extraction").exists()


def refused(workspace: Workspace, source: Source, kind: type[RapportError]) -> str:
    with pytest.raises(kind) as caught:
        collect_database(workspace, "shop", source)
    text = f"{caught.value} {caught.value.__cause__}"
    assert "s3cr3t" not in text
    assert "wrong-Pass" not in text
    assert not workspace.raw.exists()
    return str(caught.value)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_errors_say_what_to_do_and_no_password(kind, workspace, new_database, monkeypatch):
    url = new_database(kind)
    create_calls(url, kind)
    where = sa.make_url(url)
    password = "WITH PASSWORD" if kind == "postgresql" else "IDENTIFIED BY"
    run(url, "DROP USER IF EXISTS clerk", f"CREATE USER clerk {password} 's3cr3t-2'")
    if kind == "mysql":
        run(url, "CREATE TABLE other (id INT)", f"GRANT SELECT ON {where.database}.other TO clerk")
    cases = {
        "refused the user or password": where.set(password="wrong-Pass"),
        "can't be reached": where.set(port=1),
        "does not exist there": where.set(database="nowhere"),
        "does not let this user read the table|has no table or view": where.set(username="clerk", password="s3cr3t-2"),
    }
    for expected, address in cases.items():
        monkeypatch.setenv("SHOP_URL", address.render_as_string(hide_password=False))
        said = refused(workspace, a_source(kind), SourceError)
        assert any(part in said for part in expected.split("|")), said
    monkeypatch.setenv("SHOP_URL", url)
    assert "has no table or view" in refused(workspace, a_source(kind, query_table="absent"), SourceError)
    assert "no column `when`" in refused(workspace, a_source(kind, cursor="when"), SourceError)


def test_settings_that_cannot_be_right(workspace, new_database, monkeypatch):
    monkeypatch.delenv("SHOP_URL", raising=False)
    assert "SHOP_URL, which is not set" in refused(workspace, a_source("sqlite"), SettingsError)
    monkeypatch.setenv("SHOP_URL", "wrong-Pass")
    assert "no address of a database" in refused(workspace, a_source("database"), SettingsError)
    monkeypatch.setenv("SHOP_URL", "mysql://u:wrong-Pass@h/d")
    assert "type `postgresql`" in refused(workspace, a_source("postgresql"), SettingsError)
    monkeypatch.setenv("SHOP_URL", "nosuch://u:wrong-Pass@h/d")
    assert "driver" in refused(workspace, a_source("database"), SettingsError)
    monkeypatch.setenv("SHOP_URL", "sqlite:///absent.db")
    assert "no SQLite file" in refused(workspace, a_source("sqlite"), SourceError)
    assert not (workspace.folder / "absent.db").exists()
    url = new_database("sqlite")
    create_calls(url, "sqlite")
    insert_calls(url, 1, 3)
    monkeypatch.setenv("SHOP_URL", url)
    assert "holds no numbers" in refused(workspace, a_source("sqlite", cursor="at", cursor_lag=3), SettingsError)
    assert "holds numbers" in refused(workspace, a_source("sqlite", cursor="id", cursor_lag="3d"), SettingsError)


def test_mapping_of_absent_column_leaves_nothing_and_can_be_mended(workspace, new_database, monkeypatch):
    url = new_database("sqlite")
    create_calls(url, "sqlite")
    insert_calls(url, 1, 3)
    monkeypatch.setenv("SHOP_URL", url)
    (workspace.folder / "calls.toml").write_text(MAPPING.replace('"note"', '"notes"'), encoding="utf-8")
    assert "did you mean `note`" in refused(workspace, a_source("sqlite", cursor="at"), MappingError)
    (workspace.folder / "calls.toml").write_text(MAPPING, encoding="utf-8")
    assert collected(workspace, a_source("sqlite", cursor="at")).rows == 3


def test_session_is_read_only(workspace, new_database, monkeypatch):
    for kind in KINDS:
        url = new_database(kind)
        create_calls(url, kind)
        monkeypatch.setenv("SHOP_URL", url)
        with (
            opened(workspace, "shop", a_source(kind), None) as database,
            database.engine.connect() as connection,
            pytest.raises(sa.exc.DBAPIError),
        ):
            connection.exec_driver_sql("INSERT INTO calls VALUES (1, 'c', NULL, 'x', NULL)")


def test_nothing_is_written_outside_the_workspace(workspace, new_database, monkeypatch, tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    url = new_database("sqlite")
    create_calls(url, "sqlite")
    insert_calls(url, 1, 3)
    monkeypatch.setenv("SHOP_URL", url)
    collected(workspace, a_source("sqlite"))
    assert not list(home.iterdir())
    kept = [path for path in (workspace.folder / "extraction").rglob("*") if path.is_file()]
    assert all(b"hello" not in path.read_bytes() for path in kept)
