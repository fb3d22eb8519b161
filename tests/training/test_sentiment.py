"""Learned sentiment on the simulated company: judged on later ratings, nobody's own words, the lexicon where better."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from training import promotion, sentiment
from training.bundle import store
from training.bundle.sentiment import SentimentModel
from training.contacts_known import contacts_known
from training.train import train
from training.trained import Trained
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace

CUTOFF = datetime(2026, 7, 1, tzinfo=UTC)


def contacts(texts: list[str], ratings: list[int]) -> pa.Table:
    count = len(texts)
    return pa.table(
        {
            "interaction_id": [f"i{number:05d}" for number in range(count)],
            "customer_id": [f"c{number % 40}" for number in range(count)],
            "rated_us": pa.array(range(count), pa.int64()),
            "content": texts,
            "satisfaction": pa.array(ratings, pa.int64()),
        }
    )


def made(random: np.random.Generator, words: tuple[str, str]) -> pa.Table:
    """400 texts of words that no lexicon knows; ratings by the first word, one in ten by chance."""
    first = random.integers(0, 2, 400)
    ratings = np.where(random.random(400) < 0.1, random.choice([1, 5], 400), np.where(first == 1, 5, 1))
    others = random.integers(0, 20, 400)
    return contacts(
        [f"{words[one]}包裹{chr(0x5700 + other)}" for one, other in zip(first, others, strict=True)], ratings.tolist()
    )


def test_it_learns_what_the_lexicon_does_not_know_and_is_served() -> None:
    found = sentiment.train_sentiment(made(np.random.default_rng(1), ("盒子", "东西")), CUTOFF, "d")
    assert found.served == "model"
    assert found.manifest["grade"] == "A"
    assert found.model.score("东西") > 0 > found.model.score("盒子")
    assert found.manifest["judged"] == 100


def test_where_ratings_are_chance_the_lexicon_is_served() -> None:
    random = np.random.default_rng(2)
    rows = made(random, ("盒子", "东西"))
    chance = pa.array(random.choice([1, 5], 400))
    found = sentiment.train_sentiment(rows.set_column(4, "satisfaction", chance), CUTOFF, "d")
    assert found.served == "lexicon"


def test_same_rows_same_bytes() -> None:
    rows = made(np.random.default_rng(3), ("盒子", "东西"))
    shuffled = rows.take(pa.array(np.random.default_rng(4).permutation(len(rows))))
    one, other = (sentiment.train_sentiment(table, CUTOFF, "d") for table in (rows, shuffled))
    assert one.files == other.files
    assert one.manifest == other.manifest


@pytest.mark.parametrize(
    ("texts", "ratings"),
    [([], []), (["好"], [5]), (["好"] * 400, [5] * 400), (["好"] * 400, [3] * 400), (["好", "坏"] * 60, [5, 1] * 60)],
)
def test_too_little_is_said(texts: list[str], ratings: list[int]) -> None:
    with pytest.raises(NotEnoughHistoryError, match="Until then the lexicons"):
        sentiment.train_sentiment(contacts(texts, ratings), CUTOFF, "d")


@pytest.mark.slow
def test_trained_on_the_simulated_company(copied: Workspace) -> None:
    (found,) = train(copied, ("sentiment",))
    assert isinstance(found, Trained)
    assert found.promoted
    bundle = store.read(copied.bundles, str(promotion.champion(copied, "sentiment")))
    model = SentimentModel.from_bundle(bundle)
    assert model.score("非常满意，谢谢") > model.score("太差了，我要投诉")
    # There the tone says little about the rating: whatever the grade, the lexicon is served unless it is beaten.
    assert (bundle.manifest["served"] == "model") == (found.grade in ("A", "B"))
    assert not any(re.search(r"\d|@", gram) for gram in model.weights)
    (again,) = train(copied, ("sentiment",))
    assert again.bundle == found.bundle
    # MLflow holds no message.
    said = {text for text in contacts_known(copied, CUTOFF)["content"].to_pylist() if text and len(text) > 30}
    logged = "".join(file.read_text(errors="ignore") for file in Path(copied.mlruns).rglob("*") if file.is_file())
    assert not any(text in logged for text in list(said)[:200])


@pytest.mark.slow
def test_rated_contacts_alone(copied: Workspace) -> None:
    every = contacts_known(copied, CUTOFF)
    rated = contacts_known(copied, CUTOFF, since=CUTOFF, rated_since=CUTOFF - timedelta(days=100))
    assert rated["satisfaction"].null_count == 0
    begin = int((CUTOFF - timedelta(days=100)).timestamp() * 1_000_000)
    expected = every.filter(pc.and_(pc.is_valid(every["satisfaction"]), pc.greater_equal(every["at_us"], begin)))
    assert rated.equals(expected)


@pytest.mark.slow
def test_what_is_rated_later_is_not_known(copied: Workspace) -> None:
    early = CUTOFF - timedelta(days=200)
    rows = contacts_known(copied, early)
    us = int(early.timestamp() * 1_000_000)
    assert pc.max(rows["at_us"]).as_py() < us
    assert pc.max(rows["rated_us"]).as_py() < us
    later = contacts_known(copied, CUTOFF)
    assert (
        rows["satisfaction"].null_count
        > later.filter(pc.is_in(later["interaction_id"], rows["interaction_id"]))["satisfaction"].null_count
    )
    assert rows["rated_us"].null_count == rows["satisfaction"].null_count
