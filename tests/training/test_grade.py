import numpy as np

from training.bundle.rowwise import Floats
from training.compared import Compared
from training.grade import grade


def outcome(rows: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """What came true, the log-odds behind it, and a rule that sees half of them."""
    random = np.random.default_rng(seed)
    seen, unseen = random.normal(size=rows), random.normal(size=rows)
    odds = 1.2 * seen + 1.2 * unseen - 1
    return (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.float64), odds, seen


def test_a_model_that_sees_more_gets_an_a() -> None:
    truth, odds, seen = outcome(3000, 1)
    marks = grade(Compared(truth, {"model": odds, "recency": seen, "frequency": np.zeros(3000)}))
    assert (marks.letter, marks.rule) == ("A", "recency")
    assert marks.gain > 0.1
    assert marks.interval[0] < marks.gain < marks.interval[1]
    assert marks.beats_the_rule


def test_a_little_more_is_a_b() -> None:
    truth, odds, seen = outcome(20_000, 2)
    marks = grade(Compared(truth, {"model": 0.12 * odds + seen, "recency": seen}))
    assert marks.letter == "B"
    assert 0 < marks.interval[0] < marks.gain < 0.1


def test_the_rule_itself_is_no_better_than_the_rule() -> None:
    truth, _, seen = outcome(2000, 3)
    marks = grade(Compared(truth, {"model": 10 * seen, "recency": seen}))
    assert (marks.letter, marks.gain) == ("C", 0.0)
    assert not marks.beats_the_rule


def test_worse_is_a_d() -> None:
    truth, odds, seen = outcome(2000, 4)
    assert grade(Compared(truth, {"model": -odds, "recency": seen})).letter == "D"


def test_noise_gets_neither_a_nor_b() -> None:
    letters = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        truth = (random.random(800) < 0.3).astype(np.float64)
        scores = {"model": random.random(800), "recency": random.random(800), "frequency": truth * 0}
        letters.append(grade(Compared(truth, scores)).letter)
    assert sum(letter in "AB" for letter in letters) <= 1
