import pytest

from charts.what_if import what_if

ROWS = [{"value": value, "risk": risk} for value, risk in ((1.0, 0.05), (7.0, 0.12), (30.0, 0.4))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_own_place_is_marked(drawn, values, language):
    chart = what_if(ROWS, own=12.0, own_risk=0.2, own_title="this", x_title="days", y_title="risk", language=language)
    specification = drawn(chart)
    assert set(values(specification, "value")) == {1.0, 7.0, 12.0, 30.0}
    assert set(values(specification, "text")) == {"this"}


def test_without_an_own_value_only_the_others_are_drawn(drawn, values):
    assert set(values(drawn(what_if(ROWS)), "value")) == {1.0, 7.0, 30.0}


def test_nothing_to_show_says_so(drawn):
    drawn(what_if([]), least_colours=2)
