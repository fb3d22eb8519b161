from datetime import date, timedelta

from charts.forecast_band import forecast_band

START = date(2026, 9, 1)
HISTORY = [{"period_start": START + timedelta(day), "count": 100 + 10 * (day % 7)} for day in range(42)]
FORECAST = [
    {
        "period_start": START + timedelta(42 + day),
        "mean": 130.0,
        "lower_80": 100.0,
        "upper_80": 160.0,
        "lower_95": 80.0,
        "upper_95": 180.0,
    }
    for day in range(14)
]


def domains(specification):
    return [
        layer["encoding"]["color"]["scale"]["domain"]
        for layer in specification["layer"]
        if "color" in layer["encoding"]
    ]


def test_history_mean_and_both_bands(drawn, values):
    specification = drawn(forecast_band(HISTORY, FORECAST, y_title="Contacts a day", title="Forecast"))
    assert domains(specification)[0] == ["Contacts", "Forecast", "80% range", "95% range"]
    assert set(values(specification, "count")) == {row["count"] for row in HISTORY}
    assert set(values(specification, "upper_95")) == {180.0}


def test_a_rule_marks_where_the_forecast_begins(drawn):
    rules = [layer for layer in drawn(forecast_band(HISTORY, FORECAST))["layer"] if layer["mark"].get("type") == "rule"]
    assert [layer["data"]["values"][0]["period_start"] for layer in rules] == ["2026-10-13T00:00Z"]


def test_a_band_the_backtest_cannot_support_is_not_drawn(drawn):
    rows = [{**row, "lower_95": None, "upper_95": None} for row in FORECAST]
    specification = drawn(forecast_band(HISTORY, rows, language="zh"))
    assert domains(specification)[0] == ["联系量", "预测", "80% 区间"]
    assert sum(layer["mark"].get("type") == "area" for layer in specification["layer"]) == 1


def test_history_alone(drawn):
    assert domains(drawn(forecast_band(HISTORY, [])))[0] == ["Contacts"]
    drawn(forecast_band([], []), least_colours=5)
