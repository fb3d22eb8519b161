import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.cleaning.identity_names import Likeness, likeness

SAME, CLOSE, AKIN, UNSAID = Likeness.SAME, Likeness.CLOSE, Likeness.AKIN, Likeness.UNSAID
OTHER_SCRIPT, DIFFERENT = Likeness.OTHER_SCRIPT, Likeness.DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("王小伟", "王 小伟", SAME),
        ("王小伟", "小伟王", SAME),
        ("王伟", "王伟先生", SAME),
        ("王伟", "王玮", SAME),
        ("王小伟", "Wang Xiaowei", SAME),
        ("王小伟", "Xiao-Wei WANG", SAME),
        ("陈伟", "陳伟", SAME),
        ("王小伟", "David Wang", OTHER_SCRIPT),
        ("王建国", "王建军", AKIN),
        ("王伟", "王芳", DIFFERENT),
        ("王小伟", "李大明", DIFFERENT),
        ("王先生", "王伟", UNSAID),
        ("王先生", "李伟", DIFFERENT),
        ("匿名", "李伟", UNSAID),
        ("James Smith", "SMITH, James", SAME),
        ("James Smith", "Mr. james  smith", SAME),
        ("José Núñez", "Jose Nunez", SAME),
        ("Tan Wei-Ming", "Weiming Tan", SAME),
        ("James Smith", "Jmaes Smith", CLOSE),
        ("James Smith", "James Robert Smith", CLOSE),
        ("James Smith", "J. Smith", AKIN),
        ("James Smith", "Emma Smith", DIFFERENT),
        ("James Smith", "James Brown", DIFFERENT),
        ("James", "James Smith", UNSAID),
        ("unknown", "James Smith", UNSAID),
        (None, "James Smith", UNSAID),
    ],
)
def test_how_alike_names_are(one: str | None, other: str | None, expected: Likeness) -> None:
    assert likeness(one, other) is likeness(other, one) is expected


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_two_texts_compare_both_ways_alike(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one)
