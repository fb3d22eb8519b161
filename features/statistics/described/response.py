"""Answers and resolutions: how quickly they came and whether they held."""

from features.statistics.statistic import BEGUN, Statistic

_UNANSWERED = f"Contacts without an answer don't count. {BEGUN}"
_UNRESOLVED = f"Unresolved contacts don't count. {BEGUN}"
_ANSWER = "minutes from a contact the customer began to its first human answer"
_RESOLUTION = "hours from a contact the customer began to its last resolution"
_HOURS = "counted in the company's business hours (always open without any)"


def _bucket(name: str, title_en: str, title_zh: str, hours: str) -> Statistic:
    return Statistic(
        name,
        "share",
        title_en,
        title_zh,
        f"Contacts the customers began that had their first human answer {hours}, by the calendar / all that had one.",
        _UNANSWERED,
    )


RESPONSE = (
    Statistic(
        "first_response_minutes_median",
        "minutes",
        "Median time to first answer",
        "首次响应时长中位数",
        f"Median {_ANSWER}, by the calendar.",
        _UNANSWERED,
        better="lower",
    ),
    Statistic(
        "first_response_minutes_p90",
        "minutes",
        "Time to first answer, 9 in 10 within",
        "首次响应时长 P90",
        f"90 % quantile of {_ANSWER}, by the calendar.",
        _UNANSWERED,
        better="lower",
    ),
    Statistic(
        "first_response_business_minutes_median",
        "minutes",
        "Median time to first answer, business hours",
        "首次响应时长中位数（工作时间）",
        f"Median {_ANSWER}, {_HOURS}.",
        _UNANSWERED,
        better="lower",
    ),
    Statistic(
        "first_response_business_minutes_p90",
        "minutes",
        "Time to first answer, 9 in 10 within, business hours",
        "首次响应时长 P90（工作时间）",
        f"90 % quantile of {_ANSWER}, {_HOURS}.",
        _UNANSWERED,
        better="lower",
    ),
    _bucket("first_response_0_1h_share", "First answer within 1 hour", "1 小时内首次响应占比", "in less than 1 hour"),
    _bucket(
        "first_response_1_4h_share", "First answer after 1 to 4 hours", "1-4 小时首次响应占比", "after 1 to 4 hours"
    ),
    _bucket(
        "first_response_4_8h_share", "First answer after 4 to 8 hours", "4-8 小时首次响应占比", "after 4 to 8 hours"
    ),
    _bucket(
        "first_response_8_24h_share", "First answer after 8 to 24 hours", "8-24 小时首次响应占比", "after 8 to 24 hours"
    ),
    _bucket(
        "first_response_24h_share",
        "First answer after a day or more",
        "24 小时以上首次响应占比",
        "after 24 hours or more",
    ),
    Statistic(
        "unanswered_share",
        "share",
        "Unanswered",
        "未答复占比",
        "Contacts the customers began that have neither a human answer nor the outcome answered / all they began.",
        BEGUN,
        better="lower",
    ),
    Statistic(
        "resolution_hours_median",
        "hours",
        "Median time to resolution",
        "解决时长中位数",
        f"Median {_RESOLUTION}; a reopened case runs on.",
        _UNRESOLVED,
        better="lower",
    ),
    Statistic(
        "resolution_hours_p90",
        "hours",
        "Time to resolution, 9 in 10 within",
        "解决时长 P90",
        f"90 % quantile of {_RESOLUTION}; a reopened case runs on.",
        _UNRESOLVED,
        better="lower",
    ),
    Statistic(
        "resolution_business_hours_median",
        "hours",
        "Median time to resolution, business hours",
        "解决时长中位数（工作时间）",
        f"Median {_RESOLUTION}, {_HOURS}; a reopened case runs on.",
        _UNRESOLVED,
        better="lower",
    ),
    Statistic(
        "resolution_business_hours_p90",
        "hours",
        "Time to resolution, 9 in 10 within, business hours",
        "解决时长 P90（工作时间）",
        f"90 % quantile of {_RESOLUTION}, {_HOURS}; a reopened case runs on.",
        _UNRESOLVED,
        better="lower",
    ),
    Statistic(
        "reopened_share",
        "share",
        "Reopened of resolved",
        "重新打开率",
        "Resolved contacts that had been opened again / resolved contacts the customers began.",
        _UNRESOLVED,
        better="lower",
    ),
)
