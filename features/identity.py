"""Customers that are one person, joined at a cutoff by the links known before it; customer_id is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis

from features.clock import micros
from features.windows import Window
from workspace.engine import lake_tables
from workspace.lake import Lake

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

LINKS = "identity_links"


def with_links(backend: Backend, lake: Lake, names: tuple[str, ...]) -> dict[str, ibis.Table]:
    """The named lake tables, and identity_links where any link is in force: without one nothing is joined."""
    tables = lake_tables(backend, lake, names)
    if lake.count(LINKS):
        links = lake_tables(backend, lake, (LINKS,))[LINKS]
        if links.filter(links.undone_at.isnull()).count().execute():
            tables[LINKS] = links
    return tables


def persons(tables: Mapping[str, ibis.Table], window: Window | None) -> ibis.Table | None:
    """customer_id, person_id of customers who are somebody known under another id too; None without any table of links.

    As known before the window's cutoff; with `window` None as known now. A link that was undone never counts, at no
    cutoff: undoing is a wish to be honoured from now on, like do_not_profile.
    """
    if LINKS not in tables:
        return None
    links = tables[LINKS]
    links = links.filter(links.undone_at.isnull())
    if window is not None:
        if window.cutoff_us is None:
            raise ValueError("links are joined at a given cutoff, not at that of the table `window`")
        links = links.filter(micros(links.known_at) < window.cutoff_us)
    newest = ibis.row_number().over(group_by="customer_id", order_by=[ibis.desc("known_at"), "person_id"]) == 0
    found = links.filter(newest)
    return found.filter(found.person_id != found.customer_id).select("customer_id", "person_id")


def by_person(rows: ibis.Table, people: ibis.Table | None) -> ibis.Table:
    """Rows with the person's id in the place of the customer's."""
    if people is None:
        return rows
    named = people.select(whose="customer_id", person_id="person_id")
    joined = rows.left_join(named, rows.customer_id == named.whose)
    return joined.mutate(customer_id=ibis.coalesce(joined.person_id, joined.customer_id)).select(rows.columns)


def refused_people(refused: ibis.Table, tables: Mapping[str, ibis.Table], window: Window) -> ibis.Table:
    """Who must not be profiled, once one of their customers (customer_id) says so: customers and persons.

    Whom they are one person with is read from the links known now as well as from those known at the cutoff.
    """
    now = persons(tables, None)
    if now is None:
        return refused
    wishes = by_person(refused, now).distinct()
    members = now.semi_join(wishes, now.person_id == wishes.customer_id).select("customer_id")
    everybody = refused.union(wishes).union(members).distinct()
    return everybody.union(by_person(everybody, persons(tables, window))).distinct()


def one_row_each(rows: ibis.Table, people: ibis.Table, value: str, order: tuple[str, ...]) -> ibis.Table:
    """Of every person's customers the row last known (`order`) that has a `value`; any, where none has one."""
    named = by_person(rows.mutate(own_id=rows.customer_id), people)
    by = [named[value].isnull(), *(ibis.desc(name) for name in order), "own_id"]
    return named.filter(ibis.row_number().over(group_by="customer_id", order_by=by) == 0).drop("own_id")
