"""The classifier that knows the parameters is the ceiling: mostly right, never told the answer."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score

from interactions.demo.classifier import true_parameter_classifier
from interactions.demo.company import Company


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
