"""What Ibis expressions mean must not depend on the engine."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from workspace.engine import arrow_tables

NAN = float("nan")
ROWS = pa.table(
    {
        "kind": ["a", "a", "a", "b", "b", None],
        "whole": pa.array([7, -7, None, 1_790_000_000_000_001, 3, 5]),
        "wanted": [True, True, None, None, None, False],
        "number": [0.5, NAN, None, -0.05, 2.5, -2.5],
        "money": pa.array([Decimal("1.2345"), None, Decimal("3"), Decimal("-4.5"), None, None], pa.decimal128(18, 4)),
        "at": pa.array([datetime(2026, 3, 1, 7, 30, 0, 250_001, UTC), None] * 3, pa.timestamp("us", "UTC")),
    }
)


def test_aggregates(backend: Any) -> None:
    rows = arrow_tables(backend, {"rows": ROWS})["rows"]
    found = rows.group_by("kind").aggregate(
        wanted=rows.count(where=rows.wanted),
        different=rows.whole.nunique(where=rows.wanted),
        middle=rows.whole.median(),
        middle_wanted=rows.whole.median(where=rows.wanted),
        total=rows.money.sum(where=rows.wanted),
        known=rows.number.count(),
        first=rows["at"].min(),
    )
    at = datetime(2026, 3, 1, 7, 30, 0, 250_001, UTC)
    assert found.order_by("kind").to_pyarrow().to_pylist() == [
        {
            **{"kind": "a", "wanted": 2, "different": 2, "middle": 0.0, "middle_wanted": 0.0},
            **{"total": Decimal("1.2345"), "known": 2, "first": at},
        },
        {
            **{"kind": "b", "wanted": 0, "different": 0, "middle": 895_000_000_000_002.0, "middle_wanted": None},
            **{"total": None, "known": 2, "first": at},
        },
        {
            **{"kind": None, "wanted": 0, "different": 0, "middle": 5.0, "middle_wanted": None},
            **{"total": None, "known": 1, "first": None},
        },
    ]


def test_row_by_row(backend: Any) -> None:
    rows = arrow_tables(backend, {"rows": ROWS})["rows"]
    found = rows.select(
        quarter=rows.whole // 900_000_000,
        rest=rows.whole % 4,
        share=rows.whole / 4,
        rounded=((rows.number < 9).ifelse(rows.number, None) * 10).round(),
        negative=rows.number < -0.05,
        known=rows.number.notnull(),
        missing=rows.number.isnull(),
        third=(rows.money / 3).cast("float64"),
    ).to_pyarrow()
    assert found["quarter"].to_pylist() == [0, -1, None, 1_988_888, 0, 0]
    assert found["rest"].to_pylist() == [3, -3, None, 1, 3, 1]
    assert found["share"].to_pylist() == [1.75, -1.75, None, 447_500_000_000_000.25, 0.75, 1.25]
    assert found["rounded"].to_pylist() == [5, None, None, -1, 25, -25]
    assert found["negative"].to_pylist() == [False, False, None, False, False, True]
    assert found["known"].to_pylist() == [True, True, False, True, True, True]
    assert found["third"].to_pylist() == [1.2345 / 3, None, 1.0, -1.5, None, None]
    assert found["missing"].to_pylist() == [False, False, True, False, False, False]


def test_windows_put_what_is_missing_last(backend: Any) -> None:
    rows = arrow_tables(backend, {"rows": ROWS})["rows"]
    for order, expected in ((ibis.desc("whole"), [0, 1, 2]), (ibis.asc("whole"), [1, 0, 2])):
        place = ibis.row_number().over(group_by="kind", order_by=order)
        found = rows.filter(rows.kind == "a").mutate(place=place).to_pyarrow()
        assert dict(zip(found["whole"].to_pylist(), found["place"].to_pylist(), strict=True)) == dict(
            zip([7, -7, None], expected, strict=True)
        )


def test_what_is_used_in_several_places_is_filtered_in_each(backend: Any) -> None:
    """One row of each kind, by way of a window: in both halves of a union and below a join."""
    rows = arrow_tables(backend, {"rows": ROWS})["rows"]
    by = ibis.row_number().over(group_by="kind", order_by=ibis.desc("whole")) == 0
    first = rows.filter(by).select(named="kind", most="whole")
    small, large = (rows.filter(rows.whole < 4), rows.filter(rows.whole >= 4))
    halves = [
        half.left_join(first, half.kind == first.named).select("kind", "whole", "most") for half in (small, large)
    ]
    found = halves[0].union(halves[1]).order_by("whole").to_pyarrow()
    most = 1_790_000_000_000_001
    assert found.to_pylist() == [
        {"kind": "a", "whole": -7, "most": 7},
        {"kind": "b", "whole": 3, "most": most},
        {"kind": None, "whole": 5, "most": None},
        {"kind": "a", "whole": 7, "most": 7},
        {"kind": "b", "whole": most, "most": most},
    ]
