"""The classifier that knows the parameters is the ceiling: mostly right, never told the answer."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score

from interactions.demo.classifier import true_parameter_classifier
from interactions.demo.company import Company, simulate


def test_it_is_mostly_right_but_segments_overlap(company: Company) -> None:
    found = true_parameter_classifier(company)
    planted = company.truth["customers"]["segment"].to_numpy()
    assert found.shape == planted.shape
    assert 0.9 < (found == planted).mean() < 0.99
    assert adjusted_rand_score(planted, found) > 0.75


def test_it_never_looks_at_the_planted_segment(company: Company) -> None:
    truth = company.truth["customers"]
    column = truth.column_names.index("segment")
    blind = truth.set_column(column, "segment", pa.array(np.zeros(len(truth), dtype=np.int64)))
    blinded = replace(company, truth={**company.truth, "customers": blind})
    assert (true_parameter_classifier(blinded) == true_parameter_classifier(company)).all()


def test_the_more_segments_overlap_the_less_even_it_can_tell() -> None:
    found = []
    for overlap in (1.0, 2.0):
        company = simulate(customers=800, days=365, seed=3, overlap=overlap)
        planted = company.truth["customers"]["segment"].to_numpy()
        found.append(adjusted_rand_score(planted, true_parameter_classifier(company)))
    assert found[1] < 0.8 * found[0]


def test_what_it_does_not_see_it_does_not_use(company: Company) -> None:
    planted = company.truth["customers"]["segment"].to_numpy()
    blind = true_parameter_classifier(company, unseen=("channels", "contacts", "amounts"))
    assert (blind == planted).mean() < (true_parameter_classifier(company) == planted).mean() - 0.05
    with pytest.raises(ValueError, match="unseen names some of"):
        true_parameter_classifier(company, unseen=("shoes",))
