"""Regions in the forecast: ranges from what each region's own past parts were off by."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from serving.answers.forecast import forecast
from serving.callers import Caller
from serving.snapshot import Snapshot

# Errors of twice Poisson's size, at 80 % alone.
WIDTHS = {
    "season": 7, "extra": 0.0, "reach": {"80": [2.0] * 7, "95": [None] * 7}, "below": {},
    "coverage": {"80": 0.75, "95": None},
}  # fmt: skip


def by_region(snapshot: Snapshot, caller: Caller, known: Mapping[str, Any]) -> dict[str, Any]:
    bundles = {**snapshot.bundles, "volume": {**snapshot.bundles["volume"], "widths": {"region": known}}}
    return forecast(replace(snapshot, bundles=bundles), caller, by="region")


def test_a_regions_range(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    regions = sorted(set(snapshot.tables["volume_shares"]["region"].to_pylist()))
    known = {regions[0]: WIDTHS, regions[1]: {**WIDTHS, "coverage": {"80": 0.85, "95": None}}, "all": WIDTHS}
    found = by_region(snapshot, callers["sales"], known)
    assert found["coverage"] == {"80": pytest.approx(0.8), "95": None}
    for row in found["rows"]:
        if row["region"] in regions[:2] and row["mean"] > 0.25:
            half = 2 * row["mean"] ** 0.5
            assert row["upper_80"] == pytest.approx(row["mean"] + half)
            assert row["lower_80"] == pytest.approx(max(0.0, row["mean"] - half))
        elif row["region"] not in regions[:2]:
            assert row["upper_80"] is None
        assert row["lower_95"] is None


def test_a_bundle_without_regions_has_no_ranges(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    found = by_region(snapshot, callers["admin"], {})
    assert found["coverage"] == {"80": None, "95": None}
    assert {row["upper_80"] for row in found["rows"]} == {None}
