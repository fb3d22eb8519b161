"""Whose contacts they are, as published."""

import numpy as np
import pyarrow as pa
import pytest

from features.volume_shares import SHARES, shares_of


def days(counts: dict[str, list[float]]) -> pa.Table:
    length = len(next(iter(counts.values())))
    # A Tuesday.
    local = np.datetime64("2026-01-06", "us") + np.arange(length) * np.timedelta64(1, "D")
    return pa.table(
        {
            "period_local": np.tile(local, len(counts)),
            "region": np.repeat(list(counts), length),
            "count": np.concatenate(list(counts.values())).astype(np.int64),
        }
    )


def test_each_weekday_has_its_shares_under_its_own_number() -> None:
    north = [400.0 if day % 7 == 0 else 100.0 for day in range(38)]
    south = [400.0] * 38
    found = shares_of(days({"north": north, "south": south, "all": [a + b for a, b in zip(north, south, strict=True)]}))
    assert found.schema.equals(SHARES)
    share = {(row["region"], row["weekday"]): row["share"] for row in found.to_pylist()}
    assert share["north", 1] == pytest.approx(0.5, abs=0.02)
    assert [share["north", weekday] for weekday in (0, 2, 3, 4, 5, 6)] == pytest.approx([0.2] * 6, abs=0.03)
    assert [share["north", 3] + share["south", 3]] == pytest.approx([1])


def test_without_regions_there_are_none() -> None:
    assert len(shares_of(days({"all": [5.0] * 20}))) == 0
    assert len(shares_of(days({"north": [], "all": []}))) == 0
