"""What is left out can't be imported, what is left empty holds nothing, and what looks for them goes on without."""

import subprocess
import sys

import lightgbm as lgb
import numpy as np


def test_lightgbm_and_arrow_do_without_pandas_and_scikit_learn() -> None:
    code = """
from serving.left_out import leave_out
leave_out("pandas", "sklearn")
import sys
import lightgbm, numpy
import pyarrow as pa
assert not {"pandas", "sklearn"} & set(sys.modules)
assert pa.array(numpy.array([1.0, numpy.nan]), from_pandas=True).to_pylist() == [1.0, None]
try:
    import pandas
except ModuleNotFoundError as error:
    print(error.name)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "pandas\n"


def test_lightgbm_predicts_and_explains_alike_with_an_empty_scipy_sparse() -> None:
    code = """
import sys
if sys.argv[1] == "empty":
    from serving.left_out import leave_empty
    leave_empty("scipy.sparse", "spmatrix", "csr_matrix", "csc_matrix")
import lightgbm, numpy
model = sys.stdin.read()
rows = numpy.random.default_rng(5).random((50, 3))
rows[::7, 1] = numpy.nan
booster = lightgbm.Booster(model_str=model)
found = [booster.predict(rows, raw_score=True), booster.predict(rows, pred_contrib=True)]
print([numpy.asarray(one).tobytes().hex() for one in found], "scipy.sparse._csr" in sys.modules)
"""
    draw = np.random.default_rng(3)
    inputs = draw.random((400, 3))
    trained = lgb.train({"verbose": -1, "num_threads": 1}, lgb.Dataset(inputs, inputs[:, 0] > inputs[:, 1]), 10)

    def said(scipy: str) -> str:
        command = [sys.executable, "-c", code, scipy]
        given = trained.model_to_string()
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout

    assert said("empty") == said("whole").replace("True", "False")
