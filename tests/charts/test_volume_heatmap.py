from charts.volume_heatmap import volume_heatmap

HOURS = [{"weekday": day, "hour": hour, "count": day * hour / 3} for day in range(7) for hour in range(24)]


def test_weekdays_across_hours(drawn, values):
    specification = drawn(volume_heatmap(HOURS, title="When contacts come"))
    assert specification["encoding"]["y"]["sort"][0] == "Mon"
    assert len(values(specification, "count")) == 168
    assert max(values(specification, "count")) == 6 * 23 / 3


def test_the_company_week_may_begin_on_another_day(drawn):
    days = drawn(volume_heatmap(HOURS, language="zh", week_start=6))["encoding"]["y"]["sort"]
    assert days == ["周日", "周一", "周二", "周三", "周四", "周五", "周六"]


def test_weekdays_across_weeks(drawn):
    rows = [
        {"weekday": day, "week": f"2026-10-{5 + 7 * week:02}", "count": day + week}
        for day in range(7)
        for week in range(4)
    ]
    assert drawn(volume_heatmap(rows, across="week"))["encoding"]["x"]["field"] == "week"
