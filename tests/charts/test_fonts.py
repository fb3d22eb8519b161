from charts.fonts import chinese_font, fonts, has_chinese


def test_a_chinese_font_is_found_by_its_file(tmp_path):
    (tmp_path / "truetype" / "wqy").mkdir(parents=True)
    (tmp_path / "truetype" / "wqy" / "wqy-microhei.ttc").touch()
    assert chinese_font([tmp_path]) == "WenQuanYi Micro Hei"


def test_without_one_there_is_none(tmp_path):
    (tmp_path / "DejaVuSans.ttf").touch()
    assert chinese_font([tmp_path, tmp_path / "missing"]) is None


def test_chinese_labels_try_chinese_fonts_first():
    assert fonts("zh").startswith("Noto Sans CJK SC")
    assert not fonts("en").startswith("Noto Sans CJK SC")
    assert fonts("en").endswith("sans-serif")


def test_chinese_characters_and_marks_are_seen():
    assert has_chinese("order 订单")
    assert has_chinese("，")
    assert not has_chinese("Zürich – 12 €")
