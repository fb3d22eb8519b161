from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.satisfaction import satisfaction


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    touches, contacts = past.touches, past.contacts
    rated = touches[touches.satisfaction.notna()]
    # The latest given counts; of several at one moment the lowest.
    last = rated.sort_values(["rated_at", "satisfaction"], ascending=[True, False]).groupby("customer_id").tail(1)
    begun = contacts.assign(complaint=contacts.kind == "complaint")
    recent = begun[begun["at"] >= past.recent]
    low = rated[(rated["at"] >= past.recent) & (rated.satisfaction <= 2)]
    expected = pd.DataFrame(index=touches.customer_id.unique())
    expected["rating_mean"] = rated.groupby("customer_id").satisfaction.mean()
    expected["rating_count"] = rated.groupby("customer_id").size()
    expected["rating_last"] = last.set_index("customer_id").satisfaction
    expected["low_ratings_90"] = low.groupby("customer_id").size()
    expected["complaint_share"] = begun.groupby("customer_id").complaint.mean()
    expected["complaints_90"] = recent.groupby("customer_id").complaint.sum()
    recently = rated["at"] >= past.recent
    trend = [rated[part].groupby("customer_id").satisfaction.mean() for part in (recently, ~recently)]
    expected["rating_trend"] = trend[0] - trend[1]
    expected["rating_response_share"] = contacts.satisfaction.notna().groupby(contacts.customer_id).mean()
    counts = dict.fromkeys(("rating_count", "low_ratings_90", "complaints_90"), 0)
    same(made(satisfaction), expected.fillna(counts))
