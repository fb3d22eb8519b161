"""Which words a sentiment came from: everything but the intercept is shared out, and nothing personal shows."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interactions.cleaning.text import signals
from training.bundle.sentiment import SentimentModel, ngrams, plain
from training.bundle.sentiment_words import learned_words, lexicon_reading, lexicon_words, located

MODEL = SentimentModel(
    {
        "w:slow": (2.0, -1.5),
        "c:很好": (1.0, 3.0),
        "c:^ba": (1.5, -2.0),
        "w:very slow": (1.0, -1.0),
        "c:款": (2.0, -0.4),
    },
    0.5,
    -0.25,
)
TEXTS = st.text(alphabet="很好差退款 goodbasl！，12.:(", max_size=40)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("4s店很好 sloooow :(")
@example("ⅷ very slow ﷺ 退款")
def test_every_ngram_is_located(text: str) -> None:
    said = plain(text)
    found = list(located(said))
    assert sorted({gram for gram, _ in found}) == ngrams(text)
    for gram, spans in found:
        letters = "".join(said[begin:end] for begin, end in spans)
        assert letters == gram[2:].replace(" ", "").strip("^$").replace("^", "").replace("$", "")


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("退款 very slow, 很好很好 bad :(")
def test_the_words_add_up_to_the_score(text: str) -> None:
    found = learned_words(MODEL, text, MODEL.contributions(text))
    assert math.fsum(one.strength for one in found) == pytest.approx(MODEL.score(text) - MODEL.intercept, abs=1e-9)
    assert [abs(one.strength) for one in found] == sorted((abs(one.strength) for one in found), reverse=True)


def test_a_words_ngrams_count_to_it() -> None:
    # slow and very slow are known: the vector is (2, 1), its length sqrt 5; both words have four letters.
    model = SentimentModel(MODEL.weights, 0.0, 0.0)
    found = learned_words(model, "very slow", model.contributions("very slow"))
    parts = {one.words: one.strength for one in found}
    pair = -1.0 / math.sqrt(5)
    assert parts == pytest.approx({"slow": 2 * -1.5 / math.sqrt(5) + pair / 2, "very": pair / 2})


def test_the_lexicons_words() -> None:
    (worst, *_) = lexicon_words("快递 delay 了三天, very bad 👎")
    assert worst.strength < 0
    assert all(one.strength < 0 for one in lexicon_words("快递 delay 了三天, very bad 👎"))


@pytest.mark.parametrize("read", [lexicon_words, lambda text: learned_words(MODEL, text, MODEL.contributions(text))])
def test_personal_data_is_no_word(read) -> None:  # type: ignore[no-untyped-def]
    said = "很好, call 13800138000 or bad.guy@example.com, 身份证 110101199003074477"
    shown = " ".join(one.words for one in read(said))
    assert not any(sign.isdigit() for sign in shown)
    assert "guy" not in shown
    assert "@" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "太差了，退款！call 13812345678",
        "Great service, thanks :)",
        "",
        "  ",
        "12345",
        "Спасибо",
        "一般般吧 not good",
        "👍",
    ],
)
def test_both_readings_of_the_lexicons_are_those_read_apart(text: str) -> None:
    score, words = lexicon_reading(text)
    (said,) = signals([text])
    assert score == said.sentiment
    assert words == ([] if score is None else lexicon_words(text))
