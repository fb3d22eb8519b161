from serving.dashboard.sparkline import HEIGHT, WIDTH, sparkline


def test_the_path_runs_from_left_to_right_between_lowest_and_highest():
    line = sparkline([1.0, 3.0, 2.0])
    assert line == {"path": "M3.0 29.0L60.0 3.0L117.0 16.0", "x": 117.0, "y": 16.0}


def test_an_unknown_value_breaks_the_line():
    assert sparkline([1.0, None, 2.0, 3.0])["path"].count("M") == 2


def test_a_flat_line_stays_inside():
    line = sparkline([5.0, 5.0, 5.0])
    assert 0 <= line["y"] <= HEIGHT
    assert 0 <= line["x"] <= WIDTH


def test_two_points_are_no_trend():
    assert sparkline([1.0, None, 2.0]) is None
    assert sparkline([]) is None
