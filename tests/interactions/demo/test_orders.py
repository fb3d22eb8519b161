"""Orders: lines that belong together, exact amounts, dollars at the stated rate."""

from decimal import Decimal

import pandas as pd

from interactions.demo.company import Company
from interactions.demo.orders import RATES


def test_lines_of_an_order_agree(company: Company) -> None:
    orders = company.tables["orders"].to_pandas()
    per_order = orders.groupby("order_id")[["customer_id", "ordered_at", "currency", "status", "payment_method"]]
    assert (per_order.nunique() == 1).all(axis=None)
    assert 1.2 < len(orders) / orders["order_id"].nunique() < 2


def test_amounts_are_whole_cents_of_their_own_currency(company: Company) -> None:
    orders = company.tables["orders"].to_pandas()
    dollars = orders[orders["currency"] == "USD"]
    assert len(dollars) > 50
    rate = Decimal(str(RATES["USD"]))
    for amount, quantity in zip(dollars["amount"], dollars["quantity"], strict=True):
        price = amount / rate / quantity
        assert price == round(price, 2)
    yuan = orders[orders["currency"] == "CNY"]
    assert all(
        amount / quantity == round(amount / quantity, 2)
        for amount, quantity in zip(yuan["amount"], yuan["quantity"], strict=True)
    )


def test_only_customers_abroad_pay_in_dollars(company: Company) -> None:
    country = company.tables["customers"].to_pandas().set_index("customer_id")["country"]
    orders = company.tables["orders"].to_pandas()
    assert (orders["customer_id"].map(country)[orders["currency"] == "USD"] != "中国").all()


def test_segments_spend_differently(company: Company) -> None:
    orders = company.tables["orders"].to_pandas()
    segment = company.truth["customers"].to_pandas().set_index("customer_id")["segment"]
    totals = orders.astype({"amount": float}).groupby(["customer_id", "order_id"])["amount"].sum().reset_index()
    medians: pd.Series = totals.groupby(totals["customer_id"].map(segment))["amount"].median()
    assert medians[2] > 5 * medians[0]
    assert medians[0] > 2 * medians[1]
