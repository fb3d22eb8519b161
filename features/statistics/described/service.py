"""Conversations: how long they were, how long people waited, and who gave up."""

from features.statistics.statistic import BEGUN, MACHINES, Statistic

_UNKNOWN_LENGTH = f"Contacts of unknown duration don't count. {MACHINES}"
_UNKNOWN_WAIT = f"Contacts of unknown waiting time don't count. {BEGUN}"

SERVICE = (
    Statistic(
        "service_seconds_mean",
        "seconds",
        "Mean length of answered contacts",
        "平均服务时长",
        "Mean duration of contacts whose outcome is answered.",
        _UNKNOWN_LENGTH,
    ),
    Statistic(
        "service_seconds_median",
        "seconds",
        "Median length of answered contacts",
        "服务时长中位数",
        "Median duration of contacts whose outcome is answered.",
        _UNKNOWN_LENGTH,
    ),
    Statistic(
        "service_seconds_p90",
        "seconds",
        "Length of answered contacts, 9 in 10 within",
        "服务时长 P90",
        "90 % quantile of the duration of contacts whose outcome is answered.",
        _UNKNOWN_LENGTH,
    ),
    Statistic(
        "wait_seconds_mean",
        "seconds",
        "Mean wait",
        "平均等待时长",
        "Mean time in the queue of contacts the customers began, those who did not wait included as 0.",
        _UNKNOWN_WAIT,
        better="lower",
    ),
    Statistic(
        "wait_seconds_median",
        "seconds",
        "Median wait",
        "等待时长中位数",
        "Median time in the queue of contacts the customers began, those who did not wait included as 0.",
        _UNKNOWN_WAIT,
        better="lower",
    ),
    Statistic(
        "wait_seconds_p90",
        "seconds",
        "Wait, 9 in 10 within",
        "等待时长 P90",
        "90 % quantile of the time in the queue of contacts the customers began, those who did not wait included as 0.",
        _UNKNOWN_WAIT,
        better="lower",
    ),
    Statistic(
        "service_level",
        "share",
        "Answered within 20 seconds",
        "服务水平（20 秒内接听）",
        "Answered after at most 20 seconds in the queue / offered: phone calls and chats the customers began that "
        "ended answered or abandoned. An abandoned one was not answered in time, however soon it was given up.",
        f"Contacts with another outcome or none, and answered ones of unknown waiting time, don't count. {BEGUN}",
        better="higher",
    ),
    Statistic(
        "abandonment_share",
        "share",
        "Abandoned of offered",
        "放弃率",
        "Abandoned / offered: phone calls and chats the customers began that ended answered or abandoned.",
        f"Contacts with another outcome or none don't count. {BEGUN}",
        better="lower",
    ),
    Statistic(
        "abandonment_queued_share",
        "share",
        "Abandoned of those who queued",
        "排队放弃率",
        "Abandoned / offered, among contacts that waited longer than 0.",
        f"Contacts that did not wait, or with another outcome or none, don't count. {BEGUN}",
        better="lower",
    ),
)
