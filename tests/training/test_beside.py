from training.beside import beside_champion
from training.trained import Trained
from workspace.folder import Workspace


def test_a_challenger_stands_beside_the_champion_and_the_rules(trained: tuple[Workspace, list[Trained]]) -> None:
    metrics = {"average_precision": 0.5, "auc": 0.75}
    challenger = Trained("churn", "abc", "9", metrics, {"recency": {"auc": 0.7}})
    rows = {row["measure"]: row for row in beside_champion(trained[0], challenger).to_pylist()}
    assert rows["auc"]["challenger"] == 0.75
    assert rows["auc"]["recency"] == 0.7
    assert 0 < rows["auc"]["champion"] <= 1
    assert rows["brier"]["challenger"] is None
