"""Texts with a judgement beside each, from a file: what `rapport backtest sentiment` judges by."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from interactions.cleaning.emoticons import STRENGTHS
from interactions.sources.archives import pieces
from interactions.sources.files import read_file
from interactions.sources.mapping import Reading
from workspace.errors import NotEnoughHistoryError, SourceError

NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1
CLASSES = {NEGATIVE: "negative", NEUTRAL: "neutral", POSITIVE: "positive"}
_WORDS = {
    POSITIVE: """positive pos p good great excellent best happy satisfied like love joy yes true up + very_positive
        somewhat_positive strongly_positive very_good very_satisfied promoter recommended thumbs_up
        好评 正面 积极 正向 正 好 很好 非常好 满意 非常满意 很满意 喜欢 褒 褒义 是 高兴 开心 喜悦 推荐 赞""",
    NEGATIVE: """negative neg n bad poor terrible awful worst unhappy unsatisfied dissatisfied dislike hate angry anger
        sad sadness disgust fear no false down - very_negative somewhat_negative strongly_negative very_bad
        very_dissatisfied very_unsatisfied detractor not_recommended thumbs_down
        差评 负面 消极 负向 负 差 很差 非常差 不满 不满意 非常不满意 很不满意 坏 贬 贬义 否 愤怒 生气 悲伤 难过 厌恶
        恐惧 不推荐 踩""",
    NEUTRAL: """neutral neu mixed ok okay average fair so_so passive none 中评 中性 中立 一般 普通 中 无 还行 尚可""",
}
_WORD = {word: sign for sign, words in _WORDS.items() for word in words.split()}
# What a label may carry behind its word.
_TAIL = re.compile(r"(?:_?(?:sentiment|reviews?|feedback|comments?|class)|情绪|情感|评价|评论|倾向)$")
_NUMBER = re.compile(r"(?:__label__|label[_ ]?)?([+-]?\d+(?:\.\d+)?)\s*(?:stars?|星|分|/\s*5)?", re.IGNORECASE)
# A class whose name is not understood must not be left out unnoticed.
_MOST_UNREADABLE = 0.1


@dataclass(frozen=True)
class Labelled:
    """`texts` [rows] and what each was judged, `signs` [rows], -1, 0 or 1; `scale`: how the labels were read;
    `left_out`: how many rows were not taken, by reason."""

    texts: list[str]
    signs: list[int]
    scale: str
    left_out: dict[str, int]


def labelled_texts(file: Path, text: str, label: str) -> Labelled:
    """Rows of a file (CSV, JSON, Excel ... in any encoding that `collect` reads) by the names of two of its columns.

    Labels may be 0 and 1, -1 and 1 (and 0), ratings of 1 to 5 (4 and 5 against 1 and 2), 0 to 10 (7 and more against 4
    and less) or 0 to 100, words such as positive, neg, 好评, 差评, 中性, or emoji. The rating in the middle, blank
    texts and labels that say nothing are left out and counted.
    Raises SourceError when the file or a column can't be read, or a tenth of the labels say nothing;
    NotEnoughHistoryError when less than two classes are left.
    """
    texts, labels = _columns(file, text, label)
    values = [None if value is None else value.strip() for value in labels]
    scale, read = _scale(file, label, [value for value in values if value])
    left_out = {"no text": 0, "no label": 0, "label not understood": 0, "rating in the middle": 0}
    kept: list[tuple[str, int]] = []
    for said, value in zip(texts, values, strict=True):
        sign = read.get(value or "", "label not understood")
        if said is None or not said.strip():
            left_out["no text"] += 1
        elif not value:
            left_out["no label"] += 1
        elif isinstance(sign, str):
            left_out[sign] += 1
        else:
            kept.append((said, sign))
    found = {sign for _, sign in kept}
    if len(found) < 2:
        only = ", ".join(CLASSES[sign] for sign in sorted(found)) or "none"
        raise NotEnoughHistoryError(
            f"{file.name} needs texts of two classes to judge sentiment; found {len(kept)} rows with a text and a "
            f"label, classes: {only}. Give a file with positive and negative texts, and the right --label."
        )
    return Labelled([said for said, _ in kept], [sign for _, sign in kept], scale, left_out)


def _columns(file: Path, text: str, label: str) -> tuple[list[str | None], list[str | None]]:
    if not file.is_file():
        raise SourceError(f"There is no file {file}. Check the path.")
    with tempfile.TemporaryDirectory(prefix="rapport-") as folder:
        (piece, *more) = pieces(file, Path(folder))
        if more:
            raise SourceError(f"{file.name} holds {len(more) + 1} files. Unpack it and give the one with the texts.")
        content = read_file(piece, Reading(), "texts", Path(folder))
        names = [_named(file, content.columns, name, option) for name, option in ((text, "--text"), (label, "--label"))]
        found: tuple[list[str | None], list[str | None]] = ([], [])
        for batch in content.rows():
            for number, name in enumerate(names):
                found[number].extend(batch.column(name).to_pylist())
    if not found[0]:
        raise SourceError(f"{file.name} has a line of column names and no rows. Give a file with texts and labels.")
    return found


def _named(file: Path, columns: Sequence[str], name: str, option: str) -> str:
    if name in columns:
        return name
    alike = [column for column in columns if column.strip().lower() == name.strip().lower()]
    if len(alike) == 1:
        return alike[0]
    shown = ", ".join(columns[:30]) + (" ..." if len(columns) > 30 else "")
    raise SourceError(f"{file.name} has no column {name} ({option}); it has {shown}. Name one of them.")


def _scale(file: Path, label: str, values: Sequence[str]) -> tuple[str, Mapping[str, int | str]]:
    """What each label means: a sign, or why it is left out."""
    different = sorted(set(values))
    numbers = {value: float(match.group(1)) for value in different if (match := _NUMBER.fullmatch(value))}
    words = {value: sign for value in different if (sign := _sign(value)) is not None}
    unread = sum(1 for value in values if value not in numbers and value not in words)
    if unread > _MOST_UNREADABLE * len(values) or not values:
        raise SourceError(
            f"Column {label} of {file.name} should say how each text feels: 0 and 1, ratings of 1 to 5, or words such "
            f"as positive; {unread:,} of {len(values):,} values do not. Name another --label, or write them so."
        )
    if not numbers:
        return "words", words
    scale, signs = _numeric(numbers)
    return scale, {**signs, **words}


# The best complaint, the worst praise and the highest of each scale.
_RATINGS = ((2, 4, 5), (4, 7, 10), (40, 70, 100))


def _sign(label: str) -> int | None:
    """What a word, or an emoji, says; None where nothing is known."""
    word = re.sub(r"[\s_-]+", "_", label.lower()).strip("_") or label
    found = _WORD.get(word, _WORD.get(_TAIL.sub("", word)))
    strength = STRENGTHS.get(label, 0.0)
    return found if found is not None or not strength else (POSITIVE if strength > 0 else NEGATIVE)


def _numeric(numbers: Mapping[str, float]) -> tuple[str, dict[str, int | str]]:
    found = set(numbers.values())
    for scale, signs in (
        ("0 and 1", {0: NEGATIVE, 1: POSITIVE}),
        ("-1, 0 and 1", {-1: NEGATIVE, 0: NEUTRAL, 1: POSITIVE}),
        ("1 and 2", {1: NEGATIVE, 2: POSITIVE}),
        ("0, 1 and 2", {0: NEGATIVE, 1: NEUTRAL, 2: POSITIVE}),
        ("0, 2 and 4", {0: NEGATIVE, 2: NEUTRAL, 4: POSITIVE}),
    ):
        if found <= set(signs):
            return scale, {value: signs[int(number)] for value, number in numbers.items()}
    low, high, most = next((one for one in _RATINGS if max(found) <= one[2]), _RATINGS[1])
    scale = f"ratings of {1 if most == 5 else 0} to {most}"
    return scale, {value: _of_rating(number, low, high, most) for value, number in numbers.items()}


def _of_rating(number: float, low: float, high: float, most: float) -> int | str:
    if number < 0 or number > most:
        return "label not understood"
    if low < number < high:
        return "rating in the middle"
    return POSITIVE if number >= high else NEGATIVE
