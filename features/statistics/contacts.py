"""How much contact there was, with whom, and how much of it was complaint."""

import ibis

from features.contact import by_person, from_customer
from features.customer.satisfaction import COMPLAINT
from features.statistics.measure import Measure, share


def contacts(rows: ibis.Table) -> dict[str, Measure]:
    """contacts, inbound_contacts, unique_customers, complaint_share over the interactions base."""
    people, begun = by_person(rows), from_customer(rows)
    count, begun_count = rows.count(where=people), rows.count(where=begun)
    return {
        "contacts": Measure(count, count),
        "inbound_contacts": Measure(begun_count, begun_count),
        "unique_customers": Measure(
            rows.customer_id.nunique(where=people), rows.count(where=people & rows.customer_id.notnull())
        ),
        "complaint_share": share(rows.kind == COMPLAINT, begun),
    }
