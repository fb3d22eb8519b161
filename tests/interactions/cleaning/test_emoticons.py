"""Faces of all kinds, and signs that are none."""

import pytest

from interactions.cleaning.emoticons import faces


@pytest.mark.parametrize(
    ("text", "sign"),
    [("太赞了👍", 1), ("👎🏽", -1), ("❤️", 1), ("[怒]又堵车", -1), ("ok :)", 1), ("T_T", -1), ("orz", -1), ("(^o^)", 1)],
)
def test_faces(text: str, sign: int) -> None:
    ((begin, end, strength),) = faces(text)
    assert strength * sign > 0
    assert text[begin:end].strip() == text[begin:end]


@pytest.mark.parametrize("text", ["corzine", "http://example.com", "2333号", "[订单]", "STATE", ""])
def test_no_faces(text: str) -> None:
    assert faces(text) == []


def test_the_same_face_again_and_again_is_held() -> None:
    assert sum(strength for _, _, strength in faces("😡" * 50)) == sum(strength for _, _, strength in faces("😡" * 3))
