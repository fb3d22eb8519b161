"""The clean tables that the feature benchmark reads: made by the engine, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import duckdb

from workspace.tables import TABLES

# Three years, at the end of which features are wanted.
YEARS_SECONDS = 94_608_000
_BEGIN = "make_timestamptz(2023, 1, 1, 0, 0, 0, 'UTC')"

_INTERACTIONS = """
    printf('I%010d', n) AS interaction_id, {customer} AS customer_id, {at} AS occurred_at,
    ['phone', 'phone', 'email', 'chat', 'social', 'web', 'sms', 'other'][1 + (hash(n, 4) % 8)::INT] AS channel,
    ['inbound', 'inbound', 'inbound', 'outbound', NULL][1 + (hash(n, 5) % 5)::INT] AS direction,
    ['inquiry', 'inquiry', 'complaint', 'feedback', 'order', NULL][1 + (hash(n, 6, v) % 6)::INT] AS kind,
    CASE WHEN hash(n, 7) % 10 > 0 THEN (hash(n, 8) % 1800000)::BIGINT END AS duration_ms,
    CASE WHEN hash(n, 9) % 3 = 0 THEN (hash(n, 10) % 600000)::BIGINT END AS wait_ms,
    ['answered', 'answered', 'answered', 'abandoned', NULL][1 + (hash(n, 11, v) % 5)::INT] AS outcome,
    CASE WHEN hash(n, 12) % 4 > 0 THEN {at} + to_seconds((hash(n, 13) % 86400)::BIGINT) END AS responded_at,
    CASE WHEN hash(n, 14) % 3 > 0 THEN {at} + to_seconds((hash(n, 15) % 864000)::BIGINT) END AS resolved_at,
    CASE WHEN hash(n, 14) % 3 > 0 THEN hash(n, 16) % 20 = 0 END AS reopened,
    CASE WHEN hash(n, 17) % 5 = 0 THEN 1 + (hash(n, 18, v) % 5)::BIGINT END AS satisfaction,
    CASE WHEN hash(n, 17) % 5 = 0 AND hash(n, 17) % 2 = 0
        THEN {at} + to_seconds((hash(n, 19) % 864000)::BIGINT) END AS rated_at,
    printf('A%03d', hash(n, 20) % 400) AS agent_id, hash(n, 21) % 30 = 0 AS is_automated
"""
_SIGNALS = """
    printf('I%010d', n) AS interaction_id, ['zh', 'en', 'mixed'][1 + (hash(n, 22) % 3)::INT] AS language,
    CASE WHEN hash(n, 23) % 10 > 0 THEN ((hash(n, 24) % 20001)::BIGINT - 10000) / 10000 END AS sentiment,
    1 + (hash(n, 25) % 60)::BIGINT AS words, (hash(n, 26) % 3)::BIGINT AS questions, 0 AS masked
"""
_ORDERS = """
    printf('L%010d', n) AS order_line_id, printf('O%010d', n // 2) AS order_id, {customer} AS customer_id,
    {at} AS ordered_at, ((hash(n, 27) % 5000000) / 100)::DECIMAL(18, 4) AS amount
"""
_SURVEYS = """
    printf('S%010d', n) AS response_id, {customer} AS customer_id, {at} AS answered_at,
    1 + (hash(n, 28) % 5)::BIGINT AS importance, 1 + (hash(n, 29) % 5)::BIGINT AS satisfaction
"""
_CUSTOMERS = """
    printf('C%08d', n) AS customer_id, ((hash(n, 30) % 400000) + 20000)::DECIMAL(18, 4) AS income,
    hash(n, 31) % 200 = 0 AS do_not_profile, printf('rep %03d', hash(n, 32) % 200) AS owner,
    printf('region %02d', hash(n, 33) % 30) AS region, printf('city %03d', hash(n, 33) % 300) AS city,
    ['CN', 'CN', 'CN', 'SG'][1 + (hash(n, 33) % 4)::INT] AS country
"""
# Of so many rows one is followed by a later version.
_REVISED = 200


def make(folder: Path, interactions: int, customers: int, threads: int) -> None:
    """Write interactions.parquet, message_signals.parquet (a quarter as many), orders.parquet (a tenth),
    surveys.parquet (a fiftieth) and customers.parquet in the lake's schema; one row in 200 is followed by a later
    version."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {
        "customers": customers,
        "interactions": interactions,
        "message_signals": interactions // 4,
        "orders": interactions // 10,
        "surveys": interactions // 50,
    }
    columns = dict(zip(sizes, (_CUSTOMERS, _INTERACTIONS, _SIGNALS, _ORDERS, _SURVEYS), strict=True))
    connection = duckdb.connect(config={"threads": threads, "memory_limit": "4GB"})
    connection.execute("SET TimeZone = 'UTC'")
    for name, rows in sizes.items():
        connection.execute(_copy(name, columns[name], rows, customers, folder / f"{name}.parquet"))
    connection.close()


def _copy(name: str, columns: str, rows: int, customers: int, path: Path) -> str:
    at = f"({_BEGIN} + to_microseconds((n::HUGEINT * {YEARS_SECONDS * 1_000_000} // {rows})::BIGINT))"
    of = "n // 2" if name == "orders" else "n"
    customer = f"printf('C%08d', (hash({of}, 2) % {customers})::BIGINT)"
    known = f"{_BEGIN} + to_days((v * 300)::INT)" if name == "customers" else f"{at} + to_days((v * 20)::INT)"
    made = f"SELECT {columns.format(at=at, customer=customer)}, {known} AS known_at, v = 1 AS is_revision, n, v"
    versions = f"SELECT n, 0 AS v FROM range({rows}) t(n) UNION ALL SELECT n, 1 FROM range(0, {rows}, {_REVISED}) t(n)"
    schema = TABLES[name].schema
    fixed = {"source": "'bench'", "source_row": "n", "collected_at": "make_timestamptz(2026, 1, 2, 0, 0, 0, 'UTC')"}
    given = set(_names(columns)) | {"known_at", "is_revision"}
    wanted = ", ".join(
        f'{fixed[one]} AS "{one}"' if one in fixed else f'"{one}"' if one in given else f'NULL AS "{one}"'
        for one in schema.names
    )
    return (
        f"COPY (SELECT {wanted} FROM ({made} FROM ({versions}))) TO '{path}' "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 250000)"
    )


def _names(columns: str) -> list[str]:
    return [part.split()[0].rstrip(",") for part in columns.split(" AS ")[1:]]
