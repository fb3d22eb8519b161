from charts.labels import Circle, above, labels

FRAME = (0.0, 0.0, 400.0, 300.0)


def test_a_lonely_name_stands_right_of_its_bubble():
    (label,) = labels([Circle(100, 100, 10, "Xi'an")], FRAME)
    assert label.columns() == {"align": "left", "baseline": "middle", "dx": 14.0, "dy": 0.0}


def test_at_the_right_edge_it_stands_left():
    (label,) = labels([Circle(390, 100, 5, "Shanghai")], FRAME)
    assert (label.align, label.dx) == ("right", -9.0)


def test_a_neighbour_is_not_written_over():
    first, second = labels([Circle(100, 100, 10, "one"), Circle(125, 100, 10, "two")], FRAME)
    assert first.align == "right"
    assert second.align == "left"


def test_two_names_do_not_meet():
    first, second = labels([Circle(100, 100, 5, "a long name"), Circle(140, 112, 3, "another")], FRAME)
    assert (first.align, second.baseline) == ("left", "top")


def test_without_a_free_place_there_is_none():
    assert labels([Circle(5, 5, 4, "no room at all for a name as long as this one is")], (0, 0, 10, 10)) == [None]
    assert above(Circle(5, 5, 4, "name")).dy == -8.0


def test_chinese_names_are_wider():
    wide, narrow = (labels([Circle(350, 100, 5, name)], FRAME)[0].align for name in ("上海上海", "abcd"))
    assert (wide, narrow) == ("right", "left")
