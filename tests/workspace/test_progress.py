from inspect import signature

import pytest

from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from serving.publish import publish
from training.score import score
from training.train import train
from workspace.progress import Progress, silent


@pytest.mark.parametrize("stage", [collect, clean, train, score, publish])
def test_every_stage_takes_the_same_progress_and_is_silent_by_default(stage: object) -> None:
    assert callable(stage)
    parameter = signature(stage, eval_str=True).parameters["progress"]
    assert parameter.annotation == Progress
    assert parameter.default is silent
