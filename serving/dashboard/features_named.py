"""Short names of the features for tables and profiles, in both languages."""

from __future__ import annotations

FEATURES: dict[str, tuple[str, str]] = {
    "recency_days": ("Days since last contact", "距上次往来天数"),
    "tenure_days": ("Days since first contact", "距首次往来天数"),
    "frequency": ("Contacts and orders in the window", "观察期往来次数"),
    "frequency_30": ("Contacts and orders, last 30 days", "近 30 天往来次数"),
    "frequency_90": ("Contacts and orders, last 90 days", "近 90 天往来次数"),
    "active_days_count": ("Days in touch", "有往来的天数"),
    "gap_days_median": ("Usual days between contacts", "平常往来间隔天数"),
    "gap_days_cv": ("Irregularity of the gaps", "间隔不规则程度"),
    "overdue_ratio": ("Silence against their usual gap", "沉默时长与平常间隔之比"),
    "slowing_ratio": ("Later gaps against earlier ones", "近期间隔与早期之比"),
    "lifecycle": ("Stage", "所处阶段"),
    "season_ahead_count": ("A year ago, the coming 13 weeks", "去年同期（未来 13 周）往来次数"),
    "season_behind_count": ("A year ago, the past 13 weeks", "去年同期（过去 13 周）往来次数"),
    "outbound_share": ("Begun by us", "我方发起占比"),
    "channel_shift": ("Change of channels", "渠道变化程度"),
    "rating_trend": ("Ratings lately against before", "近期评分变化"),
    "rating_response_share": ("Contacts rated", "评价率"),
    "order_count_90": ("Orders, last 90 days", "近 90 天订单数"),
    "order_amount_90": ("Amount ordered, last 90 days", "近 90 天订单金额"),
    "phone_share": ("By phone", "电话占比"),
    "email_share": ("By e-mail", "邮件占比"),
    "chat_share": ("By chat", "在线聊天占比"),
    "social_share": ("By social media", "社交媒体占比"),
    "web_share": ("By web", "网站占比"),
    "channels_used": ("Channels used", "使用渠道数"),
    "outbound_count": ("Contacts we began", "我方主动联系次数"),
    "response_minutes_median": ("Usual minutes until our answer", "平常答复分钟数"),
    "response_minutes_90": ("Minutes until our answer, last 90 days", "近 90 天答复分钟数"),
    "wait_seconds_mean": ("Seconds in the queue", "排队秒数"),
    "abandoned_share": ("Given up while waiting", "等待中放弃占比"),
    "unanswered_share": ("Without an answer", "未获答复占比"),
    "reopened_share": ("Opened again after being resolved", "解决后重新打开占比"),
    "rating_mean": ("Mean rating", "平均评分"),
    "rating_count": ("Ratings given", "评分次数"),
    "rating_last": ("Latest rating", "最近评分"),
    "low_ratings_90": ("Ratings of 1 or 2, last 90 days", "近 90 天 1–2 分次数"),
    "complaint_share": ("Complaints among contacts", "投诉占比"),
    "complaints_90": ("Complaints, last 90 days", "近 90 天投诉次数"),
    "order_count": ("Orders", "订单数"),
    "order_amount": ("Amount ordered", "订单金额"),
    "order_amount_mean": ("Amount an order", "平均每单金额"),
    "order_recency_days": ("Days since last order", "距上次下单天数"),
    "income": ("Yearly income", "年收入"),
    "need_gap": ("Unmet needs in surveys", "调查中未满足的需求"),
    "survey_satisfaction": ("Survey satisfaction", "调查满意度"),
    "sentiment_mean": ("Tone of messages", "消息情绪"),
    "sentiment_90": ("Tone of messages, last 90 days", "近 90 天消息情绪"),
    "negative_share": ("Messages in a negative tone", "消极消息占比"),
    "words_mean": ("Words a message", "每条消息词数"),
    "question_share": ("Messages that ask something", "提问消息占比"),
    "chinese_share": ("Messages in Chinese", "中文消息占比"),
}


def feature_name(name: str, language: str) -> str:
    """The feature's short name; one we don't know by its own name."""
    found = FEATURES.get(name)
    if found is None:
        return name.replace("_", " ")
    return found[1] if language == "zh" else found[0]
