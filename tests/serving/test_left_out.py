"""What is left out can't be imported, and what looks for it goes on without."""

import subprocess
import sys


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
