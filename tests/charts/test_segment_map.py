from charts.segment_map import segment_map

ROWS = [
    {"name": "Loyal", "value_mean": 0.6, "churn_90_mean": 0.06, "customers": 620},
    {"name": "'quoted\" <b>", "value_mean": 0.2, "churn_90_mean": 0.31, "customers": 480},
    {"name": "Dormant", "value_mean": 0.1, "churn_90_mean": None, "customers": 200},
]


def test_a_bubble_a_segment_with_its_name(drawn, values):
    specification = drawn(segment_map(ROWS, title="Segments"))
    bubbles = specification["layer"][0]
    assert bubbles["encoding"]["size"]["field"] == "customers"
    assert [row["name"] for row in bubbles["data"]["values"]] == ["Loyal", "'quoted\" <b>"]
    assert values(specification, "churn_90_mean").count(0.31) == 2


def test_room_round_the_bubbles_never_below_nothing(drawn):
    encoding = drawn(segment_map(ROWS[:1], language="zh"))["layer"][0]["encoding"]
    assert encoding["y"]["scale"]["domain"][0] >= 0
    assert encoding["x"]["scale"]["domain"][1] > 0.6
