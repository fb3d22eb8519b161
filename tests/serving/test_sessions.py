"""Sessions can't be forged, stretched or moved to another key."""

import pytest

from serving.sessions import SECONDS, open_session, seal_session

SECRET = b"s" * 32
NOW = 1_800_000_000.0


def test_a_session_holds_until_its_end() -> None:
    cookie = seal_session(SECRET, "ab12", NOW)
    assert open_session(SECRET, cookie, NOW) == "ab12"
    assert open_session(SECRET, cookie, NOW + SECONDS - 1) == "ab12"
    assert open_session(SECRET, cookie, NOW + SECONDS) is None


def test_another_secret_opens_nothing() -> None:
    assert open_session(b"t" * 32, seal_session(SECRET, "ab12", NOW), NOW) is None


@pytest.mark.parametrize(
    "cookie", ["", ".", "..", "ab12", "ab12.9999999999", "ab12.9999999999.", "客户.1.é", "a.b.c.d"]
)
def test_what_we_never_signed_opens_nothing(cookie: str) -> None:
    assert open_session(SECRET, cookie, NOW) is None


def test_every_changed_character_is_noticed() -> None:
    cookie = seal_session(SECRET, "ab12", NOW)
    for place, letter in enumerate(cookie):
        other = "1" if letter != "1" else "2"
        assert open_session(SECRET, cookie[:place] + other + cookie[place + 1 :], NOW) is None
