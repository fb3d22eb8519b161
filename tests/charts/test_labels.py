from charts.labels import Circle, every_label, labels

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


def test_chinese_names_are_wider():
    wide, narrow = (labels([Circle(350, 100, 5, name)], FRAME)[0].align for name in ("上海上海", "abcd"))
    assert (wide, narrow) == ("right", "left")


def boxes(circles, found):
    """Where names stand, by what the label says and 6.8 points a letter."""
    placed = []
    for circle, label in zip(circles, found, strict=True):
        long = 6.8 * len(circle.name)
        x = circle.x + label.dx - {"left": 0, "right": long, "center": long / 2}[label.align]
        y = circle.y + label.dy - {"bottom": 16, "top": 0, "middle": 8}[label.baseline]
        placed.append((x, y, x + long, y + 16))
    return placed


def test_names_of_bubbles_on_top_of_each_other_do_not_meet():
    circles = [Circle(300, 200, 16, "In touch often, order often"), Circle(318, 208, 10, "Large orders, big spenders")]
    one, other = boxes(circles, every_label(circles, FRAME))
    assert one[3] <= other[1] or other[3] <= one[1] or one[2] <= other[0] or other[2] <= one[0]
    for box in (one, other):
        assert box[0] >= 0
        assert box[2] <= 400


def test_everybody_is_named_even_where_nothing_is_free():
    crowd = [Circle(100 + step, 100, 9, "a segment of customers") for step in range(0, 60, 6)]
    found = every_label(crowd, FRAME)
    assert len(found) == 10
    assert len({(circle.x + label.dx, label.dy, label.align) for circle, label in zip(crowd, found, strict=True)}) == 10
