"""Who began a contact: one definition for features, labels, volume and statistics."""

import ibis


def by_person(interactions: ibis.Table) -> ibis.Value:
    """True for a contact that no machine sent; unknown counts as a person."""
    return ~interactions.is_automated.fill_null(False)


def from_customer(interactions: ibis.Table) -> ibis.Value:
    """True for a contact the customer began: inbound or of unknown direction, and sent by no machine."""
    return (interactions.direction.fill_null("unknown") != "outbound") & by_person(interactions)
