from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa

from training.bundle.hazard import steps
from training.churn_rows import RowMaker
from training.labels import churned
from training.observed import Observed

Tables = dict[str, pa.Table]
CUTOFF = datetime(2026, 3, 31, 16, tzinfo=UTC)


def test_by_date_the_active_and_their_labels_agree_with_pandas(
    tables: Tables, observing: Callable[..., Observed]
) -> None:
    observed = observing(tables, event="left_at")
    ids = RowMaker(observed, steps((30, 60, 90)), seasonal=False).active(CUTOFF)["customer_id"]
    contacts, orders = (tables[name].to_pandas() for name in ("interactions", "orders"))
    begun = contacts[(contacts["direction"] != "outbound") & ~contacts["is_automated"].fillna(False).astype(bool)]
    alive = pd.concat(
        [
            begun[["customer_id", "occurred_at", "known_at"]],
            orders[["customer_id", "ordered_at", "known_at"]].rename(columns={"ordered_at": "occurred_at"}),
        ]
    )
    recent = (alive["occurred_at"] >= CUTOFF - timedelta(days=90)) & (alive["occurred_at"] < CUTOFF)
    active = set(alive[recent & (alive["known_at"] < CUTOFF)]["customer_id"].dropna())
    people = tables["customers"].to_pandas().set_index("customer_id")
    left = people["left_at"].where(people["known_at"] < CUTOFF)
    refuses = set(people.index[people["do_not_profile"].fillna(False).astype(bool)])
    active -= refuses
    plain = sorted(who for who in active if not left.get(who, pd.NaT) < CUTOFF)
    assert ids.to_pylist() == plain
    assert len(plain) < len(active)
    found = churned(observed.events, ids, CUTOFF, 90, "left_at")
    leaves = people["left_at"].reindex(plain)
    within = (leaves >= CUTOFF) & (leaves < CUTOFF + timedelta(days=90))
    assert found.tolist() == within.astype(float).tolist()
    assert 0 < found.sum() < len(plain) / 2
