"""Why a score is what it is, in words: what goes with a higher or lower risk, never what causes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from serving.answers.forms import plain

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Wording:
    """What a feature says, in both languages; `{}` is its value as `form` writes it, `none_*` stand for no value."""

    en: str
    zh: str
    form: Callable[[float], str]
    none_en: str = "Not known"
    none_zh: str = "未知"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _tenth(value: float) -> str:
    return f"{value:,.1f}"


def _hundredth(value: float) -> str:
    return f"{value:.2f}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


WORDINGS: dict[str, Wording] = {
    "recency_days": Wording("Last contact {} days ago", "距上次联系 {} 天", _whole),
    "tenure_days": Wording("First contact {} days ago", "首次联系在 {} 天前", _whole),
    "frequency": Wording("{} contacts or orders in the window", "观察期内 {} 次往来", _whole),
    "frequency_30": Wording("{} contacts or orders in the last 30 days", "最近 30 天 {} 次往来", _whole),
    "frequency_90": Wording("{} contacts or orders in the last 90 days", "最近 90 天 {} 次往来", _whole),
    "active_days_count": Wording("In touch on {} different days", "在 {} 个不同日子有往来", _whole),
    "gap_days_median": Wording(
        "Usually {} days between contacts",
        "两次往来通常相隔 {} 天",
        _tenth,
        "Too few contacts to know their rhythm",
        "往来太少，尚无规律可循",
    ),
    "gap_days_cv": Wording(
        "Irregularity of the gaps {}",
        "往来间隔的不规则程度 {}",
        _hundredth,
        "Too few contacts to know how regular they are",
        "往来太少，规律性未知",
    ),
    "overdue_ratio": Wording(
        "Silent for {} times their usual gap",
        "已沉默，为平常间隔的 {} 倍",
        _tenth,
        "Too few contacts to know their usual gap",
        "往来太少，平常间隔未知",
    ),
    "slowing_ratio": Wording(
        "Later gaps {} times the earlier ones",
        "近期间隔为早期的 {} 倍",
        _tenth,
        "Too few contacts to know whether they slow down",
        "往来太少，是否放缓未知",
    ),
    "season_ahead_count": Wording(
        "{} contacts or orders a year ago in the coming weeks",
        "去年同期未来 13 周 {} 次往来",
        _whole,
        "Not a customer yet a year ago",
        "去年此时尚非客户",
    ),
    "season_behind_count": Wording(
        "{} contacts or orders a year ago in the weeks before",
        "去年同期过去 13 周 {} 次往来",
        _whole,
        "Not a customer yet a year ago",
        "去年此时尚非客户",
    ),
    "phone_share": Wording(
        "{} of contacts by phone", "{} 的联系通过电话", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "email_share": Wording(
        "{} of contacts by e-mail", "{} 的联系通过邮件", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "chat_share": Wording(
        "{} of contacts by chat", "{} 的联系通过在线聊天", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "social_share": Wording(
        "{} of contacts by social media",
        "{} 的联系通过社交媒体",
        _percent,
        "No contact in the window",
        "观察期内没有联系",
    ),
    "web_share": Wording(
        "{} of contacts by web", "{} 的联系通过网站", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "channels_used": Wording("{} channels used", "使用过 {} 种渠道", _whole),
    "outbound_count": Wording("We wrote or called {} times", "我方主动联系 {} 次", _whole),
    "outbound_share": Wording(
        "{} of contacts begun by us", "{} 的联系由我方发起", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "channel_shift": Wording(
        "Mix of channels changed by {}",
        "渠道构成变化 {}",
        _percent,
        "Too few contacts to know whether channels change",
        "联系太少，渠道是否变化未知",
    ),
    "response_minutes_median": Wording(
        "Usually {} minutes until our answer",
        "通常 {} 分钟后得到答复",
        _whole,
        "No answer of ours in the window",
        "观察期内没有答复",
    ),
    "response_minutes_90": Wording(
        "{} minutes until our answer, mean of the last 90 days",
        "最近 90 天平均 {} 分钟后得到答复",
        _whole,
        "No answer of ours in the last 90 days",
        "最近 90 天没有答复",
    ),
    "wait_seconds_mean": Wording(
        "{} seconds in the queue on average", "平均排队 {} 秒", _whole, "No known wait in a queue", "没有排队记录"
    ),
    "abandoned_share": Wording(
        "{} of contacts given up while waiting",
        "{} 的联系在等待中放弃",
        _percent,
        "No contact with a known outcome",
        "没有已知结果的联系",
    ),
    "unanswered_share": Wording(
        "{} of contacts without an answer",
        "{} 的联系没有得到答复",
        _percent,
        "No contact in the window",
        "观察期内没有联系",
    ),
    "reopened_share": Wording(
        "{} of resolved matters opened again",
        "{} 的已解决问题被重新打开",
        _percent,
        "No resolved matter",
        "没有已解决的问题",
    ),
    "rating_mean": Wording("Mean rating {} of 5", "平均评分 {}（满分 5）", _tenth, "No rating given", "没有评分"),
    "rating_count": Wording("{} ratings given", "给出 {} 次评分", _whole),
    "rating_last": Wording("Latest rating {} of 5", "最近一次评分 {}（满分 5）", _whole, "No rating given", "没有评分"),
    "low_ratings_90": Wording("{} ratings of 1 or 2 in the last 90 days", "最近 90 天 {} 次 1 或 2 分", _whole),
    "complaint_share": Wording(
        "{} of contacts are complaints", "{} 的联系是投诉", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "complaints_90": Wording("{} complaints in the last 90 days", "最近 90 天 {} 次投诉", _whole),
    "rating_trend": Wording(
        "Ratings of the last 90 days {} points from those before",
        "最近 90 天评分与之前相差 {} 分",
        _hundredth,
        "Too few ratings to know a trend",
        "评分太少，趋势未知",
    ),
    "rating_response_share": Wording(
        "{} of contacts rated", "{} 的联系有评价", _percent, "No contact in the window", "观察期内没有联系"
    ),
    "order_count": Wording("{} orders in the window", "观察期内 {} 笔订单", _whole),
    "order_amount": Wording(
        "Ordered for {} in the window", "观察期内订单金额 {}", _whole, "No order in the window", "观察期内没有订单"
    ),
    "order_count_90": Wording("{} orders in the last 90 days", "最近 90 天 {} 笔订单", _whole),
    "order_amount_90": Wording(
        "Ordered for {} in the last 90 days",
        "最近 90 天订单金额 {}",
        _whole,
        "No order in the last 90 days",
        "最近 90 天没有订单",
    ),
    "order_amount_mean": Wording(
        "{} an order on average", "平均每笔订单 {}", _whole, "No order in the window", "观察期内没有订单"
    ),
    "order_recency_days": Wording("Last order {} days ago", "距上次下单 {} 天", _whole, "Never ordered", "从未下单"),
    "income": Wording("Yearly income {}", "年收入 {}", _whole, "Income not known", "收入未知"),
    "need_gap": Wording(
        "Unmet needs in surveys {} of 20",
        "调查中未满足的需求 {}（满分 20）",
        _tenth,
        "No survey answered",
        "没有调查反馈",
    ),
    "survey_satisfaction": Wording(
        "Survey satisfaction {} of 5", "调查满意度 {}（满分 5）", _tenth, "No survey answered", "没有调查反馈"
    ),
    "sentiment_mean": Wording(
        "Tone of messages {} (-1 to 1)",
        "消息情绪 {}（-1 到 1）",
        _hundredth,
        "No message in the window",
        "观察期内没有消息",
    ),
    "sentiment_90": Wording(
        "Tone of the last 90 days' messages {} (-1 to 1)",
        "最近 90 天消息情绪 {}（-1 到 1）",
        _hundredth,
        "No message in the last 90 days",
        "最近 90 天没有消息",
    ),
    "negative_share": Wording(
        "{} of messages in a negative tone",
        "{} 的消息语气消极",
        _percent,
        "No message in the window",
        "观察期内没有消息",
    ),
    "words_mean": Wording(
        "{} words a message", "每条消息 {} 个词", _tenth, "No message in the window", "观察期内没有消息"
    ),
    "question_share": Wording(
        "{} of messages ask something", "{} 的消息在提问", _percent, "No message in the window", "观察期内没有消息"
    ),
    "chinese_share": Wording(
        "{} of messages in Chinese", "{} 的消息使用中文", _percent, "No message in the window", "观察期内没有消息"
    ),
}


def explained(reason: Row, event: str | None = None) -> dict[str, Any]:
    """A reason {feature, value, effect} with text_en and text_zh; `event`: what churn is told by, see risk_of."""
    said_en, said_zh = said(str(reason["feature"]), reason["value"])
    higher = reason["effect"] > 0
    risk_en, risk_zh = risk_of(event)
    return {
        "feature": reason["feature"],
        "value": plain(reason["value"]),
        "effect": reason["effect"],
        "text_en": f"{said_en}: goes with {'higher' if higher else 'lower'} {risk_en}",
        "text_zh": f"{said_zh}：与较{'高' if higher else '低'}的{risk_zh}相关",
    }


@lru_cache(maxsize=20_000)
def in_english(feature: str, value: Any, higher: bool, event: str | None = None) -> str:
    """The text_en that `explained` gives; remembered, since features have few different values."""
    effect = 1.0 if higher else -1.0
    text: str = explained({"feature": feature, "value": value, "effect": effect}, event)["text_en"]
    return text


def risk_of(event: str | None) -> tuple[str, str]:
    """What the risk is of, in English and Chinese: of leaving, where churn is told by its date."""
    return ("risk of leaving", "离开风险") if event == "left_at" else ("risk", "流失风险")


def said(feature: str, value: Any) -> tuple[str, str]:
    """What a feature of this value says, in English and Chinese."""
    wording = WORDINGS.get(feature)
    if wording is None:
        return feature, feature
    if value is None:
        return wording.none_en, wording.none_zh
    written = wording.form(float(value))
    return wording.en.format(written), wording.zh.format(written)
