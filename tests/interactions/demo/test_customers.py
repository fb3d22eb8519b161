"""Customers: real cities, invented people, gaps where a CRM has gaps."""

from interactions.demo.company import Company
from interactions.demo.places import CITIES, REPS


def test_cities_have_their_coordinates_and_teams(company: Company) -> None:
    customers = company.tables["customers"].to_pandas()
    cities = {city.name: city for city in CITIES}
    teams = {rep.name: rep.team for rep in REPS}
    for row in customers.head(300).itertuples():
        city = cities[row.city]
        assert (row.region, row.country, row.latitude, row.longitude) == (
            city.region, city.country, city.latitude, city.longitude
        )  # fmt: skip
        assert teams[row.owner] == city.team
    assert customers["owner"].nunique() == len(REPS) == 12


def test_what_a_crm_does_not_know_is_null(company: Company) -> None:
    customers = company.tables["customers"].to_pandas()
    for column in ("email", "phone", "gender", "birth_year", "income"):
        assert 0 < customers[column].isna().mean() < 0.2, column
    assert customers["marketing_consent"].mean() < 0.95
    assert 0 < customers["do_not_profile"].sum() < 60


def test_nobody_can_be_reached_by_an_invented_address(company: Company) -> None:
    hosts = company.tables["customers"].to_pandas()["email"].dropna().str.split("@").str[1]
    assert set(hosts) <= {"example.com", "example.org", "mail.example.net", "example.cn"}
    assert company.tables["customers"].to_pandas()["email"].dropna().is_unique
