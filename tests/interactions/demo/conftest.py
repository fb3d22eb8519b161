"""Companies simulated once for all tests of this folder."""

import pandas as pd
import pytest

from interactions.demo.company import Company, simulate


@pytest.fixture(scope="session")
def company() -> Company:
    return simulate(customers=1500, seed=3)


@pytest.fixture(scope="session")
def small() -> Company:
    return simulate(customers=220, days=150, seed=5)


@pytest.fixture(scope="session")
def contacts(company: Company) -> pd.DataFrame:
    """Inbound contacts with the customer's truth, and local times beside the UTC ones."""
    rows = company.tables["interactions"].to_pandas()
    rows = rows[rows["direction"] != "outbound"]
    truth = company.truth["customers"].to_pandas()[["customer_id", "segment", "left_at_true"]]
    rows = rows.merge(truth, on="customer_id", how="left")
    rows["local"] = rows["occurred_at"].dt.tz_convert(company.timezone).dt.tz_localize(None)
    return rows
