import pytest

from workspace.sizes import bytes_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0B", 0),
        ("4GB", 4_000_000_000),
        ("800 mb", 800_000_000),
        ("1.5GiB", 1_610_612_736),
        ("64KiB", 65_536),
        (" 2TB ", 2_000_000_000_000),
    ],
)
def test_a_size_is_a_number_and_a_unit(written: str, expected: int) -> None:
    assert bytes_of(written) == expected


@pytest.mark.parametrize("written", ["lots", "", "4", "-1GB", "4G", "80%", "GB", "1e3GB", "4GB; DROP", "４GB"])
def test_anything_else_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        bytes_of(written)
