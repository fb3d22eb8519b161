"""Consent: a yes, not a maybe; and a no under any id of a person."""

import pyarrow as pa

from serving.consent import consent_of

CUSTOMERS = pa.table(
    {
        "customer_id": ["a", "b", "c", "d", "e", "e2", "f", "f2"],
        "marketing_consent": pa.array([True, False, None, True, True, False, True, None]),
        "do_not_profile": pa.array([None, False, True, False, False, False, False, True]),
    }
)
PERSONS = pa.table({"customer_id": ["e2", "f2"], "person_id": ["e", "f"]})
PEOPLE = pa.chunked_array([["a", "b", "c"], ["d", "e", "f", "unheard of"]])


def test_unknown_is_not_consent() -> None:
    found = consent_of(PEOPLE, CUSTOMERS)
    assert found.marketing.tolist() == [True, False, False, True, True, True, False]
    assert found.refused.tolist() == [False, False, True, False, False, False, False]


def test_what_a_person_says_under_another_id_counts_where_it_is_no() -> None:
    found = consent_of(PEOPLE, CUSTOMERS, PERSONS)
    assert found.marketing.tolist() == [True, False, False, True, False, True, False]
    assert found.refused.tolist() == [False, False, True, False, False, True, False]


def test_nobody() -> None:
    found = consent_of(pa.chunked_array([], pa.string()), CUSTOMERS.slice(0, 0), PERSONS.slice(0, 0))
    assert found.marketing.tolist() == found.refused.tolist() == []
