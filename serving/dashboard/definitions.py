"""The statistics' definitions in Chinese; the English ones are the catalogue's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MACHINES = "机器自动发送的不计入。"
_BEGUN = "公司主动发起的以及机器自动发送的不计入。"

# metric: (definition, what is left out)
CHINESE: dict[str, tuple[str, str]] = {
    "contacts": ("与客户的双向沟通次数，包括身份不明的来电。", _MACHINES),
    "inbound_contacts": ("客户发起的沟通次数（来访或方向不明），联系量预测即以此计数。", _BEGUN),
    "unique_customers": (
        "有过任一方向沟通的不同已识别客户数；旁边的条数为沟通次数。",
        f"身份不明的来电不计入。{_MACHINES}",
    ),
    "service_seconds_mean": ("结果为已接听的沟通的平均时长。", f"时长未知的不计入。{_MACHINES}"),
    "service_seconds_median": ("结果为已接听的沟通的时长中位数。", f"时长未知的不计入。{_MACHINES}"),
    "wait_seconds_mean": ("客户发起的沟通的平均排队时间，未排队者按 0 计。", f"等待时间未知的不计入。{_BEGUN}"),
    "abandonment_share": (
        "已放弃 / 应接：客户发起、以接听或放弃结束的电话和在线聊天。",
        f"其他结果或无结果的不计入。{_BEGUN}",
    ),
    "abandonment_queued_share": (
        "已放弃 / 应接，仅限等待时间大于 0 的沟通。",
        f"未等待的、其他结果或无结果的不计入。{_BEGUN}",
    ),
    "first_response_minutes_median": (
        "从客户发起沟通到首次人工答复的分钟数的中位数，按自然时间计。",
        f"未获答复的不计入。{_BEGUN}",
    ),
    "first_response_minutes_p90": (
        "从客户发起沟通到首次人工答复的分钟数的 90% 分位数，按自然时间计。",
        f"未获答复的不计入。{_BEGUN}",
    ),
    "resolution_hours_median": (
        "从客户发起沟通到最终解决的小时数的中位数；重新打开的继续计时。",
        f"未解决的不计入。{_BEGUN}",
    ),
    "reopened_share": ("曾被重新打开的已解决沟通 / 客户发起的已解决沟通。", f"未解决的不计入。{_BEGUN}"),
    "csat": ("4 分和 5 分的评分 / 全部评分。只有部分客户评分，请与评价率一并阅读。", f"未评分的不计入。{_MACHINES}"),
    "csat_response_share": ("已评分的沟通 / 客户发起的沟通。由于不知道邀请了谁，这是一个下限。", _BEGUN),
    "complaint_share": ("类型为投诉的沟通 / 客户发起的沟通。", _BEGUN),
    "orders": ("不同订单数；未注明订单号的一行算一单。旁边的条数为订单行数。", "无。"),
    "revenue": ("订单行金额之和，以公司货币计。", "没有汇率的货币的订单行没有金额，不计入。"),
}


def definition(described: Mapping[str, Any], language: str) -> tuple[str, str]:
    """What a figure means and what it leaves out, in "en" or "zh"; English where a new figure has no Chinese yet."""
    english = (str(described["definition"]), str(described.get("exclusions") or ""))
    return CHINESE.get(str(described["metric"]), english) if language == "zh" else english
