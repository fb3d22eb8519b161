"""The statistics' definitions in Chinese; the English ones are the catalogue's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MACHINES = "机器自动发送的不计入。"
_BEGUN = "公司主动发起的以及机器自动发送的不计入。"
_UNKNOWN_CALLERS = f"身份不明的来电不计入。{_MACHINES}"
_UNKNOWN_LENGTH = f"时长未知的不计入。{_MACHINES}"
_UNKNOWN_WAIT = f"等待时间未知的不计入。{_BEGUN}"
_OTHER_OUTCOME = f"其他结果或无结果的不计入。{_BEGUN}"
_UNANSWERED = f"未获答复的不计入。{_BEGUN}"
_UNRESOLVED = f"未解决的不计入。{_BEGUN}"
_UNRATED = f"未评分的不计入。{_MACHINES}"
_UNFELT = f"没有可判断情绪的消息的不计入。{_BEGUN}"
_UNVALUED = f"身份不明的来电和没有得分的客户不计入。{_MACHINES}"
_NO_AMOUNT = "没有汇率的货币的订单行没有金额，不计入。"

_ANSWER = "从客户发起沟通到首次人工答复的分钟数"
_RESOLUTION = "从客户发起沟通到最终解决的小时数"
_HOURS = "按公司工作时间计（未设置时视为始终营业）"
_REOPENED = "；重新打开的继续计时。"
_AMONG = "在分群所用客户中的排名（0 到 1），再对有沟通的客户取平均。"

# metric: (definition, what is left out)
CHINESE: dict[str, tuple[str, str]] = {
    "contacts": ("与客户的双向沟通次数，包括身份不明的来电。", _MACHINES),
    "inbound_contacts": ("客户发起的沟通次数（来访或方向不明），联系量预测即以此计数。", _BEGUN),
    "automated_contacts": (
        "机器发送的沟通次数：营销群发和自动回复。其他指标均不计入。",
        "由人进行的以及无法判断的不计入。",
    ),
    "outbound_share": ("公司主动发起的沟通 / 双向沟通。", _MACHINES),
    "identified_share": ("客户身份已知的沟通 / 双向沟通。", _MACHINES),
    "unique_customers": ("有过任一方向沟通的不同已识别客户数；旁边的条数为沟通次数。", _UNKNOWN_CALLERS),
    "contacts_per_customer": ("已识别客户的双向沟通次数 / 有此类沟通的不同客户数（频率）。", _UNKNOWN_CALLERS),
    "new_customers": (
        "有史以来首次沟通（任一方向）在这些沟通之中的客户数。仅在所选期间内首次出现并不算新客户。",
        _UNKNOWN_CALLERS,
    ),
    "returning_customers": (
        "有沟通但其有史以来首次沟通不在这些沟通之中的客户数；新客户与回访客户之和为沟通客户数。",
        _UNKNOWN_CALLERS,
    ),
    "complaint_share": ("类型为投诉的沟通 / 客户发起的沟通。", _BEGUN),
    "service_seconds_mean": ("结果为已接听的沟通的平均时长。", _UNKNOWN_LENGTH),
    "service_seconds_median": ("结果为已接听的沟通的时长中位数。", _UNKNOWN_LENGTH),
    "service_seconds_p90": ("结果为已接听的沟通的时长的 90% 分位数。", _UNKNOWN_LENGTH),
    "wait_seconds_mean": ("客户发起的沟通的平均排队时间，未排队者按 0 计。", _UNKNOWN_WAIT),
    "wait_seconds_median": ("客户发起的沟通的排队时间中位数，未排队者按 0 计。", _UNKNOWN_WAIT),
    "wait_seconds_p90": ("客户发起的沟通的排队时间的 90% 分位数，未排队者按 0 计。", _UNKNOWN_WAIT),
    "service_level": (
        "排队不超过 20 秒即接听 / 应接：客户发起、以接听或放弃结束的电话和在线聊天。已放弃的无论多快都不算及时接听。",
        f"其他结果或无结果的，以及已接听但等待时间未知的不计入。{_BEGUN}",
    ),
    "abandonment_share": ("已放弃 / 应接：客户发起、以接听或放弃结束的电话和在线聊天。", _OTHER_OUTCOME),
    "abandonment_queued_share": (
        "已放弃 / 应接，仅限等待时间大于 0 的沟通。",
        f"未等待的、其他结果或无结果的不计入。{_BEGUN}",
    ),
    "first_response_minutes_median": (f"{_ANSWER}的中位数，按自然时间计。", _UNANSWERED),
    "first_response_minutes_p90": (f"{_ANSWER}的 90% 分位数，按自然时间计。", _UNANSWERED),
    "first_response_business_minutes_median": (f"{_ANSWER}的中位数，{_HOURS}。", _UNANSWERED),
    "first_response_business_minutes_p90": (f"{_ANSWER}的 90% 分位数，{_HOURS}。", _UNANSWERED),
    "first_response_0_1h_share": ("不到 1 小时即获首次人工答复（按自然时间）/ 客户发起且获答复的沟通。", _UNANSWERED),
    "first_response_1_4h_share": ("1 至 4 小时获首次人工答复（按自然时间）/ 客户发起且获答复的沟通。", _UNANSWERED),
    "first_response_4_8h_share": ("4 至 8 小时获首次人工答复（按自然时间）/ 客户发起且获答复的沟通。", _UNANSWERED),
    "first_response_8_24h_share": ("8 至 24 小时获首次人工答复（按自然时间）/ 客户发起且获答复的沟通。", _UNANSWERED),
    "first_response_24h_share": ("24 小时及以上才获首次人工答复（按自然时间）/ 客户发起且获答复的沟通。", _UNANSWERED),
    "unanswered_share": ("既无人工答复、结果也不是已接听的沟通 / 客户发起的沟通。", _BEGUN),
    "resolution_hours_median": (f"{_RESOLUTION}的中位数{_REOPENED}", _UNRESOLVED),
    "resolution_hours_p90": (f"{_RESOLUTION}的 90% 分位数{_REOPENED}", _UNRESOLVED),
    "resolution_business_hours_median": (f"{_RESOLUTION}的中位数，{_HOURS}{_REOPENED}", _UNRESOLVED),
    "resolution_business_hours_p90": (f"{_RESOLUTION}的 90% 分位数，{_HOURS}{_REOPENED}", _UNRESOLVED),
    "reopened_share": ("曾被重新打开的已解决沟通 / 客户发起的已解决沟通。", _UNRESOLVED),
    "csat": ("4 分和 5 分的评分 / 全部评分。只有部分客户评分，请与评价率一并阅读。", _UNRATED),
    "csat_response_share": ("已评分的沟通 / 客户发起的沟通。由于不知道邀请了谁，这是一个下限。", _BEGUN),
    "csat_weighted": (
        "客户发起的沟通中 4 分和 5 分的评分 / 全部评分，每条评分按其渠道和月份的“沟通数 / 评价数”加权："
        "视未评价者与同渠道同月份的评价者同样满意。某渠道某月若没有任何评价，则无从得知，不计入。",
        f"不计没有评价的渠道和月份中的沟通。{_BEGUN}",
    ),
    "rating_mean": ("评分（1 到 5）的平均值。只有部分客户评分，请与评价率一并阅读。", _UNRATED),
    "rating_count": ("有评分的沟通数。", _UNRATED),
    "sentiment_mean": ("客户消息情绪的平均值（词典法，-1 到 1，每条精确到百万分之一）。", _UNFELT),
    "negative_share": ("情绪低于 -0.05 的消息 / 情绪可判断的客户消息。", _UNFELT),
    "satisfaction_score": (
        "三个部分（均为 0 到 1）中已知者的平均值：评分、情绪、无投诉。评分和情绪都未知时为空。",
        _MACHINES,
    ),
    "satisfaction_score_rating": ("（平均评分 - 1）/ 4。", _UNRATED),
    "satisfaction_score_sentiment": ("（客户消息的平均情绪 + 1）/ 2。", _UNFELT),
    "satisfaction_score_calm": ("1 - 投诉 / 客户发起的沟通。", _BEGUN),
    "value_score": (
        "收入 x 购买频率 x 忠诚度（各为 0 到 1，取自最近一次评分），对有沟通的不同客户取平均；"
        "其组成见收入、购买频率、忠诚度三项。",
        _UNVALUED,
    ),
    "value_score_income": (f"客户收入{_AMONG}收入未知者按居中计。", _UNVALUED),
    "value_score_frequency": (f"客户在观察期内的订单数{_AMONG}", _UNVALUED),
    "value_score_loyalty": (f"客户自首次往来以来的天数{_AMONG}", _UNVALUED),
    "orders": ("不同订单数；未注明订单号的一行算一单。旁边的条数为订单行数。", "无。"),
    "revenue": ("订单行金额之和，以公司货币计。", _NO_AMOUNT),
    "order_value_mean": ("订单行金额之和 / 有金额的不同订单数。", _NO_AMOUNT),
    "orders_per_customer": ("已识别客户的不同订单数 / 有订单的不同客户数（购买频率）。", "没有客户的订单不计入。"),
    "need_gap": (
        "问卷回答的“重要性 x（5 - 满意度）”的平均值：重要的都已满足为 0，完全未满足为 20。按主题可看出最迫切的需求。",
        "缺少重要性或满意度的回答不计入。",
    ),
    "survey_importance": ("问卷回答的平均重要性，1 到 5。按主题可看出客户看重什么。", "缺少重要性的回答不计入。"),
    "survey_satisfaction": ("问卷回答的平均满意度，1 到 5。", "缺少满意度的回答不计入。"),
}


def definition(described: Mapping[str, Any], language: str) -> tuple[str, str]:
    """What a figure means and what it leaves out, in "en" or "zh"; English where a new figure has no Chinese yet."""
    english = (str(described["definition"]), str(described.get("exclusions") or ""))
    return CHINESE.get(str(described["metric"]), english) if language == "zh" else english
