"""Words for channels, directions and yes or no, English and Chinese, as the words of our tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.missing import half_width
from interactions.cleaning.typed import Typed
from workspace.tables import CHANNELS, DIRECTIONS

if TYPE_CHECKING:
    import ibis.expr.types as ir

CHANNEL_WORDS: dict[str, tuple[str, ...]] = {
    "phone": (
        "phone", "call", "calls", "phone call", "telephone", "tel", "voice", "mobile", "voip", "hotline", "call center",
        "call centre", "inbound call", "outbound call", "voicemail", "电话", "来电", "呼入", "呼出", "通话", "热线",
        "语音", "手机", "座机", "客服热线", "电话沟通", "外呼",
    ),
    "email": (
        "email", "e-mail", "mail", "e mail", "emails", "邮件", "电子邮件", "邮箱", "电邮", "电子邮箱",
    ),
    "chat": (
        "chat", "live chat", "livechat", "webchat", "web chat", "online chat", "im", "instant message", "messenger",
        "在线聊天", "在线客服", "聊天", "即时通讯", "即时消息", "网页客服", "在线咨询", "在线", "网聊",
    ),
    "social": (
        "social", "social media", "wechat", "weixin", "weibo", "qq", "twitter", "x", "facebook", "instagram",
        "whatsapp", "line", "telegram", "tiktok", "linkedin", "微信", "微博", "企业微信", "公众号", "抖音", "小红书",
        "社交媒体", "社交", "微信公众号", "社媒", "快手",
    ),
    "web": (
        "web", "website", "web form", "webform", "form", "portal", "app", "in-app", "self service", "online", "网站",
        "网页", "官网", "表单", "网页表单", "应用", "小程序", "在线表单", "自助服务", "客户端", "留言板",
    ),
    "sms": ("sms", "text", "text message", "mms", "短信", "手机短信", "彩信", "信息"),
    "in_person": (
        "in_person", "in person", "in-person", "visit", "store", "shop", "branch", "meeting", "face to face",
        "face-to-face", "onsite", "on site", "walk-in", "counter", "上门", "门店", "面谈", "拜访", "到店", "线下",
        "当面", "柜台", "网点", "会议", "现场",
    ),
    "other": ("other", "others", "misc", "fax", "letter", "post", "其他", "其它", "传真", "信函", "信件"),
}  # fmt: skip
DIRECTION_WORDS: dict[str, tuple[str, ...]] = {
    "inbound": (
        "inbound", "in", "incoming", "received", "inbound call", "customer", "呼入", "来电", "进线", "接入", "客户发起",
        "入站", "接收", "呼进", "incall",
    ),
    "outbound": (
        "outbound", "out", "outgoing", "sent", "outbound call", "outcall", "agent", "呼出", "去电", "外呼", "拨出",
        "主动", "公司发起", "出站", "发送", "回访",
    ),
    "unknown": ("unknown", "未知", "不详"),
}  # fmt: skip
YES = ("true", "1", "yes", "y", "t", "on", "是", "有", "真", "对", "同意", "1.0", "x", "√")
NO = ("false", "0", "no", "n", "f", "off", "否", "无", "假", "不", "不同意", "没有", "0.0", "×")


def channel(text: ir.StringValue) -> Typed:
    """One of the eight channels; an unknown word is `other`, counted, and so is a missing one."""
    known = _words(text, CHANNEL_WORDS)
    return Typed(
        known.fill_null("other"),
        {},
        {
            "channel: unknown word to other": text.notnull() & known.isnull(),
            "channel: word to vocabulary": known.notnull() & (known != text),
        },
    )


def period_channel(text: ir.StringValue) -> Typed:
    """The same for counts, where `all` is a channel too."""
    is_all = half_width(text).lower().isin(("all", "total", "全部", "合计", "总计")).fill_null(True)
    return Typed(is_all.ifelse("all", _words(text, CHANNEL_WORDS).fill_null("other")))


def direction(text: ir.StringValue) -> Typed:
    """inbound, outbound, or unknown for what is missing or another word, which is counted."""
    known = _words(text, DIRECTION_WORDS)
    return Typed(known.fill_null("unknown"), {}, {"direction: unknown word": text.notnull() & known.isnull()})


def flag(text: ir.StringValue, target: str) -> Typed:
    """Yes or no; refused as "<target> not yes or no"."""
    plain = half_width(text).lower()
    value: Any = ibis.cases((plain.isin(YES), True), (plain.isin(NO), False), else_=ibis.null("boolean"))
    return Typed(value, {f"{target} not yes or no": text.notnull() & value.isnull()})


def _words(text: ir.StringValue, vocabulary: dict[str, tuple[str, ...]]) -> Any:
    plain = half_width(text).lower()
    return ibis.cases(*((plain.isin(words), ours) for ours, words in vocabulary.items()), else_=ibis.null("string"))


assert tuple(CHANNEL_WORDS) == CHANNELS
assert tuple(DIRECTION_WORDS) == DIRECTIONS
