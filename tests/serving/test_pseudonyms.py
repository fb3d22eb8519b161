"""Pseudonyms: stable, different for each secret, and found again."""

import pyarrow as pa
import pytest

from serving.pseudonyms import Pseudonyms

CUSTOMERS = pa.chunked_array([[f"C-{number:04d}" for number in range(500)]])


def test_the_same_customer_has_the_same_pseudonym_under_one_secret_only() -> None:
    one, other = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert one.of("C-0001") == one.of("C-0001")
    assert one.of("C-0001") != other.of("C-0001")
    assert len({one.of(key) for key in CUSTOMERS.to_pylist()}) == 500


def test_every_pseudonym_leads_back_in_its_version() -> None:
    pseudonyms = Pseudonyms(b"a" * 32)
    for key in CUSTOMERS.to_pylist():
        assert pseudonyms.find(pseudonyms.of(key), "v1", CUSTOMERS) == key
    fewer = CUSTOMERS.slice(100)
    assert pseudonyms.find(pseudonyms.of("C-0001"), "v2", fewer) is None
    assert pseudonyms.find(pseudonyms.of("C-0100"), "v2", fewer) == "C-0100"


@pytest.mark.parametrize("asked", ["C-0001", "p_", "p_zzzzzzzzzzzzzzzz", "p_0000000000000000", "p_ffffffffffffffff"])
def test_what_is_no_pseudonym_leads_nowhere(asked: str) -> None:
    assert Pseudonyms(b"a" * 32).find(asked, "v1", CUSTOMERS) is None


def test_the_secret_does_not_show() -> None:
    assert "aaaa" not in repr(Pseudonyms(b"a" * 32))
