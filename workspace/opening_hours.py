"""A day's opening hours as they are written in rapport.toml: "09:00-12:00, 13:00-18:00"."""

import re
from itertools import pairwise

_SPAN = re.compile(r"(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})")
_DAY_MINUTES = 24 * 60

Span = tuple[int, int]


def opening_hours(written: str) -> tuple[Span, ...]:
    """The spans [opens, closes) of a day in minutes after midnight, in their order; none for "" or "closed".

    Raises ValueError that says what is wrong and what to write.
    """
    if written.strip() in ("", "closed"):
        return ()
    spans = [_span(part.strip()) for part in written.split(",")]
    for (_, closes), (opens, _) in pairwise(spans):
        if opens < closes:
            raise ValueError(
                f'"{written}" has a span that begins before the one in front of it ends: put them in order'
            )
    return tuple(spans)


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ValueError(f'"{part}" is no span of opening hours: write one such as 09:00-18:00, several with commas')
    opens, closes = _minutes(found[1], found[2], part), _minutes(found[3], found[4], part)
    if closes <= opens:
        raise ValueError(
            f'"{part}" ends before it begins: over midnight, end the day with 24:00 and begin the next one with 00:00'
        )
    return opens, closes


def _minutes(hours: str, minutes: str, part: str) -> int:
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > _DAY_MINUTES:
        raise ValueError(f'"{part}" names a time that no clock shows: times run from 00:00 to 24:00')
    return found
