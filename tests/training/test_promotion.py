import pytest

from training import promotion, tracking
from training.bundle import store
from training.promotion import Comparison
from workspace.errors import BundleError, NotEnoughHistoryError
from workspace.folder import Workspace


def written(workspace: Workspace, name: str, kind: str = "churn") -> str:
    return store.write(workspace.bundles, kind, {"name": name}, {})


def registered(workspace: Workspace, bundle: str, kind: str = "churn") -> str:
    with tracking.run(workspace, kind, bundle) as run:
        run.files({"a.json": b"{}"}, ["x"], "y")
        return run.register(bundle)


def test_no_worse_is_promoted_and_worse_is_not(copied: Workspace) -> None:
    first = promotion.champion(copied, "churn")
    assert first is not None
    better, worse = written(copied, "better"), written(copied, "worse")
    promoted, why = promotion.settle(copied, "churn", worse, "7", Comparison("AUC", 0.70, 0.71, "higher"))
    assert (promoted, promotion.champion(copied, "churn")) == (False, first)
    assert why == "AUC 0.7000 against 0.7100: worse than the champion, which stays"
    promoted, why = promotion.settle(copied, "churn", better, "8", Comparison("WAPE", 0.1, 0.1, "lower"))
    assert (promoted, promotion.champion(copied, "churn")) == (True, better)
    assert "not worse" in why


def test_the_first_of_its_kind_is_promoted(copied: Workspace) -> None:
    assert promotion.champion(copied, "volume") is None
    bundle = written(copied, "first", "volume")
    assert promotion.settle(copied, "volume", bundle, "1", None) == (True, "the first model of its kind")
    assert promotion.champion(copied, "volume") == bundle
    assert promotion.settle(copied, "volume", bundle, "2", None) == (True, "the same model as the champion")


def test_aliases_follow_what_is_published(copied: Workspace) -> None:
    promotion.follow_published(copied)
    assert promotion.disagreements(copied) == []
    bundle = written(copied, "next")
    version = registered(copied, bundle)
    assert tracking.alias(copied, "churn", "challenger") == version
    promotion.settle(copied, "churn", bundle, version, None)
    assert len(promotion.disagreements(copied)) == 1
    assert promotion.follow_published(copied) == []
    assert tracking.alias(copied, "churn", "champion") == version
    assert promotion.disagreements(copied) == []


def test_a_registry_without_the_version_holds_nothing_up(copied: Workspace) -> None:
    promotion.settle(copied, "churn", written(copied, "elsewhere"), "4711", None)
    assert promotion.follow_published(copied) == ["churn"]
    assert "churn" in promotion.disagreements(copied)[0]


def test_promoted_by_number_or_alias_and_rolled_back(copied: Workspace) -> None:
    before = promotion.champion(copied, "churn")
    assert before is not None
    bundle = written(copied, "by hand")
    version = registered(copied, bundle)
    assert promotion.promote(copied, "churn", version) == bundle
    assert promotion.rollback(copied, "churn") == before == promotion.champion(copied, "churn")
    assert promotion.promote(copied, "churn", from_alias="challenger") == bundle


def test_what_can_not_be_served_is_not_promoted(copied: Workspace) -> None:
    before = promotion.champion(copied, "churn")
    with pytest.raises(BundleError, match="no churn model with version 99"):
        promotion.promote(copied, "churn", "99")
    with pytest.raises(BundleError, match="no volume model with alias challenger"):
        promotion.promote(copied, "volume", from_alias="challenger")
    bundle = written(copied, "damaged")
    version = registered(copied, bundle)
    (copied.bundles / bundle / store.MANIFEST).write_bytes(b"{}")
    with pytest.raises(BundleError, match="promises"):
        promotion.promote(copied, "churn", version)
    assert promotion.champion(copied, "churn") == before


def test_there_is_nothing_before_the_first(copied: Workspace) -> None:
    with pytest.raises(NotEnoughHistoryError, match="needs an earlier champion"):
        promotion.rollback(copied, "churn")
