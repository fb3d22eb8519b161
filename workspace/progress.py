"""How long work says where it is: what is being done, and the fraction done from 0 to 1."""

from collections.abc import Callable

Progress = Callable[[str, float], None]


def silent(_text: str, _fraction: float) -> None:
    """The progress of those who don't want to see any."""
