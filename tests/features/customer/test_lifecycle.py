from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.lifecycle import STAGES, lifecycle


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable) -> None:
    active = pd.Timedelta(days=60)

    def stage(at: pd.Series) -> str:
        if past.cutoff - at.max() > active:
            return "dormant"
        if past.cutoff - at.min() <= active:
            return "new"
        back = (past.cutoff - at <= active) & (at.diff() > active)
        return "resurrecting" if back.any() else "returning"

    expected = past.events.groupby("customer_id")["at"].apply(stage)
    found = made(lifecycle).lifecycle
    assert found.to_dict() == expected.to_dict()
    assert set(found) == set(STAGES)
