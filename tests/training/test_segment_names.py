from training.segment_names import names


def profile(**differences: float) -> list[dict[str, object]]:
    entries = [{"feature": name, "difference": value} for name, value in differences.items()]
    return sorted(entries, key=lambda entry: -abs(float(str(entry["difference"]))))


def test_a_segment_is_named_by_what_sets_it_apart() -> None:
    found = names({"s1": profile(frequency=1.2, chat_share=0.9, rating_mean=-0.1)}, {})
    assert found["s1"] == {"en": "In touch often, by chat", "zh": "联系频繁、偏爱在线聊天"}


def test_two_features_that_say_the_same_are_one_word() -> None:
    found = names({"s1": profile(frequency=1.2, gap_days_median=-1.0, order_amount=-0.5)}, {})
    assert found["s1"]["en"] == "In touch often, small spenders"


def test_no_two_names_are_alike() -> None:
    alike = profile(frequency=1.2, chat_share=0.9)
    longer = profile(frequency=1.1, chat_share=0.8, order_count=0.7)
    found = names({"s1": alike, "s2": longer, "s3": alike, "s4": profile(), "s5": profile()}, {})
    assert found["s2"]["en"] == "In touch often, by chat, order often"
    assert found["s3"]["en"] == "In touch often, by chat (2)"
    assert len({name["en"] for name in found.values()}) == len({name["zh"] for name in found.values()}) == 5


def test_a_kept_segment_keeps_its_name() -> None:
    kept = {"s1": {"en": "Old friends", "zh": "老朋友"}, "s2": {"en": "Gone", "zh": "消失"}}
    found = names({"s1": profile(frequency=1.2), "dormant": profile(frequency=-1)}, kept)
    assert found["s1"] == kept["s1"]
    assert found["dormant"]["en"] == "Dormant customers"
    assert set(found) == {"s1", "dormant"}
