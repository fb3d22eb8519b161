"""Giving memory back may be asked for at any time, anywhere."""

from serving.given_back import give_back


def test_what_is_in_use_stays() -> None:
    held = [bytearray(range(256)) for _ in range(10_000)]
    del held[::2]
    give_back()
    assert all(one == bytearray(range(256)) for one in held)
