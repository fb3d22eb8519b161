"""Learned from judged texts: what is learned, from whom, and that it is the same every time."""

import numpy as np

from training.bundle.sentiment import ngrams
from training.sentiment_fit import counted, fit, normalised, scores

GLAD = [f"{word}的东西 {number}" for number, word in enumerate(["蓝", "红", "绿", "黑", "白", "紫"])]
SORRY = [f"{word}的盒子 {number}" for number, word in enumerate(["蓝", "红", "绿", "黑", "白", "紫"])]
TEXTS = GLAD + SORRY
CONTENT = np.array([True] * len(GLAD) + [False] * len(SORRY))
EVERY = np.ones(len(TEXTS), dtype=bool)


def test_what_only_content_writers_say_speaks_for_them() -> None:
    model = fit(counted(TEXTS), EVERY, CONTENT, 2)
    assert model.score("东西") > 0 > model.score("盒子")


def test_scores_together_are_scores_alone() -> None:
    held = counted(TEXTS)
    model = fit(held, EVERY, CONTENT, 2)
    np.testing.assert_allclose(scores(model, held, EVERY), [model.score(text) for text in TEXTS], atol=1e-12)


def test_rare_ngrams_are_not_learned() -> None:
    model = fit(counted(TEXTS), EVERY, CONTENT, 3)
    spread = {gram: sum(gram in ngrams(text) for text in TEXTS) for gram in model.weights}
    assert min(spread.values()) >= 3
    assert "c:东西" in model.weights


def test_what_one_customer_repeats_is_nobodys() -> None:
    texts = [*TEXTS, *(f"我是张三丰 {number}啊" for number in range(9))]
    content = np.array([*CONTENT, *([True] * 9)])
    writers = np.array([*range(len(TEXTS)), *([99] * 9)])
    model = fit(counted(texts), np.ones(len(texts), dtype=bool), content, 3, writers)
    assert not any("张三" in gram for gram in model.weights)
    assert "c:东西" in model.weights


def test_the_same_texts_in_any_order_count_the_same() -> None:
    order = np.random.default_rng(1).permutation(len(TEXTS))
    one, other = counted(TEXTS), counted([TEXTS[place] for place in order])
    assert one.grams == other.grams
    assert (one.counts[order] != other.counts).nnz == 0
    assert (one.keys[order] == other.keys).all()


def test_fitting_again_gives_the_same_bytes() -> None:
    held = counted(TEXTS)
    assert fit(held, EVERY, CONTENT, 2).to_bytes() == fit(held, EVERY, CONTENT, 2).to_bytes()


def test_texts_that_differ_by_marks_are_one() -> None:
    keys = counted(["Very good!", "very  GOOD", "ｖery good。", "bad", "!!", "??"]).keys
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert len(set(keys.tolist())) == 4
    assert normalised("Ａ b!") == "ab"
