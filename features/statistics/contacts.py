"""How much contact there was, with whom, and how much of it was complaint."""

import ibis

from features.contact import by_person, from_customer
from features.customer.satisfaction import COMPLAINT
from features.statistics.measure import Measure, share


def contacts(rows: ibis.Table) -> dict[str, Measure]:
    """contacts, inbound_ and automated_contacts, outbound_ and identified_share, unique_ new_ and returning_customers,
    contacts_per_customer, complaint_share over the interactions base.
    """
    people, begun = by_person(rows), from_customer(rows)
    identified = people & rows.customer_id.notnull()
    count, begun_count, machines = rows.count(where=people), rows.count(where=begun), rows.count(where=~people)
    touches, customers = rows.count(where=identified), rows.customer_id.nunique(where=people)
    new = rows.count(where=rows.is_first_contact)
    return {
        "contacts": Measure(count, count),
        "inbound_contacts": Measure(begun_count, begun_count),
        "automated_contacts": Measure(machines, machines),
        "outbound_share": share(rows.direction == "outbound", people),
        "identified_share": share(rows.customer_id.notnull(), people),
        "unique_customers": Measure(customers, touches),
        "contacts_per_customer": Measure(touches / customers.nullif(0), touches),
        "new_customers": Measure(new, new),
        "returning_customers": Measure(customers - new, touches),
        "complaint_share": share(rows.kind == COMPLAINT, begun),
    }
