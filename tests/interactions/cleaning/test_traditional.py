"""Traditional characters read as simplified ones."""

from interactions.cleaning.traditional import simplified


def test_characters_are_simplified_in_their_places() -> None:
    assert simplified("客服態度惡劣，謝謝 you") == "客服态度恶劣，谢谢 you"


def test_simplified_text_stays() -> None:
    text = "干后面里发只几台游"
    assert simplified(text) == text
