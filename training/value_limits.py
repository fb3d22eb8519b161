"""What an expected value can't be trusted with, in words."""

from __future__ import annotations

from training.cutoffs import days_between
from training.limits import Limit, few
from training.value_rows import ValuePlan

_YEAR_DAYS = 365


def value_limits(moments: ValuePlan, customers: int) -> list[Limit]:
    """Each limit as {en, zh}; empty where there is none to tell."""
    return [*_followed(moments), *_season(moments), *few(customers)]


def _followed(moments: ValuePlan) -> list[Limit]:
    if moments.label_days >= moments.horizon_days:
        return []
    label, horizon = moments.label_days, moments.horizon_days
    return [
        {
            "en": f"Orders were followed for {label:.0f} days after each cutoff; the amount of {horizon} days is that "
            "pro rata: where customers order less as time goes by, the level is too high. It is not guaranteed.",
            "zh": f"每个截止时点之后只跟踪了 {label:.0f} 天的订单，{horizon} 天的金额按天数折算："
            "若客户随时间推移购买减少，水平会偏高，不作保证。",
        }
    ]


def _season(moments: ValuePlan) -> list[Limit]:
    seen = days_between(moments.before[0], moments.judged)
    if seen >= _YEAR_DAYS:
        return []
    return [
        {
            "en": f"Learned on {seen:.0f} days of outcomes: where orders differ by season, the ranking of customers "
            "holds better than the amounts.",
            "zh": f"学习所用的结果只有 {seen:.0f} 天：若订单有季节性，客户的排序比金额可靠。",
        }
    ]
