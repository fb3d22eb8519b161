"""What each model needs beside what there is: enough, thin or not enough, and what to do about it.

The bounds are those that others ask for before they predict (docs/decisions.md) and, for "not enough", our own: below
them training refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from training.churn import FEWEST_CUSTOMERS, FEWEST_OF_AN_OUTCOME
from training.segmentation import FEWEST_CUSTOMERS as FEWEST_TO_SEGMENT
from training.volume_panel import WEEKS_NEEDED

if TYPE_CHECKING:
    from training.expected_grade import Expected
    from training.holdings import Found
    from workspace.settings import Windows

Verdict = Literal["enough", "thin", "not enough"]

CHURN_CUSTOMERS, CHURN_OF_AN_OUTCOME, MISSING = 500, 50, 0.2
VOLUME_MONTHS, VOLUME_A_MONTH = 6, 1000
SEGMENT_CUSTOMERS = 500
RATED_TEXTS, LOW_RATED_TEXTS = 1000, 100
FEWEST_RATED, FEWEST_LOW_RATED = 200, 20
_DAYS_A_WEEK = 7
_WEEKS_A_MONTH = 365.25 / 12 / _DAYS_A_WEEK


@dataclass(frozen=True)
class Need:
    """One model: the verdict, what it `needs` to be good, what it `has`, and what `to_do` where that is too little."""

    model: str
    verdict: Verdict
    needs: str
    has: str
    to_do: str


def needs(found: Found, windows: Windows, expected: Expected | None, no_grade: str) -> tuple[Need, ...]:
    """The needs of churn, segments, volume and sentiment; `no_grade` is why churn can't be trained at all."""
    return (_churn(found, windows, expected, no_grade), _segments(found), _volume(found), _sentiment(found))


def _churn(found: Found, windows: Windows, expected: Expected | None, no_grade: str) -> Need:
    horizon = windows.horizon_days[-1]
    last = found.horizons[-1] if found.horizons else None
    people, gone = (last.active, last.churned) if last is not None else (0, 0)
    rarer = min(gone, people - gone)
    history = windows.observation_days + horizon
    lacks = []
    if people < CHURN_CUSTOMERS:
        lacks.append("collect more customers")
    if rarer < CHURN_OF_AN_OUTCOME:
        lacks.append("choose a longer or shorter last horizon, so that both outcomes are frequent")
    if found.days < history:
        lacks.append(f"collect older data: {history - found.days:.0f} days more")
    if found.without_customer is not None and found.without_customer > MISSING:
        lacks.append("map the column that names the customer in more of the contacts")
    verdict: Verdict = "not enough" if expected is None else "thin" if lacks else "enough"
    todo = no_grade if expected is None else _sentence(lacks)
    if expected is not None and expected.grade is None:
        fewest = f"{FEWEST_CUSTOMERS} customers and {FEWEST_OF_AN_OUTCOME} of each outcome"
        todo = f"Below {fewest} a simple rule is served. {todo}".strip()
    return Need(
        "churn",
        verdict,
        f"{CHURN_CUSTOMERS} active customers, {CHURN_OF_AN_OUTCOME} of each outcome, {history} days, "
        f"under {MISSING:.0%} of contacts without customer",
        f"{people:,} active, {gone:,} churned in {horizon} days, {found.days:.0f} days"
        + ("" if found.without_customer is None else f", {found.without_customer:.1%} without customer"),
        todo,
    )


def _segments(found: Found) -> Need:
    count = found.repeated
    verdict: Verdict = (
        "enough" if count >= SEGMENT_CUSTOMERS else "thin" if count >= FEWEST_TO_SEGMENT else "not enough"
    )
    return Need(
        "segments",
        verdict,
        f"{SEGMENT_CUSTOMERS} customers with more than one contact or order (at least {FEWEST_TO_SEGMENT})",
        f"{count:,} customers",
        "" if verdict == "enough" else "Collect more customers: few make segments that a retrain would move.",
    )


def _volume(found: Found) -> Need:
    a_month = found.contacts_per_month.get("all", sum(found.contacts_per_month.values()))
    lacks = []
    if found.volume_months < VOLUME_MONTHS:
        lacks.append("collect older contacts, or their totals with `rapport collect FILE --table volume_history`")
    if 0 < a_month < VOLUME_A_MONTH:
        lacks.append("expect wide intervals: few contacts vary much from day to day")
    short = found.volume_months * _WEEKS_A_MONTH < WEEKS_NEEDED
    year = "a year is covered" if found.volume_months >= 12 else "less than a year: no yearly season can be learned"
    return Need(
        "volume",
        "not enough" if short else "thin" if lacks else "enough",
        f"{VOLUME_MONTHS} months of {VOLUME_A_MONTH:,} contacts, 12 for the season (at least {WEEKS_NEEDED} weeks)",
        f"{found.volume_months:.1f} months of {a_month:,.0f} contacts; {year}"
        if found.volume_months
        else "no contacts",
        _sentence(lacks),
    )


def _sentiment(found: Found) -> Need:
    rated, low = found.rated_texts, found.low_rated_texts
    if rated >= RATED_TEXTS and low >= LOW_RATED_TEXTS:
        verdict: Verdict = "enough"
    else:
        verdict = "thin" if rated >= FEWEST_RATED and low >= FEWEST_LOW_RATED else "not enough"
    todo = (
        "" if verdict == "enough" else "The word list works without any; to learn from ratings, collect more of them."
    )
    return Need(
        "sentiment",
        verdict,
        f"{RATED_TEXTS:,} messages with a rating, {LOW_RATED_TEXTS} of them 1 or 2",
        f"{rated:,} messages with a rating, {low:,} of them 1 or 2",
        todo,
    )


def _sentence(parts: list[str]) -> str:
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}." if parts else ""
