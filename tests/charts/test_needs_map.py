import pytest

from charts.needs_map import needs_map

TITLES = {"satisfaction": "Met", "importance": "Matters", "answers": "Answers", "need_gap": "Gap"}
CORNERS = {"first": "Put right first", "keep": "Keep it up", "watch": "Watch", "ease": "Enough"}
ROWS = [
    {"name": "delivery", "importance": 4.2, "satisfaction": 2.9, "need_gap": 8.9, "answers": 300},
    {"name": "delivery speed", "importance": 4.19, "satisfaction": 2.91, "need_gap": 8.8, "answers": 280},
    {"name": "'app\" <b>", "importance": 3.1, "satisfaction": 3.6, "need_gap": 4.4, "answers": 20},
]


def test_a_bubble_a_topic_and_lines_at_the_means(drawn, values):
    specification = drawn(needs_map(ROWS, titles=TITLES, corners=CORNERS, title="Needs"))
    assert values(specification, "corner") == list(CORNERS.values())
    lines = [layer for layer in specification["layer"] if layer["mark"]["type"] == "rule"]
    weighed = {name: sum(row[name] * row["answers"] for row in ROWS) / 600 for name in ("satisfaction", "importance")}
    assert [line["data"]["values"][0] for line in lines] == [
        {name: pytest.approx(weighed[name])} for name in ("satisfaction", "importance")
    ]
    names = next(layer for layer in specification["layer"] if layer["mark"].get("style") == "label")
    first, second = names["data"]["values"][:2]
    # Two topics at one place are named at two.
    assert (first["align"], first["baseline"], first["dy"]) != (second["align"], second["baseline"], second["dy"])


def test_nothing_and_one_topic(drawn):
    drawn(needs_map([], titles=TITLES, corners=CORNERS), least_colours=2, width=1)
    drawn(needs_map(ROWS[:1], titles=TITLES, corners=CORNERS, language="zh"))
