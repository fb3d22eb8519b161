import re
import string

import pytest

from features.statistics.catalogue import CATALOGUE, DIMENSIONS, GRAINS
from serving.dashboard.definitions import CHINESE, definition
from serving.dashboard.features_named import FEATURES, feature_name
from serving.dashboard.permissions import PAGES
from serving.dashboard.texts import DATA_WORDS, MEASURES, TEXTS, data_word, measure_name, translator
from serving.roles import ROLES
from workspace.tables import CHANNELS, CUSTOMER_FEATURES, DIRECTIONS


def holes(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_have_the_same_holes(name):
    english, chinese = TEXTS[name]
    assert english
    assert chinese
    assert holes(english) == holes(chinese)


def test_every_text_a_template_names_exists(templates):
    for file, source in templates.items():
        named = set(re.findall(r'\bt\("([a-z0-9_A-Z]+)"\s*[,)]', source)) | set(
            re.findall(r"\bt\('([a-z0-9_A-Z]+)'\s*[,)]", source)
        )
        assert named <= set(TEXTS), (file, named - set(TEXTS))


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ("nav_", [name for name, _ in PAGES]),
        ("role_", ROLES),
        ("dimension_", DIMENSIONS),
        ("grain_", GRAINS),
        ("grade_", "ABCD"),
        ("band_", ("low", "medium", "high")),
        ("sort_", ("risk", "value", "risk_value", "value_at_risk")),
        ("compare_", ("previous", "last_year")),
        ("entry_", ("interaction", "order", "survey")),
        ("rule_", ("recency", "frequency", "seasonal_naive", "pro_rata", "shrunk")),
        ("error_", ("400", "404", "503")),
    ],
)
def test_every_text_named_by_a_value_exists(start, names):
    assert not [name for name in names if f"{start}{name}" not in TEXTS]


def test_channels_directions_and_features_have_names():
    assert {*CHANNELS, *DIRECTIONS} <= set(DATA_WORDS)
    named = [name for name in CUSTOMER_FEATURES.column_names if name not in ("customer_id", "cutoff")]
    assert sorted(FEATURES) == sorted(named)
    assert feature_name("recency_days", "zh") == "距上次往来天数"
    assert feature_name("new_feature", "en") == "new feature"


def test_every_statistic_is_defined_in_chinese():
    assert sorted(CHINESE) == sorted(CATALOGUE)
    described = {"metric": "csat", "definition": "English", "exclusions": "None."}
    assert definition(described, "en") == ("English", "None.")
    assert definition(described, "zh") == CHINESE["csat"]
    assert definition({**described, "metric": "new"}, "zh") == ("English", "None.")


def test_words_of_the_company_stay_as_they_are():
    assert data_word("phone", "zh") == "电话"
    assert data_word("上海", "en") == "上海"
    assert measure_name("wape", "en") == MEASURES["wape"][0]
    assert measure_name("something_else", "zh") == "something else"


def test_a_text_is_filled_in():
    assert translator("en")("days", days=3) == "3 days"
    assert translator("zh")("days", days=3) == "3 天"
