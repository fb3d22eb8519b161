import numpy as np
import pyarrow as pa

from interactions.cleaning.identity_emails import Value
from interactions.cleaning.identity_slips import namesakes, near_pairs


def test_namesakes_have_one_name_and_year_of_birth() -> None:
    names = ["Ann Lee", "LEE, Ann", "Ann Lee", "Ann", None, "王伟", "王伟 ", "Ann Lee"]
    births = [1980, 1980, 1981, 1980, 1980, 1980, 1980, None]
    found = namesakes(pa.table({"name": names, "birth_year": pa.array(births, pa.int64())})).tolist()
    assert found[0] == found[1] != found[2]
    assert found[5] == found[6] not in (found[0], -1)
    assert found[3] == found[4] == found[7] == -1


def test_pairs_are_of_two_customers_with_values_of_their_own() -> None:
    values = [Value("ann@163.com", False), Value("anm@163.com", False), Value("info@163.com", True)]
    block, who = np.array([7, 7, 7, 7, 9]), np.array([0, 1, 1, 2, 3])
    at, value = np.array([5, 6, 7, 8, 9]), np.array([0, 1, 0, 2, 1])
    found = list(near_pairs(block, who, at, (values, value), {1: 100}))
    assert found == [(0, 1, 6, 100)]
