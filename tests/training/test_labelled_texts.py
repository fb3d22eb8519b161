"""Labels of all kinds, read as people mean them, and files that hold none."""

from pathlib import Path

import pytest

from training.labelled_texts import labelled_texts
from workspace.errors import NotEnoughHistoryError, SourceError


def write(folder: Path, labels: list[str], encoding: str = "utf-8") -> Path:
    rows = "".join(f"文本{number},{label}\n" for number, label in enumerate(labels))
    file = folder / "texts.csv"
    file.write_bytes(f"text,label\n{rows}".encode(encoding))
    return file


@pytest.mark.parametrize(
    ("labels", "signs"),
    [
        (["0", "1", "1"], [-1, 1, 1]),
        (["1.0", "0.0"], [1, -1]),
        (["-1", "1"], [-1, 1]),
        (["-1", "0", "1"], [-1, 0, 1]),
        (["1", "2"], [-1, 1]),
        (["0", "4", "2"], [-1, 1, 0]),
        (["5", "4", "3", "2", "1"], [1, 1, -1, -1]),
        (["5 stars", "1 star", "4星"], [1, -1, 1]),
        (["10", "7", "5", "3"], [1, 1, -1]),
        (["Positive", "NEGATIVE", "neutral"], [1, -1, 0]),
        (["pos", "neg"], [1, -1]),
        (["好评", "差评", "中评"], [1, -1, 0]),
        (["__label__1", "__label__2"], [-1, 1]),
        (["1", "0", "", "?", *["1"] * 9], [1, -1, *[1] * 9]),
        (["90", "10", "50"], [1, -1]),
        (["very negative", "Neutral", "very_positive"], [-1, 0, 1]),
        (["P", "N"], [1, -1]),
        (["正面情绪", "负面评价", "一般"], [1, -1, 0]),
        (["不满意", "非常满意"], [-1, 1]),
        (["excellent", "poor", "fair"], [1, -1, 0]),
        (["+", "-"], [1, -1]),
        (["😀", "😡"], [1, -1]),
    ],
)
def test_scales(tmp_path: Path, labels: list[str], signs: list[int]) -> None:
    found = labelled_texts(write(tmp_path, labels), "text", "label")
    assert found.signs == signs
    assert sum(found.left_out.values()) + len(signs) == len(labels)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    found = labelled_texts(write(tmp_path, ["0", "1"] * 20, encoding), "TEXT", " label")
    assert found.texts[:2] == ["文本0", "文本1"]


def test_blank_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('text,label\n" ",1\n,0\ngood,1\nbad,0\n')
    found = labelled_texts(tmp_path / "t.csv", "text", "label")
    assert found.left_out["no text"] == 2
    assert found.texts == ["good", "bad"]


def test_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughHistoryError, match=r"classes: positive\. Give"):
        labelled_texts(write(tmp_path, ["1", "1"]), "text", "label")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("text,label\n", "no rows"),
        ("a,b\n1,2\n", "no column text"),
        ("text,label\ngood,Anna\nbad,Bert\n", "2 of 2 values"),
        ("text,label\ngood,\nbad,\n", "0 of 0 values"),
        # A third class that nobody understands is not left out unnoticed.
        ("text,label\ngood,positive\nbad,negative\nwell,whatever\n", "1 of 3 values"),
    ],
)
def test_what_can_not_be_judged_by(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(SourceError, match=message) as refused:
        labelled_texts(tmp_path / "t.csv", "text", "label")
    assert "Anna" not in str(refused.value)


def test_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file"):
        labelled_texts(tmp_path / "absent.csv", "text", "label")
