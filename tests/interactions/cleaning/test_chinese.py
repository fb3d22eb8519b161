"""Chinese feeling, rule by rule, on sentences a reader would judge the same."""

import pytest
import rjieba

from interactions.cleaning.chinese import ACTS, LEXICON, chinese_hits, chinese_sentiment, chinese_strength


def felt(text: str) -> float:
    return chinese_sentiment(list(rjieba.cut(text, False)))


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ("非常满意", "满意"),
        ("满意", "还算满意"),
        ("好吃极了", "好吃"),
        ("不满意", "非常不满意"),
        ("虽然有点慢，但是味道非常好", "虽然味道非常好，但是有点慢"),
        ("服务不错", "希望服务不错"),
        ("好吃", "好吃吗？"),
        ("没有破损", "破损"),
    ],
)
def test_what_bears_on_a_feeling(stronger: str, weaker: str) -> None:
    assert felt(stronger) > felt(weaker)


@pytest.mark.parametrize(
    "text",
    [
        "没有以前好吃",
        "一点也不新鲜",
        "并不觉得划算",
        "打了五次电话都没人接",
        "钱还没有退款",
        "价格太高",
        "噪音大",
        "房间小",
        "还不如去年买的那个",
        "以为会很好",
        "难道就没人管吗",
    ],
)
def test_complaints_without_a_plain_word_of_anger(text: str) -> None:
    assert felt(text) < 0


@pytest.mark.parametrize("text", ["一点都不差", "没有让我失望", "没什么可挑剔的，完美", "性价比高", "空间大", "噪音小"])
def test_praise_by_denial_and_by_what_is_meant(text: str) -> None:
    assert felt(text) > 0


@pytest.mark.parametrize(
    "text", ["你好，请问多久能发货", "我在出差", "贵公司的银行卡业务", "快递员姓高", "差不多就这样", ""]
)
def test_what_only_looks_like_feeling(text: str) -> None:
    assert abs(felt(text)) < 0.3


def test_contributions_add_up_and_lie_in_the_text() -> None:
    words = list(rjieba.cut("客服很热情！不过快递太慢了，三天还没送到，真无语", False))
    hits = chinese_hits(words)
    assert sum(strength for _, _, strength in hits) == pytest.approx(chinese_strength(words))
    assert all(0 <= first < last <= len(words) for first, last, _ in hits)
    assert any(strength > 0 for _, _, strength in hits)
    assert any(strength < 0 for _, _, strength in hits)


def test_a_number_among_the_words_is_turned_round_by_a_negation() -> None:
    assert chinese_strength(["不", 2.0]) == pytest.approx(-1.8)
    assert chinese_strength(["很", 2.0]) == pytest.approx(2.5)


def test_the_lexicon_is_broad_and_of_its_scale() -> None:
    assert len(LEXICON) > 2_000
    assert {abs(strength) for strength in LEXICON.values()} == {0, 1, 2, 3}
    assert {"退款", "回复", "送到"} <= ACTS
