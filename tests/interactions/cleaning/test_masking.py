"""Personal data in texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning.masking import count_masks, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的手机是13812345678，谢谢", "我的手机是⟨phone⟩，谢谢"),
        ("打 138 1234 5678 或 +86-138-1234-5678", "打 ⟨phone⟩ 或 ⟨phone⟩"),
        ("座机 010-12345678 转", "座机 ⟨phone⟩ 转"),
        ("手机１３８１２３４５６７８", "手机⟨phone⟩"),
        ("Call me on (555) 123-4567 or 555-123-4567.", "Call me on ⟨phone⟩ or ⟨phone⟩."),
        ("ring +44 20 7946 0958 please", "ring ⟨phone⟩ please"),
        ("邮箱anna.b@example.co.uk。", "邮箱⟨email⟩。"),
        ("身份证110101199003078515", "身份证⟨id-card⟩"),
        ("card 4111 1111 1111 1111", "card ⟨bank-card⟩"),
        ("卡号6222020000000000001", "卡号6222020000000000001"),
        ("order 20240105123456 of 12/03, 3 pieces at 1,299.00", "order 20240105123456 of 12/03, 3 pieces at 1,299.00"),
        ("invoice 4111111111111112", "invoice 4111111111111112"),
        ("全角１２３号", "全角１２３号"),
        ("", ""),
    ],
)
def test_masks(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_counts() -> None:
    assert count_masks(masked("a@b.cn, 13812345678, 13912345678")) == 3
    assert count_masks("nothing") == 0


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789-+() @.abc⟨⟩１２３汉", max_size=60))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="你好，请回电 abc", max_size=10))
def test_no_mobile_number_is_left(number: str, around: str) -> None:
    assert number not in masked(f"{around}，{number} {around}")
