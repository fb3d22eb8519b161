"""Terms: what messages are about, in both languages, of several customers."""

import numpy as np

from training.topic_terms import terms_of


def test_terms_of_both_languages() -> None:
    texts = ["我的退款没到", "退款 refunds 太慢", "Refund please, refunds", "waiting for 退款 refunds 13812345678"]
    found = terms_of(texts, np.arange(4), 2)
    assert {"退款", "refunds"} <= set(found.names)
    column = found.names.index("refunds")
    assert np.asarray(found.counts[:, column].todense()).ravel().tolist() == [0, 1, 1, 1]
    assert not {"please", "我", "13812345678"} & set(found.names)


def test_a_term_of_too_few_customers_is_none() -> None:
    assert terms_of(["漏水了"] * 6, np.zeros(6, dtype=np.int64), 2).names == []


def test_no_texts() -> None:
    assert terms_of([], np.empty(0, dtype=np.int64), 2).names == []


def test_the_form_that_is_shown_is_of_several_customers() -> None:
    # One customer writes "leakage" ten times, two others "leaking": the stem is three customers', the form is not.
    texts = ["leaking pipe", "leaking pipe", *["leaks"] * 10]
    who = np.array([0, 1, *[2] * 10])
    assert terms_of(texts, who, 2).names == ["leaking", "pipe"]
    assert terms_of(texts, who, 3).names == []
