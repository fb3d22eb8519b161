from collections.abc import Callable

import pyarrow as pa
import pytest

from training.churn_setting import prepare
from training.observed import Observed
from workspace.errors import NotEnoughHistoryError

Tables = dict[str, pa.Table]


def test_by_date_somebody_must_have_one(tables: Tables, observing: Callable[..., Observed]) -> None:
    customers = tables["customers"]
    place = customers.schema.get_field_index("left_at")
    nobody = customers.set_column(place, "left_at", pa.nulls(len(customers), customers.schema.field(place).type))
    with pytest.raises(NotEnoughHistoryError, match=r"none has one. Map the column .*event = .interactions"):
        prepare(observing({**tables, "customers": nobody}, event="left_at"), (30, 60, 90))
