"""Consent: a yes, not a maybe; and a no under any id of a person."""

from dataclasses import replace

import pyarrow as pa

from serving.answers.customers import customer
from serving.answers.what_if import what_if
from serving.callers import Caller
from serving.consent import consent_of
from serving.snapshot import Snapshot

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


def test_who_has_refused_since_the_scoring_has_no_scores_on_their_page(
    snapshot: Snapshot, callers: dict[str, Caller], owner: str
) -> None:
    row = snapshot.listing.select("risk", owner=owner, min_risk=0.0)[:1]
    key = str(snapshot.listing.people(row)[0]["customer_id"])
    customers = snapshot.tables["customers"]
    said = pa.array([customer == key for customer in customers["customer_id"].to_pylist()])
    refused = customers.set_column(customers.column_names.index("do_not_profile"), "do_not_profile", said)
    later = replace(snapshot, tables={**snapshot.tables, "customers": refused})
    assert customer(snapshot, callers["sales"], key)["scores"] is not None
    answer = customer(later, callers["sales"], key)
    assert (answer["scores"], answer["reasons"], answer["features"]) == (None, [], {})
    assert not what_if(later, callers["sales"], key)["scored"]
