from pathlib import Path

import pytest

from training.bundle import store
from workspace.errors import BundleError

MANIFEST = {"features": ["a", "b"], "limit": 0.1}
FILES = {"hazard.txt": b"trees", "calibration.json": b"{}"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    hash_ = store.write(tmp_path, "churn", MANIFEST, FILES)
    assert store.read(tmp_path, hash_) == store.Bundle(hash_, "churn", MANIFEST, FILES)
    assert len(hash_) == 16
    assert [entry.name for entry in tmp_path.iterdir()] == [hash_]


def test_identical_content_has_one_name_and_anything_else_another(tmp_path: Path) -> None:
    first = store.write(tmp_path, "churn", MANIFEST, FILES)
    assert store.write(tmp_path, "churn", dict(reversed(MANIFEST.items())), dict(reversed(FILES.items()))) == first
    others = {
        store.write(tmp_path, "segments", MANIFEST, FILES),
        store.write(tmp_path, "churn", {**MANIFEST, "limit": 0.2}, FILES),
        store.write(tmp_path, "churn", MANIFEST, {**FILES, "hazard.txt": b"treez"}),
        store.write(tmp_path, "churn", MANIFEST, {"hazard.txt": b"trees"}),
    }
    assert len(others | {first}) == 5


@pytest.mark.parametrize("name", ["hazard.txt", "calibration.json", store.MANIFEST])
def test_a_changed_byte_is_refused(tmp_path: Path, name: str) -> None:
    hash_ = store.write(tmp_path, "churn", MANIFEST, FILES)
    (tmp_path / hash_ / name).write_bytes((tmp_path / hash_ / name).read_bytes() + b" ")
    with pytest.raises(BundleError, match=name):
        store.read(tmp_path, hash_)


def test_a_missing_file_or_bundle_is_refused(tmp_path: Path) -> None:
    hash_ = store.write(tmp_path, "churn", MANIFEST, FILES)
    (tmp_path / hash_ / "hazard.txt").unlink()
    with pytest.raises(BundleError, match=r"lacks hazard\.txt"):
        store.read(tmp_path, hash_)
    for wrong in ("0" * 16, "..", "a/b"):
        with pytest.raises(BundleError, match="no model bundle"):
            store.read(tmp_path, wrong)


def test_a_bundle_under_a_wrong_name_is_refused(tmp_path: Path) -> None:
    hash_ = store.write(tmp_path, "churn", MANIFEST, FILES)
    (tmp_path / hash_).rename(tmp_path / "0123456789abcdef")
    with pytest.raises(BundleError, match="promises"):
        store.read(tmp_path, "0123456789abcdef")


def test_writing_again_repairs_a_damaged_bundle(tmp_path: Path) -> None:
    hash_ = store.write(tmp_path, "churn", MANIFEST, FILES)
    (tmp_path / hash_ / "hazard.txt").write_bytes(b"")
    assert store.write(tmp_path, "churn", MANIFEST, FILES) == hash_
    assert store.read(tmp_path, hash_).files == FILES


@pytest.mark.parametrize("name", ["../out.txt", "a/b", store.MANIFEST])
def test_file_names_are_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name of a file"):
        store.write(tmp_path, "churn", MANIFEST, {name: b""})
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_number_can_not_be_stored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.write(tmp_path, "churn", {"auc": float("nan")}, FILES)
