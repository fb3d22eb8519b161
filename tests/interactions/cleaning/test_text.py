"""Message signals, judged on texts a person would judge the same."""

import time

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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The refund for order S4205312 NEVER came, horrible service!! Call me at 13812345678 :(",
            ("en", -0.8997, 12, 0, 1),
        ),
        (
            "Hello again, happy customer here. Used it for 5 days, no problem at all, very happy.",
            ("en", 0.8658, 15, 0, 0),
        ),
        ("Can I return only one of the items? Don't forget the invoice, it isn't here", ("en", 0.1695, 15, 1, 0)),
        ("not very good, but the agent was kind of nice... at least", ("en", -0.2263, 12, 0, 0)),
        ("sooooo slooow and the app keeps crashing T_T", ("en", -0.8268, 9, 0, 0)),
        ("I WISH I could say it was good. Yeah right, the bomb", ("en", -0.8625, 12, 0, 0)),
        ("go nowhere elsewhere; 3 times I called @shop http://x.y/z #fail", ("en", -0.4137, 12, 0, 0)),
        ("客服态度恶劣，等了3天还没送到，太差了！", ("zh", -0.9193, 11, 0, 0)),
        ("虽然有点贵，但是质量非常好，下次再来～", ("zh", 0.7145, 10, 0, 0)),
        ("这个 service 太 bad 了，support never replied，希望尽快 refund", ("mixed", -0.882, 11, 0, 0)),
        ("價格太高，噪音小，空間大，“真好”", ("zh", -0.1154, 9, 0, 0)),
        ("请问发票抬头可以修改吗？谢谢", ("zh", 0.4588, 7, 1, 0)),
        ("刚买完音箱就降价，感觉被坑了。😡😡😡😡 [怒] (^_^)", ("zh", -0.9584, 10, 0, 0)),
        ("注文はどこですか thank you", ("other", 0.3612, 2, 0, 0)),
        ("¿Dónde está el pedido número cuatro?", ("other", None, 8, 1, 0)),
        ("邮箱anna.b@example.co.uk，身份证110101199003078515，card 4111 1111 1111 1111", ("mixed", 0.0, 3, 0, 3)),
        ("好吃极了\n配送很快\nbut the soup was cold", ("mixed", 0.4166, 9, 0, 0)),
        ("不是不好吃，只是一般般吧。难道就没人管吗", ("zh", -0.7184, 10, 1, 0)),
        ("T恤和3G卡拉OK都不好用，1/10", ("mixed", -0.3182, 8, 0, 0)),
        ("Doeſn't work İ think，not exactly what I'd call good", ("en", -0.7351, 10, 0, 0)),
        ("😊👍", ("other", 0.7184, 0, 0, 0)),
        ("12345 !!", ("other", None, 0, 0, 0)),
        ("Где мой заказ 😡 good", ("other", -0.2732, 1, 0, 0)),
    ],
)
def test_signals_of_old(text: str, expected: tuple[str, float | None, int, int, int]) -> None:
    """What signals said before they were made fast: companies hold tables of them, and they must not drift."""
    assert signals([text]) == [Signals(*expected)]


ORDINARY = "订单已经三天了还没到，太慢了！请问什么时候能到？客服 very helpful，谢谢。Still no refund after 3 days. "
UNITS = (
    "好a a好 xé好 ×好 好aあ yet好 not好 sooo好 少 低 价格高 噪音小 服务好 不 没有 还没 “好” 但是bad "
    "希望好， 好吗？ 好！ 龘 中华人民共和国 [ [怒] ( -_ :- hhh T_T 😡 😡a ❤️ e\u0301 \u0301 \u202e א אa Я好 あ好 "
    "\u0661 1 1- +1-1 13812345678, a@ a@b.cn, İ ſ aaa aab goooood, http:// # a/ ' don' ⟨phone⟩ ⟨ \x01a"
)
SENTENCES = (
    "GOOD x ",
    "never so good ",
    "but good ",
    "can't ",
    "issue a b c ",
    "not a a ",
    "kind of good ",
    "at least ",
)
LINES = ("a\n", "好\n", "\n", "好\u3000a")


@pytest.fixture(scope="module")
def ordinary() -> float:
    """CPU seconds of an ordinary text of the same length, 3 milliseconds at least."""
    signals([ORDINARY])
    return max(min(_cost(ORDINARY) for _ in range(3)), 0.003)


@pytest.mark.parametrize("unit", [*UNITS.split(" "), *SENTENCES, *LINES])
def test_a_hostile_text_costs_little_more_than_an_ordinary_one(unit: str, ordinary: float) -> None:
    # Once is mostly enough; others use this machine.
    assert any(_cost(unit) < 10 * ordinary for _ in range(5))


def _cost(unit: str) -> float:
    """CPU seconds of the longest text that a contact may have, made of one piece."""
    text = (unit * (20_000 // len(unit) + 1))[:20_000]
    begun = time.process_time()
    signals([text])
    return time.process_time() - begun
