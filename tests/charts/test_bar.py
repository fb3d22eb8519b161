import pyarrow as pa

from charts.bar import bar


def test_the_longest_bar_comes_first_and_numbers_are_written(drawn, values):
    table = pa.table({"channel": ["chat", "phone", "web"], "contacts": [1200, 4500, 300]})
    specification = drawn(bar(table, "channel", "contacts", value_title="Contacts", title="Contacts by channel"))
    assert specification["layer"][0]["encoding"]["y"]["sort"] == ["phone", "chat", "web"]
    assert specification["layer"][1]["encoding"]["text"]["format"] == ",.0f"
    assert {4500, 1200, 300} <= set(values(specification, "contacts"))


def test_what_is_left_out_is_said(drawn, values):
    rows = [{"city": f"city {number:02}", "n": number} for number in range(30)]
    specification = drawn(bar(rows, "city", "n", most=20, title="Cities"))
    assert specification["title"]["subtitle"] == "+10"
    assert min(values(specification, "n")) == 10


def test_an_order_of_its_own_is_kept(drawn):
    rows = [{"band": band, "n": n} for band, n in (("low", 1), ("medium", 9), ("high", 4))]
    assert drawn(bar(rows, "band", "n", keep_order=True))["layer"][0]["encoding"]["y"]["sort"] == [
        "low",
        "medium",
        "high",
    ]


def test_series_share_a_category(drawn):
    rows = [{"channel": c, "year": y, "n": n} for c, y, n in (("a", "2025", 3), ("a", "2026", 5), ("b", "2026", 2))]
    specification = drawn(bar(rows, "channel", "n", series="year"))
    assert specification["layer"][0]["encoding"]["yOffset"]["field"] == "year"


def test_every_lane_has_room_for_its_number(drawn):
    rows = [{"channel": f"channel {c}", "year": str(y), "n": c + y} for c in range(6) for y in range(3) if c != y]
    assert drawn(bar(rows, "channel", "n", series="year"))["height"] == 6 * 3 * 20


def test_large_numbers_are_written_without_decimals(drawn):
    rows = [{"channel": "email", "minutes": 1072.13}, {"channel": "chat", "minutes": 1.7}]
    labels = drawn(bar(rows, "channel", "minutes", number="decimal"))["layer"][1]
    assert labels["encoding"]["text"]["format"] == ",.0f"
    small = drawn(bar(rows[1:], "channel", "minutes", number="decimal"))["layer"][1]
    assert small["encoding"]["text"]["format"] == ",.2~f"


def test_nulls_alone_are_nothing(drawn):
    drawn(bar([{"a": "x", "b": None}], "a", "b"), least_colours=5)
