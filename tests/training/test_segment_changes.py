from training.segment_changes import changes, told

NAMES = {name: {"en": f"Name {name}", "zh": name} for name in ("s1", "s2", "s3")}


def test_nothing_changed_is_no_change() -> None:
    assert changes(["s1", "s2"], ["s1", "s2"], NAMES) == []
    assert changes(["s1", "s2"], [], {}) == []


def test_new_split_merged_and_vanished_are_told_apart() -> None:
    before = ["s1"] * 40 + ["s2"] * 30 + ["s3"] * 30
    # Half of s1 is now s4; s2 is in s1; s3 is all over; s5 comes from everywhere.
    now = ["s1"] * 20 + ["s4"] * 20 + ["s1"] * 22 + ["s5"] * 8 + ["s1"] * 11 + ["s4"] * 7 + ["s5"] * 12
    found = {change["segment_id"]: change for change in changes(now, before, NAMES)}
    assert {segment: (change["change"], change["of"]) for segment, change in found.items()} == {
        "s4": ("split", "s1"),
        "s5": ("split", "s3"),
        "s2": ("merged", "s1"),
        "s3": ("vanished", None),
    }
    assert (found["s4"]["customers"], found["s2"]["customers"]) == (27, 30)
    assert (found["s2"]["name_en"], found["s4"]["name_en"]) == ("Name s2", None)


def test_a_segment_from_everywhere_is_new() -> None:
    before = ["s1"] * 10 + ["s2"] * 10 + ["s3"] * 10
    now = [*["s1"] * 7, *["s9"] * 3, *["s2"] * 7, *["s9"] * 3, *["s3"] * 7, *["s9"] * 3]
    assert [(one["segment_id"], one["change"]) for one in changes(now, before, NAMES)] == [("s9", "new")]


def test_it_is_told_in_words() -> None:
    change = {"segment_id": "s2", "change": "merged", "of": "s1", "customers": 3, "name_en": "Loud", "name_zh": "响"}
    manifest = {"changes": [change], "names": {}, "metrics": {"clear": False}}
    first, second = told(manifest)
    assert "No clear segments" in first
    assert "没有明显的分群" in first
    assert second == "s2 (Loud) merged into s1"
    assert told({"names": {}, "metrics": {"clear": True}}) == []
