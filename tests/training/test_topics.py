"""Topics of made-up messages: planted ones are found and keep their id, a new one rises, nothing rises by chance."""

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from interactions.demo import phrases
from training.topics import topics
from workspace.tables import TOPICS

CUTOFF = datetime(2026, 7, 1, tzinfo=UTC)
WEEK_US = 7 * 86_400_000_000
NEW_ZH, NEW_EN = "水龙头漏水，师傅一直没来，地板泡坏了", "the new app crashes when scanning my coupon"


def written(seed: int, planted: str = "", share: float = 0.05, count: int = 2_000) -> pa.Table:
    """Messages of the demo's eight subjects over 16 weeks; in the last four, a share of them about something new."""
    random = np.random.default_rng(seed)
    pools = [
        [text for tone in phrases.MATTERS[topic][random.random() < 0.3] for text in tone] for topic in phrases.TOPICS
    ]
    at = np.sort(random.integers(0, 16 * WEEK_US, count))
    texts = []
    for moment in at:
        pool = pools[random.integers(len(pools))]
        new = planted and moment >= 12 * WEEK_US and random.random() < share
        text = planted if new else pool[random.integers(len(pool))]
        texts.append(
            text.replace("{order}", str(random.integers(10**6))).replace("{days}", "3").replace("{product}", "")
        )
    return pa.table(
        {
            "interaction_id": [f"i{number}" for number in range(count)],
            "customer_id": [f"c{number}" for number in random.integers(0, max(1, count // 2), count)],
            "at_us": pa.array(int(CUTOFF.timestamp()) * 1_000_000 - 16 * WEEK_US + at),
            "content": texts,
            "sentiment": pa.array(random.normal(0, 0.3, count)),
            "satisfaction": pa.array(random.integers(1, 6, count)),
        }
    )


@pytest.mark.parametrize(("text", "term"), [(NEW_ZH, "漏水"), (NEW_EN, "crashes")])
def test_something_new_rises(text: str, term: str) -> None:
    contacts = written(1, text)
    rising = [row for row in topics(contacts, CUTOFF).to_pylist() if row["rising"]]
    assert len(rising) == 1
    assert term in json.loads(rising[0]["terms"])
    assert rising[0]["share"] > 1.5 * rising[0]["share_before"]
    shown = {example["interaction_id"] for example in json.loads(rising[0]["examples"])}
    said = dict(zip(contacts["interaction_id"].to_pylist(), contacts["content"].to_pylist(), strict=True))
    assert {said[one] for one in shown} == {text}


@pytest.mark.slow
def test_nothing_rises_where_nothing_changes() -> None:
    assert sum(any(topics(written(seed), CUTOFF)["rising"].to_pylist()) for seed in range(20)) <= 1


def test_the_same_messages_in_any_order_give_the_same_topics() -> None:
    contacts = written(2)
    shuffled = contacts.take(pa.array(np.random.default_rng(0).permutation(len(contacts))))
    assert topics(contacts, CUTOFF).equals(topics(shuffled, CUTOFF))


def test_ids_live_on_and_are_different() -> None:
    before = topics(written(3), CUTOFF)
    ids = before["topic_id"].to_pylist()
    assert len(set(ids)) == len(ids) > 4
    assert topics(written(3), CUTOFF, before)["topic_id"].to_pylist() == ids
    later = topics(written(3, NEW_ZH), CUTOFF, before)
    kept = set(later["topic_id"].to_pylist()) & set(ids)
    assert len(kept) >= 0.6 * len(ids)
    (new,) = [row["topic_id"] for row in later.to_pylist() if row["rising"]]
    assert new not in ids


def test_weeks_and_shares_count_customers() -> None:
    contacts = written(4)
    found = topics(contacts, CUTOFF).to_pylist()
    assert sum(row["contacts"] for row in found) <= len(contacts)
    assert all(sum(json.loads(row["weekly"])) <= row["contacts"] for row in found)
    assert all(len(json.loads(row["weekly"])) == 16 for row in found)


def test_one_customers_words_are_no_term() -> None:
    contacts = written(5)
    named = [
        "我是欧阳修文" if number % 40 == 0 else text for number, text in enumerate(contacts["content"].to_pylist())
    ]
    same = ["x" if number % 40 == 0 else who for number, who in enumerate(contacts["customer_id"].to_pylist())]
    contacts = contacts.set_column(1, "customer_id", [same]).set_column(3, "content", [named])
    assert not any("欧阳" in row["terms"] for row in topics(contacts, CUTOFF).to_pylist())


@pytest.mark.parametrize("texts", [[], ["好"] * 50, ["好"] * 300, [None] * 300, ["13812345678"] * 300, ["退款"] * 300])
def test_too_little_to_say(texts: list[str | None]) -> None:
    count = len(texts)
    contacts = written(6, count=max(count, 1)).slice(0, count)
    contacts = contacts.set_column(3, "content", pa.array(texts, pa.string()))
    found = topics(contacts, CUTOFF)
    assert found.schema == TOPICS.schema
    assert not any(found["rising"].to_pylist())
