import json

from charts.bar import bar
from charts.fonts import NOTE, has_chinese
from charts.render import drawable, png, script, spec

ROWS = [{"city": "上海", "n": 3}, {"city": "北京", "n": 2}, {"city": "Paris", "n": 1}]


def test_without_a_chinese_font_texts_are_numbered_and_told_apart():
    chart = bar(ROWS, "city", "n", title="按城市", language="zh")
    plain = drawable(chart.to_dict(), None)
    assert not has_chinese(json.dumps(plain, ensure_ascii=False))
    cities = (
        {row["city"] for row in next(iter(plain["datasets"].values()))}
        if "datasets" in plain
        else {row["city"] for row in plain["data"]["values"]}
    )
    assert len(cities) == 3
    assert "Paris" in cities
    assert plain["title"]["subtitle"] == NOTE


def test_with_one_it_is_the_first_tried():
    chart = bar(ROWS, "city", "n")
    assert drawable(chart.to_dict(), "Heiti SC")["config"]["font"].startswith("Heiti SC, ")
    english = bar(ROWS[2:], "city", "n").to_dict()
    assert drawable(english, "Heiti SC") == english


def test_a_picture_is_drawn_without_any_font_for_it(tmp_path):
    assert png(bar(ROWS, "city", "n"), 1.0, folders=[tmp_path]).startswith(b"\x89PNG")


def test_scale_is_pixels_a_point():
    chart = bar(ROWS, "city", "n")
    widths = [int.from_bytes(png(chart, scale)[16:20], "big") for scale in (1.0, 2.0)]
    assert abs(widths[1] - 2 * widths[0]) <= 2


def test_a_page_gets_neither_address_nor_configuration():
    specification = spec(bar(ROWS, "city", "n"))
    assert specification["width"] == "container"
    assert not {"$schema", "config"} & set(specification)
    assert spec(bar(ROWS, "city", "n"), width=None)["width"] == 640


def test_the_script_defines_what_pages_call():
    assert "window.vegaEmbed=" in script()
    assert script() is script()
