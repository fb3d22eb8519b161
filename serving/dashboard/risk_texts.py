"""Sentences of the pages about risks: what they are of, for how many days, and what-ifs; by name as in texts.py."""

from __future__ import annotations

# name: (English, Chinese). `_by_date` is said where churn is told by the date of leaving.
RISK_TEXTS: dict[str, tuple[str, str]] = {
    "mean_risk": ("Mean risk, {days} days", "平均 {days} 天风险"),
    "risk_90": ("Risk, {days} days", "{days} 天风险"),
    "risk_30_60_90": ("{days} days", "{days} 天"),
    "churn_lead": (
        "Active customers by the chance that we hear nothing from them. "
        "The reasons go along with the risk; they need not cause it.",
        "活跃客户在未来没有任何往来的可能性。所列因素与风险相关，但不一定是原因。",
    ),
    "churn_lead_by_date": (
        "Active customers by the chance that they leave. The reasons go along with the risk; they need not cause it.",
        "活跃客户在未来离开的可能性。所列因素与风险相关，但不一定是原因。",
    ),
    "rule_recency_by_date": ("the days since the last contact alone", "仅看距上次往来的天数"),
    "rule_frequency_by_date": ("the number of contacts alone", "仅看往来次数"),
    "score_card": ("Chance that we hear nothing", "没有任何往来的可能性"),
    "score_card_by_date": ("Chance of leaving", "离开的可能性"),
    "median_days": ("Half of customers alike are back within", "半数同类客户再次往来于"),
    "median_days_by_date": ("Half of customers alike have left within", "半数同类客户离开于"),
    "not_active_now": (
        "Not active: no contact in the last {days} days, so there is no risk of leaving to speak of.",
        "不活跃：最近 {days} 天没有往来，因此不计算流失风险。",
    ),
    "not_active_now_by_date": (
        "Not active: no contact in the last {days} days, or left already, so there is no risk of leaving to speak of.",
        "不活跃：最近 {days} 天没有往来，或已经离开，因此不计算流失风险。",
    ),
    "what_if": ("What-if: customers like this one", "假设分析：同类客户"),
    "what_if_feature": ("of whom this was different", "仅此项不同"),
    "what_if_value": ("Value", "取值"),
    "what_if_own": ("this customer", "该客户"),
    "what_if_own_unknown": ("Of this customer it is not known.", "该客户的这一项未知。"),
    "what_if_own_beyond": (
        "This customer’s own value, {value}, is beyond what is shown: the range is that of 98 in 100 customers.",
        "该客户自身的取值为 {value}，超出所示范围：范围涵盖 98% 的客户。",
    ),
}
