"""Names of segments in English and Chinese, from what sets them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.bundle.segments import DORMANT, EVERYONE, ONE_TIME

Name = dict[str, str]

RULE_NAMES: Mapping[str, Name] = {
    ONE_TIME: {"en": "One-time customers", "zh": "仅一次的客户"},
    EVERYONE: {"en": "Everyone else (no clear segments)", "zh": "其余客户（没有明显的分群）"},
    DORMANT: {"en": "Dormant customers", "zh": "沉睡客户"},
}
PLAIN: Name = {"en": "Average customers", "zh": "普通客户"}

# Feature -> (English when high, when low, Chinese when high, when low). Features that say the same share a word.
_WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "frequency": ("in touch often", "in touch seldom", "联系频繁", "联系较少"),
    "active_days_count": ("in touch often", "in touch seldom", "联系频繁", "联系较少"),
    "gap_days_median": ("in touch seldom", "in touch often", "联系较少", "联系频繁"),
    "gap_days_cv": ("irregular", "regular", "联系不规律", "联系规律"),
    "order_count": ("order often", "order seldom", "经常下单", "很少下单"),
    "order_amount": ("big spenders", "small spenders", "消费较高", "消费较低"),
    "order_amount_mean": ("large orders", "small orders", "单笔金额大", "单笔金额小"),
    "phone_share": ("by phone", "hardly by phone", "偏爱电话", "少用电话"),
    "email_share": ("by e-mail", "hardly by e-mail", "偏爱邮件", "少用邮件"),
    "chat_share": ("by chat", "hardly by chat", "偏爱在线聊天", "少用在线聊天"),
    "social_share": ("by social media", "hardly by social media", "偏爱社交媒体", "少用社交媒体"),
    "web_share": ("by web form", "hardly by web form", "偏爱网页", "少用网页"),
    "rating_mean": ("satisfied", "dissatisfied", "满意度高", "满意度低"),
    "complaint_share": ("complain often", "complain seldom", "投诉较多", "投诉较少"),
    "sentiment_mean": ("friendly in tone", "negative in tone", "语气积极", "语气消极"),
    "chinese_share": ("write Chinese", "write English", "使用中文", "使用英文"),
}
# A difference below this many spreads is none to name somebody by.
_TELLING = 0.25


def names(profiles: Mapping[str, Sequence[Mapping[str, Any]]], taken: Mapping[str, Name]) -> dict[str, Name]:
    """A name for each segment that `taken` (kept from earlier trainings) has none for; no two alike.

    profiles: for each segment its {feature, difference}, most telling first; difference in spreads from the middle.
    """
    given = {segment: dict(taken[segment]) for segment in profiles if segment in taken}
    used = {name["en"] for name in taken.values()}
    for segment, profile in profiles.items():
        if segment not in given:
            given[segment] = RULE_NAMES[segment] if segment in RULE_NAMES else _new(profile, used)
            used.add(given[segment]["en"])
    return given


def _new(profile: Sequence[Mapping[str, Any]], used: set[str]) -> Name:
    """Two words, or as many more as make the name one of its own; a number where words run out."""
    words = _words(profile)
    for count in range(2, len(words) + 1):
        name = _join(words[:count])
        if name["en"] not in used:
            return name
    base = _join(words[:2])
    number = next(number for number in range(1, len(used) + 2) if _numbered(base, number)["en"] not in used)
    return _numbered(base, number)


def _words(profile: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in profile:
        if entry["feature"] in _WORDS and abs(entry["difference"]) >= _TELLING:
            high_en, low_en, high_zh, low_zh = _WORDS[entry["feature"]]
            word = (high_en, high_zh) if entry["difference"] > 0 else (low_en, low_zh)
            if word not in found:
                found.append(word)
    return found


def _join(words: Sequence[tuple[str, str]]) -> Name:
    if not words:
        return PLAIN
    english = ", ".join(word for word, _ in words)
    return {"en": english[0].upper() + english[1:], "zh": "、".join(word for _, word in words)}


def _numbered(name: Name, number: int) -> Name:
    if number == 1:
        return name
    return {"en": f"{name['en']} ({number})", "zh": f"{name['zh']}（{number}）"}
