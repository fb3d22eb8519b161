"""Leaving has its reasons and its signs: bad service before, slowing down, complaints, then silence."""

import numpy as np
import pandas as pd

from interactions.demo.company import Company


def _days_before(contacts: pd.DataFrame) -> pd.Series:
    return (contacts["left_at_true"] - contacts["occurred_at"]) / pd.Timedelta(days=1)


def _long_lived(company: Company, contacts: pd.DataFrame) -> pd.DataFrame:
    """Contacts of leavers who were there for 150 days or more within the simulation."""
    customers = company.tables["customers"].to_pandas()[["customer_id", "joined_at"]]
    rows = contacts[contacts["left_at_true"].notna()].merge(customers, on="customer_id")
    begun = rows["joined_at"].clip(lower=rows["occurred_at"].min())
    return rows[rows["left_at_true"] - begun > pd.Timedelta(days=150)]


def test_leavers_slow_down_before_they_leave(company: Company, contacts: pd.DataFrame) -> None:
    days = _days_before(_long_lived(company, contacts))
    last_weeks = ((days >= 0) & (days < 14)).sum() / 14
    before = ((days >= 60) & (days < 150)).sum() / 90
    assert last_weeks < 0.6 * before


def test_leavers_complain_more_at_the_end(company: Company, contacts: pd.DataFrame) -> None:
    rows = _long_lived(company, contacts)
    days = _days_before(rows)
    complaint = rows["kind"] == "complaint"
    assert complaint[days < 45].mean() > 1.4 * complaint[days > 90].mean()


def test_bad_service_makes_people_leave(contacts: pd.DataFrame) -> None:
    """Of identified contacts early enough to see what follows, those given up or never answered are followed by more
    leaving within 60 days."""
    early = contacts[contacts["customer_id"].notna() & (contacts["occurred_at"] < "2026-08-01")]
    leaves = (early["left_at_true"] - early["occurred_at"]) < pd.Timedelta(days=60)
    bad = (early["outcome"] == "abandoned") | early["responded_at"].isna()
    assert leaves[bad].mean() > 1.6 * leaves[~bad].mean()


def test_the_true_hazard_foretells_leaving(company: Company) -> None:
    hazard = company.truth["hazard"].to_pandas()
    hazard = hazard[~hazard["fading"] & (pd.to_datetime(hazard["local_day"]) < "2026-07-01")]
    left = company.truth["customers"].to_pandas().set_index("customer_id")["left_at_true"]
    at = pd.to_datetime(hazard["local_day"]).dt.tz_localize(company.timezone)
    leaves = (hazard["customer_id"].map(left) - at) < pd.Timedelta(days=60)
    high = hazard["hazard"] > hazard["hazard"].quantile(0.9)
    assert leaves[high].mean() > 3 * leaves[~high].mean()


def test_a_slow_team_has_slow_answers(company: Company, contacts: pd.DataFrame) -> None:
    owner = company.tables["customers"].to_pandas().set_index("customer_id")["owner"]
    mails = contacts[contacts["channel"].isin(["email", "web"]) & contacts["responded_at"].notna()]
    minutes = (mails["responded_at"] - mails["occurred_at"]) / pd.Timedelta(minutes=1)
    by_owner = minutes.groupby(mails["customer_id"].map(owner)).median()
    assert by_owner.idxmax() == "林浩然"


def test_active_customers_churn_at_a_useful_rate(company: Company, contacts: pd.DataFrame) -> None:
    """Of customers with an event in 90 days, a tenth to a quarter has none in the 90 that follow."""
    orders = company.tables["orders"].to_pandas().rename(columns={"ordered_at": "occurred_at"})
    events = pd.concat([contacts[["customer_id", "occurred_at"]], orders[["customer_id", "occurred_at"]]]).dropna()
    cutoff, quarter = pd.Timestamp("2026-11-01", tz=company.timezone) - pd.Timedelta(days=90), pd.Timedelta(days=90)
    active = set(events[events["occurred_at"].between(cutoff - quarter, cutoff, inclusive="left")]["customer_id"])
    stayed = set(events[events["occurred_at"] >= cutoff]["customer_id"])
    assert len(active) > 500
    assert 0.09 < 1 - len(active & stayed) / len(active) < 0.26


def test_machines_and_campaigns_outlive_customers(company: Company) -> None:
    rows = company.tables["interactions"].to_pandas()
    sent = rows[rows["direction"] == "outbound"]
    left = company.truth["customers"].to_pandas().set_index("customer_id")["left_at_true"]
    after = sent["occurred_at"] > sent["customer_id"].map(left)
    assert after[sent["kind"] == "campaign"].sum() > 300
    assert after[sent["kind"] == "check_in"].sum() > 30
    assert sent["is_automated"][sent["kind"].isin(["campaign", "auto_reply"])].all()
    assert not rows["is_automated"][rows["direction"] != "outbound"].any()
    consent = company.tables["customers"].to_pandas().set_index("customer_id")["marketing_consent"]
    assert sent["customer_id"].map(consent)[sent["kind"] == "campaign"].all()


def test_customers_keep_joining(company: Company) -> None:
    joined = company.tables["customers"]["joined_at"].to_pandas().dt.tz_convert(company.timezone)
    before = (joined < pd.Timestamp("2024-11-01", tz=company.timezone)).mean()
    assert 0.25 < before < 0.35
    halves = np.histogram((joined - pd.Timestamp("2024-11-01", tz=company.timezone)).dt.days, [0, 365, 730])[0]
    assert halves[1] > 1.1 * halves[0]
