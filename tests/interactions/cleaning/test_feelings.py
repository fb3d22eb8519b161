"""Feeling of messages that mix languages and faces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning.feelings import bounded, feelings, read, sentiment


def felt(text: str) -> float:
    found = sentiment(read(text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "快递 delay 了三天, very bad 👎",
        "customer service 一直 no response，很失望",
        "这个 app 太 low 了，bug 一堆",
        "服务 not good",
        "不 nice",
        "the package 到了但是 box 全 broken 了",
        "😡😡😡",
        "這家店的服務態度很差，等了很久",
    ],
)
def test_unhappy(text: str) -> None:
    assert felt(text) < 0


@pytest.mark.parametrize(
    "text",
    [
        "服务很 nice，下次还来",
        "the food is great，强烈推荐",
        "👍",
        "快递有点 slow 但是 staff 超级 friendly",
        "東西很好，謝謝老闆",
    ],
)
def test_happy(text: str) -> None:
    assert felt(text) > 0


def test_degrees_and_negations_cross_the_border_of_languages() -> None:
    assert felt("很 nice") > felt("nice 的")
    assert felt("very 满意") > felt("满意")


def test_a_message_in_no_language_of_ours_feels_nothing() -> None:
    assert sentiment(read("Где мой заказ")) is None
    assert sentiment(read("12345")) is None
    assert felt("Где мой заказ 😡") < 0


def test_strengths_add_up_to_the_sentiment() -> None:
    message = read("客服很 helpful，但是快递 never arrived 😡!")
    assert bounded(sum(one.strength for one in feelings(message))) == pytest.approx(sentiment(message))
    assert {"😡", "never arrived"} <= {one.words for one in feelings(message)}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("不好很差没收到吗？，！。但是 goodbad not👍😡:)TあД𠀀\x01İ"), max_size=60))
def test_any_mixture_can_be_read(text: str) -> None:
    found = sentiment(read(text))
    assert found is None or -1 <= found <= 1
    assert found == sentiment(read(text))
