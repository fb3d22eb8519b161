"""The few words that charts write themselves, and how their numbers look."""

from __future__ import annotations

from typing import Literal, TypeAlias

Number: TypeAlias = Literal["count", "decimal", "share"]

# d3 formats: whole numbers, up to two decimals, per cent with one decimal; thousands separated throughout.
FORMATS: dict[str, str] = {"count": ",.0f", "decimal": ",.2~f", "share": ".1~%"}
AXIS_FORMATS: dict[str, str] = {"count": ",~f", "decimal": ",~f", "share": ",~%"}

_WORDS = {
    "en": {
        "actual": "Contacts",
        "forecast": "Forecast",
        "band_80": "80% range",
        "band_95": "95% range",
        "begins": "forecast begins",
        "when": "When",
        "hour": "Hour of the day",
        "week": "Week beginning",
        "contacts_mean": "Contacts",
        "predicted": "Predicted risk",
        "observed": "Share that left",
        "perfect": "perfectly calibrated",
        "customers": "Customers",
        "contacted": "Customers contacted, riskiest first",
        "found": "Leavers found",
        "chance": "by chance",
        "total": "in all",
        "risk": "Mean risk",
        "value": "Value score",
        "empty": "Nothing to show yet",
        "name": "Name",
        "city": "City",
        "share": "Share",
    },
    "zh": {
        "actual": "联系量",
        "forecast": "预测",
        "band_80": "80% 区间",
        "band_95": "95% 区间",
        "begins": "预测开始",
        "when": "时间",
        "hour": "一天中的小时",
        "week": "周起始日",
        "contacts_mean": "联系量",
        "predicted": "预测风险",
        "observed": "实际流失比例",
        "perfect": "完全校准",
        "customers": "客户数",
        "contacted": "按风险从高到低联系的客户",
        "found": "找到的流失客户",
        "chance": "随机联系",
        "total": "合计",
        "risk": "平均流失风险",
        "value": "价值分",
        "empty": "暂无可显示的数据",
        "name": "名称",
        "city": "城市",
        "share": "占比",
    },
}


def word(name: str, language: str) -> str:
    """A chart's own word in "en" or "zh". Raises KeyError for a name or language it doesn't have."""
    return _WORDS[language][name]


def with_unit(title: str, unit: str) -> str:
    """An axis title with its unit, as in "First response (minutes)"."""
    return f"{title} ({unit})" if title and unit else title or unit
