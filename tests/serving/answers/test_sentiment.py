"""How texts feel, as served: by the lexicons, by a champion that is better, and in a customer's timeline."""

import math
from dataclasses import replace

import pytest
from pydantic import ValidationError

from interactions.cleaning.text import signals
from serving.answers.customers import customer
from serving.answers.models import models
from serving.answers.sentiment import LEXICON, Reader, Texts, sentiments
from serving.callers import Caller
from serving.publish import publish
from serving.snapshot import Snapshot, load
from training.bundle import store
from training.bundle.sentiment import FILE, SentimentModel
from training.promotion import settle
from workspace.folder import Workspace

MODEL = SentimentModel({"w:盒子": (1.0, -4.0), "w:礼物": (1.0, 4.0)}, 1.0, 0.1)
MANIFEST = {
    "served": "model", "grade": "B", "metrics": {"auc": 0.9}, "baselines": {"lexicon": {"auc": 0.8}},
    "cutoff": "2026-10-31T16:00:00+00:00",
}  # fmt: skip


@pytest.fixture
def plain(snapshot: Snapshot) -> Snapshot:
    """Served with the lexicons."""
    return replace(snapshot, sentiment=None)


def test_a_mixed_complaint(plain: Snapshot, callers: dict[str, Caller]) -> None:
    said = "快递 delay 了三天, very bad 👎"
    (found,) = sentiments(plain, callers["sales"], Texts(texts=(said,)))["texts"]
    assert (found["label"], found["language"], found["model"]) == ("negative", "mixed", LEXICON)
    assert [(span["language"], said[span["begin"] : span["end"]]) for span in found["spans"]] == [
        ("zh", "快递 "), ("en", "delay "), ("zh", "了三天, "), ("en", "very bad 👎"),
    ]  # fmt: skip
    assert found["sentiment"] == signals([said])[0].sentiment
    assert {word["words"] for word in found["words"]} >= {"👎"}
    assert sum(word["share"] for word in found["words"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("非常满意，谢谢！", "positive"),
        ("I am not happy with the service at all", "negative"),
        ("请问你们几点开门", "neutral"),
        ("", None),
        ("   \n", None),
        ("12345", None),
        ("Где мой заказ, я жду уже неделю", None),
    ],
)
def test_labels(plain: Snapshot, callers: dict[str, Caller], text: str, label: str | None) -> None:
    (found,) = sentiments(plain, callers["analyst"], Texts(texts=(text,)))["texts"]
    assert found["label"] == label
    assert (found["sentiment"] is None) == (label is None)


def test_personal_data_is_masked(plain: Snapshot, callers: dict[str, Caller]) -> None:
    said = "打13800138000投诉 or write to bad.guy@example.com, awful"
    (found,) = sentiments(plain, callers["admin"], Texts(texts=(said,)))["texts"]
    assert "138" not in str(found)
    assert "guy" not in str(found)
    assert [one["language"] for one in found["spans"]] == ["zh", "en"]
    assert found["text"][: found["spans"][0]["end"]] == "打⟨phone⟩投诉 "


@pytest.mark.parametrize("texts", [(), ("好",) * 201, ("好" * 5_001,), ("好" * 5_000,) * 21, ("x" * 1_000_000,)])
def test_too_much_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        Texts(texts=texts)


def test_a_champion_that_is_better_is_served(own_workspace: Workspace, callers: dict[str, Caller]) -> None:
    files = {FILE: MODEL.to_bytes()}
    served = store.write(own_workspace.bundles, "sentiment", MANIFEST, files)
    settle(own_workspace, "sentiment", served, "1", None)
    publish(own_workspace)
    found = load(own_workspace.folder)
    answer = sentiments(found, callers["marketing"], Texts(texts=("盒子", "礼物", "几点")))
    assert answer["model"] == served == found.manifest["bundles"]["sentiment"]
    assert [one["label"] for one in answer["texts"]] == ["negative", "positive", "neutral"]
    assert answer["texts"][0]["words"] == [{"words": "盒子", "share": 1.0, "says": "negative"}]
    state = own_workspace.state()
    (card,) = [one for one in models(found, callers["admin"], state)["models"] if one["model"] == "sentiment"]
    state.close()
    assert (card["metrics"]["auc"], card["baselines"]["lexicon"]["auc"], card["served"]) == (0.9, 0.8, "model")


def test_one_that_is_not_better_is_not(snapshot: Snapshot) -> None:
    assert snapshot.sentiment is None
    assert Reader(None, "of-a-bundle", {}).version == LEXICON
    assert Reader(MODEL, "of-a-bundle", {}).version == "of-a-bundle"


def test_a_text_is_held_beside_what_the_model_says_of_anybody() -> None:
    # Nine in ten were content where it learned: log 9 says nothing about a text.
    model = SentimentModel({"w:盒子": (1.0, 1.0)}, 0.0, math.log(9))
    found = Reader(model, "h", {"rows": 100, "unhappy": 10}).read("盒子")
    assert found["sentiment"] == pytest.approx(math.tanh(0.5), abs=1e-4)
    assert Reader(model, "h", {"rows": 100, "unhappy": 10}).read("几点开门")["label"] == "neutral"


def test_a_timeline_says_how_messages_feel(plain: Snapshot, callers: dict[str, Caller]) -> None:
    contacts = plain.tables["interactions"].to_pylist()
    written = [row for row in contacts if row["content"] and row["customer_id"] and row["direction"] == "inbound"]
    who = written[0]["customer_id"]
    timeline = customer(plain, callers["admin"], who)["timeline"]
    read = [entry for entry in timeline if "sentiment" in entry]
    assert read
    for entry in read:
        assert entry["sentiment"]["sentiment"] == signals([entry["content"]])[0].sentiment
        assert entry["direction"] != "outbound"
    learned = customer(replace(plain, sentiment=MODEL), callers["admin"], who)["timeline"]
    assert len([entry for entry in learned if "sentiment" in entry]) == len(read)
    hidden = customer(plain, callers["analyst"], callers["analyst"].label(who))["timeline"]
    assert not any("sentiment" in entry for entry in hidden)
