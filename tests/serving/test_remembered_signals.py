"""Signals that are remembered are those that cleaning computes, and no text is kept for them."""

import threading
from collections.abc import Iterator

import pytest

from interactions.cleaning import text
from serving import remembered_signals
from serving.remembered_signals import signals

TEXTS = [
    "Where is my parcel? This is awful!",
    None,
    "",
    "  ",
    "快递太慢了，什么时候到",
    "call me at 13812345678",
    "Where is my parcel? This is awful!",
    "\ud800 half a character",
    "好评 👍 thanks",
]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    remembered_signals._known.clear()
    yield
    remembered_signals._known.clear()


def test_first_and_again_the_same_as_cleaning_says() -> None:
    expected = text.signals(TEXTS)
    assert signals(TEXTS) == expected
    assert signals(TEXTS) == expected
    assert signals(TEXTS[::-1]) == expected[::-1]
    assert signals([]) == []


def test_each_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str | None] = []
    whole = text.signals
    monkeypatch.setattr(text, "signals", lambda contents: read.extend(contents) or whole(contents))
    signals(TEXTS)
    signals(TEXTS)
    said = [one for one in read if one is not None and one.strip()]
    assert len(said) == len(set(said)) == 5


def test_what_is_remembered_names_nobody() -> None:
    signals(TEXTS)
    assert all(isinstance(key, bytes) and len(key) == 16 for key in remembered_signals._known)
    kept = repr(list(remembered_signals._known.items()))
    assert "parcel" not in kept
    assert "13812345678" not in kept


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered_signals, "MOST", 10)
    texts: list[str | None] = [f"message {number}" for number in range(100)]
    for _ in range(2):
        assert signals(texts) == text.signals(texts)
        assert len(remembered_signals._known) == 10
    assert signals(["message 99"]) == text.signals(["message 99"])


def test_threads_that_ask_at_once_hear_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered_signals, "MOST", 20)
    texts: list[str | None] = [f"thank you {number}" for number in range(60)]
    expected = text.signals(texts)
    wrong: list[int] = []

    def ask(turn: int) -> None:
        turned, said = texts[turn:] + texts[:turn], expected[turn:] + expected[:turn]
        if any(signals(turned) != said for _ in range(20)):
            wrong.append(turn)

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(0, 60, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
