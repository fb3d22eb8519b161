"""The volume forecast as a table."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from training.bundle.volume import VolumeModel
from training.volume_panel import GRAINS, Panel
from training.volume_table import forecast_table
from workspace.tables import VOLUME_FORECAST

COUNTS = Panel(GRAINS["day"], ("phone", "all"), np.datetime64("2026-03-20T00:00"), np.full((2, 8), 9.0))
MODEL = VolumeModel("0" * 16, None, (), 7, (80, 95), {}, {}, {}, {})


def test_days_are_the_companys_even_where_one_has_23_hours() -> None:
    found = forecast_table(MODEL, COUNTS, np.array([[4.0, 5.0], [6.0, 7.0]]), ZoneInfo("Europe/Berlin"))
    assert found.schema.equals(VOLUME_FORECAST.schema)
    rows = found.to_pylist()
    assert [row["channel"] for row in rows] == ["all", "phone"] * 2
    assert [row["mean"] for row in rows] == [6, 4, 7, 5]
    # 28 and 29 March: the clock goes forward on the second.
    assert rows[0]["period_start"] == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert [row["period_minutes"] for row in rows] == [1440, 1440, 1380, 1380]


def test_what_is_not_supported_is_null() -> None:
    row = forecast_table(MODEL, COUNTS, np.array([[4.0], [6.0]]), ZoneInfo("UTC")).to_pylist()[0]
    assert [row[name] for name in ("lower_80", "upper_80", "lower_95", "upper_95", "coverage_80")] == [None] * 5
