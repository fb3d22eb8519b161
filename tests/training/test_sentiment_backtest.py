"""`backtest sentiment`: figures by hand, equal texts together, small files, and the real sets where they are."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from interactions.cleaning.text import signals
from training.sentiment_backtest import FOLDS, backtest_sentiment, folds
from workspace.errors import QueryError

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
COLOURS = ["蓝", "红", "绿", "黑", "白", "紫", "黄", "灰", "青", "粉", "橙", "金"]


def write(folder: Path, rows: list[tuple[str, object]]) -> Path:
    file = folder / "texts.csv"
    file.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows), encoding="utf-8")
    return file


def test_cold_figures_are_those_of_the_signals(tmp_path: Path) -> None:
    texts = ["非常满意", "太差了", "still no refund", "great, thank you", "没什么感觉", "不好吃", "good", "好评"]
    truth = np.array([1, 0, 0, 1, 1, 0, 1, 0])
    found = backtest_sentiment(write(tmp_path, list(zip(texts, truth, strict=True))), "text", "label")
    score = np.array([one.sentiment for one in signals(texts)], dtype=float)
    said = score > 0
    assert found["cold"]["accuracy"] == pytest.approx(np.mean(said == truth))
    assert found["cold"]["macro_f1"] == pytest.approx(f1_score(truth, said, average="macro"))
    assert found["cold"]["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, said))
    assert found["cold"]["auc"] == pytest.approx(roc_auc_score(truth, score))
    assert found["learned"] is None
    assert "negative 4" in found["learned_needs"]


def test_what_the_lexicon_does_not_know_is_learned(tmp_path: Path) -> None:
    rows = [(f"{one}{other}东西", 1) for one in COLOURS for other in COLOURS[:3]]
    rows += [(f"{one}{other}盒子", 0) for one in COLOURS for other in COLOURS[:3]]
    found = backtest_sentiment(write(tmp_path, rows), "text", "label")
    assert found["cold"]["accuracy"] == 0.5
    assert found["learned"]["accuracy"] == 1
    assert found["rows"] == found["texts"] == len(rows)


def test_repeated_texts_teach_nothing_about_themselves(tmp_path: Path) -> None:
    # Labels by chance, each text ten times: whoever has seen an equal text knows its label.
    random = np.random.default_rng(3)
    signs = random.permutation([0, 1] * 60)
    words = [f"{COLOURS[a]}{COLOURS[b]}{COLOURS[c]}" for a, b, c in random.integers(0, 12, (120, 3))]
    rows = [
        (f"{text}{'。' * repeat}", int(sign)) for text, sign in zip(words, signs, strict=True) for repeat in range(10)
    ]
    found = backtest_sentiment(write(tmp_path, rows), "text", "label")
    assert found["texts"] <= 120
    assert 0.3 < found["learned"]["auc"] < 0.7


def test_three_classes(tmp_path: Path) -> None:
    rows = [
        (f"{one}{other}{word}", sign)
        for one in COLOURS
        for other in COLOURS[:2]
        for word, sign in (("东西", 1), ("盒子", 0), ("瓶子", -1))
    ]
    found = backtest_sentiment(write(tmp_path, rows), "text", "label")
    assert found["classes"] == {"negative": 24, "neutral": 24, "positive": 24}
    assert found["learned"]["accuracy"] > 0.9
    assert found["learned"]["auc"] > 0.9
    assert found["cold"]["accuracy"] == pytest.approx(1 / 3)


def test_a_language_of_ones_own(tmp_path: Path) -> None:
    file = write(tmp_path, [("很好", 1), ("太差", 0), ("good", 1), ("bad", 0), ("awful", 0)])
    assert backtest_sentiment(file, "text", "label", "en")["rows"] == 3
    assert backtest_sentiment(file, "text", "label", "zh")["cold"]["accuracy"] == 1
    with pytest.raises(QueryError, match="fr"):
        backtest_sentiment(file, "text", "label", "fr")
    english = write(tmp_path, [("good", 1), ("bad", 0)])
    with pytest.raises(QueryError, match="in zh"):
        backtest_sentiment(english, "text", "label", "zh")


def test_folds_keep_equal_texts_together_and_classes_even() -> None:
    random = np.random.default_rng(0)
    keys = random.integers(0, 400, 2_000)
    signs = np.where(keys % 4 == 0, 1, -1)
    found = folds(keys, signs)
    assert all(len(set(found[keys == key].tolist())) == 1 for key in set(keys.tolist()))
    for sign in (-1, 1):
        sizes = [len(set(keys[(found == fold) & (signs == sign)].tolist())) for fold in range(FOLDS)]
        assert max(sizes) - min(sizes) <= 1


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the real records lie beside the project, where they are")
@pytest.mark.parametrize(
    ("file", "text", "label", "cold", "learned"),
    [
        ("zh_reviews/waimai_10k.csv", "review", "label", {"auc": 0.89, "balanced_accuracy": 0.81}, {"accuracy": 0.895}),
        (
            "ecommerce_csat/customer_support_sample20pct.csv",
            "Customer Remarks",
            "CSAT Score",
            {"auc": 0.83},
            {"auc": 0.865},
        ),
    ],
)
def test_real_texts(file: str, text: str, label: str, cold: dict[str, float], learned: dict[str, float]) -> None:
    found = backtest_sentiment(DATA / file, text, label)
    assert all(found["cold"][name] >= least for name, least in cold.items())
    assert all(found["learned"][name] >= least for name, least in learned.items())
