"""Words for channels, directions and flags."""

from typing import Any

from interactions.cleaning.channels import CHANNEL_WORDS, NO, YES, channel, direction, flag, period_channel
from workspace.tables import CHANNELS


def test_channels_in_both_languages(evaluate: Any) -> None:
    texts = ["电话", "Phone", "ＣＡＬＬ", "邮件", "微信", "在线客服", "短信", "门店", "表单", "fax", "信鸽", None]
    found = evaluate(channel, texts)
    assert [row["value"] for row in found] == [
        *("phone", "phone", "phone", "email", "social", "chat", "sms", "in_person", "web", "other", "other", "other")
    ]
    assert found[-2]["repaired"] == ["channel: unknown word to other"]
    assert found[-1]["repaired"] == []


def test_each_word_means_one_channel_and_our_own_mean_themselves(evaluate: Any) -> None:
    words = [word for words in CHANNEL_WORDS.values() for word in words]
    assert len(words) == len(set(words))
    assert [row["value"] for row in evaluate(channel, list(CHANNELS))] == list(CHANNELS)
    assert [row["repaired"] for row in evaluate(channel, list(CHANNELS))] == [[]] * len(CHANNELS)


def test_directions_and_counts_of_all(evaluate: Any) -> None:
    found = evaluate(direction, ["呼入", "Outbound", "sideways", None])
    assert [row["value"] for row in found] == ["inbound", "outbound", "unknown", "unknown"]
    assert found[2]["repaired"] == ["direction: unknown word"]
    assert [row["value"] for row in evaluate(period_channel, ["合计", None, "电话"])] == ["all", "all", "phone"]


def test_flags(evaluate: Any) -> None:
    found = evaluate(lambda column: flag(column, "reopened"), ["是", "No", "TRUE", "０", "maybe", None])
    assert [row["value"] for row in found] == [True, False, True, False, None, None]
    assert [row["refused"] for row in found[4:]] == [["reopened not yes or no"], []]
    assert set(YES).isdisjoint(NO)
