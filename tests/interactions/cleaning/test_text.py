"""Message signals, judged on texts a person would judge the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning.masking import masked
from interactions.cleaning.text import CAP, Signals, signals


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你们的物流太慢了", "zh"),
        ("Where is my order?", "en"),
        ("我的 order 还没到, please check 一下", "mixed"),
        ("iPhone 的屏幕坏了，请尽快处理一下好吗", "zh"),
        ("¿Dónde está el pedido número cuatro?", "other"),
        ("注文はどこですか", "other"),
        ("Где мой заказ", "other"),
        ("12345 !!", "other"),
        ("ok", "en"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert signals([text])[0].language == language


@pytest.mark.parametrize(
    "text",
    [
        "非常满意，客服很耐心",
        "东西不错，下次再来",
        "Great service, thank you so much!",
        "虽然有点慢，但是味道非常好",
        "客服 very helpful, 很满意",
        "一点都不差",
    ],
)
def test_glad_messages(text: str) -> None:
    assert (signals([text])[0].sentiment or 0) > 0.05


@pytest.mark.parametrize(
    "text",
    [
        "太差了，再也不来了",
        "客服态度恶劣，我要投诉",
        "不满意",
        "不好吃",
        "This is terrible, I am very disappointed.",
        "味道还行，但是送餐太慢了，非常失望",
        "物流 too slow, 很失望, terrible",
        "快递 delay 了三天, very bad 👎",
    ],
)
def test_angry_messages(text: str) -> None:
    assert (signals([text])[0].sentiment or 0) < -0.05


def test_words_questions_and_masks() -> None:
    found = signals(["请问什么时候发货？我的电话是13812345678", "你们还在吗", "Why? Really?? Yes.", None, "  "])
    assert (found[0].questions, found[0].masked) == (1, 1)
    assert found[1].questions == 1
    assert (found[2].questions, found[2].words) == (2, 3)
    assert found[3:] == [Signals(None, None, 0, 0, 0)] * 2


def test_masked_and_unmasked_texts_say_the_same() -> None:
    text = "请回电13812345678 or write to anna@example.com，谢谢"
    assert signals([text]) == signals([masked(text)])
    assert signals([text])[0].masked == 2


def test_an_emoji_alone_feels_and_is_in_no_language() -> None:
    (found,) = signals(["😡😡"])
    assert found.language == "other"
    assert found.sentiment is not None
    assert found.sentiment < 0


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_signals(text: str) -> None:
    (found,) = signals([text])
    assert found.sentiment is None or -1 <= found.sentiment <= 1
    assert found.words >= 0
    assert signals([text, text]) == [found, found]


def test_a_huge_text_is_read_off_its_beginning() -> None:
    assert signals(["好" * CAP + "差" * 100_000])[0] == signals(["好" * CAP])[0]
