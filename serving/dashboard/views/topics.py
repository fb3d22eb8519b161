"""What customers write about: rising topics with why, all others, and messages that show them."""

from __future__ import annotations

from typing import Any

from serving.answers import topics as answers
from serving.answers.sentiment import label_of
from serving.dashboard.sparkline import sparkline
from serving.dashboard.visit import Visit

# As training/rising.py and training/topics.py have them; the dashboard tells, it doesn't decide.
RECENT_WEEKS, WEEKS_BEFORE, CUSTOMERS_A_TERM = 4, 12, 5


def topics(visit: Visit) -> dict[str, Any]:
    """`rising` and `others`: topics with their `trend`, `label` and `examples` (text and how it feels)."""
    found = [_topic(visit, topic) for topic in answers.topics(visit.snapshot, visit.caller)["topics"]]
    return {
        "rising": [topic for topic in found if topic["rising"]],
        "others": [topic for topic in found if not topic["rising"]],
        "weeks": RECENT_WEEKS + WEEKS_BEFORE,
        "recent": RECENT_WEEKS,
        "before": WEEKS_BEFORE,
        "fewest": CUSTOMERS_A_TERM,
    }


def _topic(visit: Visit, topic: dict[str, Any]) -> dict[str, Any]:
    reader = visit.snapshot.reader
    return {
        **topic,
        "trend": sparkline(topic["weekly"]),
        "label": None if topic["sentiment"] is None else label_of(topic["sentiment"]),
        "read": [{"text": text, **reader.read(text)} for text in topic["examples"]],
    }
