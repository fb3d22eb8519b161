import pyarrow as pa
import pytest

from training.segment_flow import flow
from training.segmentation import train_segments


@pytest.mark.slow
def test_moves_add_up_to_the_customers(features: pa.Table) -> None:
    model = train_segments(features).model
    earlier, later = features.slice(0, 700), features.slice(50)
    found = flow(earlier, later, model)
    moves = {(move["from_id"], move["to_id"]): move["customers"] for move in found["moves"]}
    assert sum(moves.values()) == features.num_rows
    assert sum(count for (was, _), count in moves.items() if was is None) == features.num_rows - 700
    assert sum(count for (_, now), count in moves.items() if now is None) == 50
    # The same customers at the same cutoff stay where they are.
    assert all(was == now for was, now in moves if was is not None and now is not None)
    assert list(moves.values()) == sorted(moves.values(), reverse=True)
