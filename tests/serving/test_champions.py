"""The models a version names: a learned sentiment only where it is better than the lexicons."""

from pathlib import Path

import pytest

from serving.champions import champions
from training.bundle import store
from training.bundle.sentiment import FILE, SentimentModel
from workspace.errors import BundleError

MODEL = SentimentModel({"w:盒子": (1.0, -4.0)}, 1.0, 0.1)


@pytest.mark.parametrize("served", ["model", "lexicon"])
def test_sentiment_where_it_is_better(tmp_path: Path, served: str) -> None:
    bundle = store.write(tmp_path, "sentiment", {"served": served}, {FILE: MODEL.to_bytes()})
    found = champions(tmp_path, {"sentiment": bundle})
    assert (found.churn, found.segments) == (None, None)
    assert found.bundles == {"sentiment": {"served": served}}
    assert (found.sentiment is not None) == (served == "model")


def test_a_lost_bundle_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no model bundle"):
        champions(tmp_path, {"sentiment": "0123456789abcdef"})
