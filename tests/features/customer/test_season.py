from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd
import pytest

from features.customer import season as module
from features.customer.season import season


@pytest.fixture(autouse=True)
def short_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """Years of 140 days: the simulated company is too young to have been there two years ago."""
    monkeypatch.setattr(module, "_YEAR_DAYS", 140)
    monkeypatch.setattr(module, "_QUARTER_DAYS", 35)


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    events = past.events.assign(days=(past.cutoff - past.events["at"]) / pd.Timedelta(days=1))
    tenure = events.groupby("customer_id").days.max()
    expected = pd.DataFrame(index=tenure.index)
    for name, oldest, youngest in (("season_ahead_count", 140, 105), ("season_behind_count", 175, 140)):
        inside = events[(events.days <= oldest) & (events.days > youngest)]
        counts = inside.groupby("customer_id").size().reindex(tenure.index).fillna(0)
        expected[name] = counts.where(tenure > oldest)
    found = made(season)
    assert set(found.index) == set(expected.index)
    assert found.isna().any().all()
    same(found, expected)
