"""Surveys: some answer, on the scale, and unhappy customers say so."""

import pandas as pd

from interactions.demo.company import Company
from interactions.demo.surveys import TOPICS


def test_answers_are_on_the_scale(company: Company) -> None:
    surveys = company.tables["surveys"].to_pandas()
    assert set(surveys["topic"]) == set(TOPICS)
    assert surveys["importance"].between(1, 5).all()
    assert surveys["satisfaction"].between(1, 5).all()
    assert surveys.groupby(["customer_id", "answered_at", "topic"]).size().max() == 1


def test_service_scores_follow_how_people_were_served(company: Company, contacts: pd.DataFrame) -> None:
    surveys = company.tables["surveys"].to_pandas()
    mean_rating = contacts.groupby("customer_id")["satisfaction"].mean()
    service = surveys[surveys["topic"] == "service"].assign(rating=lambda rows: rows["customer_id"].map(mean_rating))
    unhappy, happy = service[service["rating"] < 3.3], service[service["rating"] >= 4]
    assert min(len(unhappy), len(happy)) > 20
    assert unhappy["satisfaction"].mean() < happy["satisfaction"].mean() - 0.4
