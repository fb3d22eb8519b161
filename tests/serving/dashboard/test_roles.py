"""A page shows its visitor what the visitor's role may see, and links to nothing else."""

import html
import re

import pytest

from serving.answers import churn

LISTS = ("/", "/churn", "/segments")


def links(text, start):
    return set(re.findall(rf'href="({start}[^"]*)"', text))


def test_sales_see_their_own_customers_alone(page, snapshot, callers, owner):
    text = html.unescape(page("/churn", role="sales"))
    theirs = churn.at_risk(snapshot, callers["sales"], limit=1000)
    assert theirs["total"] < churn.at_risk(snapshot, callers["admin"], limit=1)["total"]
    shown = {link.rpartition("/")[2] for link in links(text, "/customers/")}
    assert shown == {row["customer_id"] for row in theirs["customers"][:50]}
    assert f"You see the customers of {owner} only." in text
    assert '<select name="owner">' not in text


def test_a_foreign_customer_looks_like_a_missing_one(page, snapshot, callers, owner):
    rows = churn.at_risk(snapshot, callers["admin"], limit=1000)["customers"]
    foreign = next(row["customer_id"] for row in rows if row["owner"] != owner)
    there = page(f"/customers/{foreign}", role="sales", status=404)
    missing = page("/customers/nobody", role="sales", status=404)
    assert there.replace(foreign, "") == missing.replace("nobody", "")


def test_sales_figures_are_of_their_own_customers(page):
    everyone, own = page("/statistics?metric=contacts"), page("/statistics?metric=contacts", role="sales")
    figures = [re.search(r'<p class="big">([\d,]+)</p>', text)[1] for text in (everyone, own)]
    assert int(figures[0].replace(",", "")) > int(figures[1].replace(",", ""))


@pytest.mark.parametrize("path", LISTS)
def test_marketing_is_not_led_to_customers(page, path):
    assert not links(page(path, role="marketing"), "/customers/")
    assert links(page("/churn", role="admin"), "/customers/")


def test_marketing_may_not_open_a_customer(page, someone):
    page(f"/customers/{someone}", role="marketing", status=403)


@pytest.mark.parametrize("path", LISTS)
def test_an_analyst_sees_pseudonyms(page, snapshot, path):
    text = html.unescape(page(path, role="analyst"))
    names = [name for name in snapshot.tables["customers"]["name"].to_pylist() if name]
    assert not [name for name in names if f">{name}<" in text]
    assert "You see pseudonyms" in text


def test_an_analyst_reads_a_customer_without_name_or_messages(page, snapshot, callers):
    label = churn.at_risk(snapshot, callers["analyst"], limit=1)["customers"][0]["customer_id"]
    text = html.unescape(page(f"/customers/{label}", role="analyst"))
    key = callers["analyst"].person_behind(label, snapshot.version, snapshot.tables["customers"]["customer_id"])
    profile = snapshot.row("customers", key)
    said = [row["content"] for row in snapshot.rows("interactions", key).to_pylist() if row["content"]]
    hidden = [value for value in (profile["name"], profile["email"], profile["phone"], key, *said) if value]
    assert not [value for value in hidden if value in text]


def test_nobody_without_a_key(client):
    response = client.get("/")
    assert (response.status_code, response.headers["location"]) == (302, "/sign-in")
