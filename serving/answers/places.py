"""Where the customers are, city by city: never one customer's own place."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from serving.answers.forms import moment
from serving.callers import Caller
from serving.snapshot import Snapshot

# Fewer customers would tell where somebody lives.
LEAST = 5
_MICRO = 1_000_000


def cities(snapshot: Snapshot, caller: Caller) -> dict[str, Any]:
    """Customers by city with the mean of their coordinates (degrees, one decimal: about 10 km), largest first.

    Cities of fewer than `least` customers are left out and counted in `left_out`; so is who has no city or coordinates.
    Sales see their own customers' cities. Sums are of whole microdegrees, so that they repeat bit for bit.
    """
    customers = snapshot.tables["customers"].select(["city", "longitude", "latitude", "owner"])
    if caller.only_owner is not None:
        customers = customers.filter(pc.equal(customers["owner"], caller.only_owner))
    placed = customers.filter(pc.and_(pc.is_valid(customers["city"]), _located(customers)))
    grouped = pa.table(
        {
            "city": placed["city"],
            "longitude": _whole(placed["longitude"]),
            "latitude": _whole(placed["latitude"]),
        }
    )
    summed = grouped.group_by("city").aggregate([("longitude", "sum"), ("latitude", "sum"), ("city", "count")])
    rows = [_city(row) for row in summed.to_pylist() if row["city_count"] >= LEAST]
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "least": LEAST,
        "left_out": len(customers) - sum(row["customers"] for row in rows),
        "cities": sorted(rows, key=lambda row: (-row["customers"], row["city"])),
    }


def _located(customers: pa.Table) -> pa.ChunkedArray:
    return pc.and_(pc.is_valid(customers["longitude"]), pc.is_valid(customers["latitude"]))


def _whole(degrees: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(pc.round(pc.multiply(degrees, float(_MICRO))), pa.int64())


def _city(row: dict[str, Any]) -> dict[str, Any]:
    count = row["city_count"]
    return {
        "city": row["city"],
        "longitude": round(row["longitude_sum"] / count / _MICRO, 1),
        "latitude": round(row["latitude_sum"] / count / _MICRO, 1),
        "customers": count,
    }
