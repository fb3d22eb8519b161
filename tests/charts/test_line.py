from datetime import date

from charts.line import line

ROWS = [
    {"month": date(2026, month, 1), "share": 0.5 + 0.05 * month, "channel": channel}
    for month in range(1, 7)
    for channel in ("phone", "email")
]


def test_lines_over_time(drawn, values):
    chart = line(ROWS, "month", "share", series="channel", y_title="Satisfied", number="share", title="CSAT")
    specification = drawn(chart)
    assert sorted(set(values(specification, "share"))) == sorted({row["share"] for row in ROWS})
    assert set(values(specification, "channel")) == {"phone", "email"}
    assert specification["layer"][0]["encoding"]["y"]["axis"]["format"] == ",~%"


def test_the_axis_has_no_zone_of_its_own(drawn):
    specification = drawn(line(ROWS[:3], "month", "share", unit="share"))
    assert specification["layer"][0]["encoding"]["x"]["scale"]["type"] == "utc"


def test_nothing_to_draw_is_a_sentence(drawn, values):
    assert values(drawn(line([], "a", "b", language="zh"), least_colours=5), "text") == ["暂无可显示的数据"]
