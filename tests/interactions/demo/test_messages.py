"""Messages sound like people: three languages, many wordings, a tone that follows how they feel."""

import re

import numpy as np
import pandas as pd
import pytest

from interactions.demo import phrases
from interactions.demo.messages import EN, MIXED, UNHAPPY, ZH, Messages, answers, compose, tones

HAN, LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{3,}")


def _messages(language: int, tone: int, count: int = 400) -> Messages:
    return Messages(
        topic=np.arange(count) % len(phrases.TOPICS),
        language=np.full(count, language),
        tone=np.full(count, tone),
        product=np.arange(count),
        emoji=np.zeros(count, dtype=np.bool_),
        reachable=np.zeros(count, dtype=np.bool_),
    )


def _texts(messages: Messages) -> list[str]:
    texts = compose(np.random.default_rng(4), messages).to_pylist()
    return [str(text) for text in texts]


@pytest.mark.parametrize("tone", [0, 1, 2])
def test_languages_are_what_they_claim(tone: int) -> None:
    assert all(HAN.search(text) for text in _texts(_messages(ZH, tone)))
    mixed = _texts(_messages(MIXED, tone))
    assert all(HAN.search(text) for text in mixed)
    assert np.mean([LATIN.search(text) is not None for text in mixed]) > 0.8
    english = _texts(_messages(EN, tone))
    assert np.mean([HAN.search(text) is None for text in english]) > 0.8


def test_every_place_in_a_phrase_is_filled() -> None:
    for language in (ZH, EN):
        for tone in range(3):
            texts = _texts(_messages(language, tone))
            assert not any("{" in text or "}" in text for text in texts)
            assert all(text == text.strip() and "  " not in text for text in texts)


def test_messages_vary() -> None:
    assert len(set(_texts(_messages(ZH, UNHAPPY)))) > 300


def test_reachable_writers_leave_a_way_and_emoji_show() -> None:
    plain = _messages(ZH, 1)
    texts = _texts(
        Messages(plain.topic, plain.language, plain.tone, plain.product, np.ones(400, np.bool_), np.ones(400, np.bool_))
    )
    assert all(re.search(r"1[3-9]\d{9}|user\d{6}@example\.com", text) for text in texts)
    assert all(any(sign in text for sign in phrases.EMOJI[1]) for text in texts)


def test_answers_are_poor_when_asked_to_be() -> None:
    topic = np.arange(80) % len(phrases.TOPICS)
    poor = answers(np.random.default_rng(0), topic, np.full(80, EN), np.ones(80, np.bool_)).to_pylist()
    assert all(text.endswith(phrases.POOR_ANSWERS[1]) for text in poor)
    good = answers(np.random.default_rng(0), topic, np.full(80, ZH), np.zeros(80, np.bool_)).to_pylist()
    assert not any(text.endswith(phrases.POOR_ANSWERS[0]) for text in good)


def test_tone_follows_feeling() -> None:
    rng = np.random.default_rng(0)
    assert tones(rng, np.full(500, -1.5)).mean() < 0.3
    assert tones(rng, np.full(500, 1.5)).mean() > 1.7


def test_the_companys_texts(contacts: pd.DataFrame) -> None:
    texts = contacts["content"].dropna()
    han, latin = texts.str.contains(HAN), texts.str.contains(LATIN)
    assert 0.03 < (latin & ~han).mean() < 0.3
    assert 0.03 < (latin & han).mean() < 0.4
    assert (han & ~latin).mean() > 0.4
    complaints = texts[contacts["kind"] == "complaint"]
    assert complaints.str.contains("谢谢！|Thank you!|好评！").mean() < 0.01
    assert texts.str.contains("[?？]").mean() > 0.2
    assert 0.02 < texts.str.contains(r"1[3-9]\d{9}|@example").mean() < 0.08
    assert contacts[contacts["outcome"] == "abandoned"]["content"].isna().all()
