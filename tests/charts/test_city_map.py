import json

from charts.city_map import city_map, in_view

CITIES = [
    {"city": "上海", "longitude": 121.47, "latitude": 31.23, "customers": 320},
    {"city": "杭州", "longitude": 120.15, "latitude": 30.27, "customers": 140},
    {"city": "Chengdu", "longitude": 104.07, "latitude": 30.57, "customers": 150},
    {"city": "nowhere", "longitude": None, "latitude": None, "customers": 5},
]


def test_a_bubble_a_city_on_the_coastline(drawn):
    specification = drawn(city_map(CITIES, title="Customers"))
    land, bubbles = specification["layer"][:2]
    assert land["mark"]["type"] == "geoshape"
    assert [row["city"] for row in bubbles["data"]["values"]] == ["上海", "Chengdu", "杭州"]
    assert len(json.dumps(specification)) < 100_000


def test_borders_are_drawn_only_when_asked_for():
    shapes = [
        len(city_map(CITIES, borders=borders).to_dict()["layer"][0]["data"]["values"]) for borders in (False, True)
    ]
    assert shapes[1] > shapes[0]


def test_the_deployers_own_outline(tmp_path, drawn):
    file = tmp_path / "mine.json"
    ring = [[60, 0], [60, 60], [140, 60], [140, 0]]
    file.write_text(json.dumps({"objects": {"land": {"type": "Polygon", "arcs": [[0]]}}, "arcs": [[*ring, ring[0]]]}))
    land = drawn(city_map(CITIES, outline=file))["layer"][0]["data"]["values"]
    assert len(land) == 1


def test_one_city_alone_has_a_map(drawn):
    drawn(city_map(CITIES[:1]), least_colours=10)


def test_what_is_far_away_is_left_out_and_handed_back():
    london = {"city": "London", "longitude": -0.1, "latitude": 51.5, "customers": 6}
    shown, far = in_view([*CITIES, london])
    assert [row["city"] for row in shown] == ["上海", "杭州", "Chengdu"]
    assert [row["city"] for row in far] == ["nowhere", "London"]


def test_two_places_of_equal_weight_are_both_shown():
    pair = [{**CITIES[0]}, {"city": "London", "longitude": -0.1, "latitude": 51.5, "customers": 320}]
    assert in_view(pair) == (pair, [])
    assert in_view([]) == ([], [])
