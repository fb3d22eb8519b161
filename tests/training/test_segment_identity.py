from training.segment_identity import match


def test_a_cluster_keeps_the_id_it_overlaps_most_with() -> None:
    before = ["s1"] * 50 + ["s2"] * 30 + ["s3"] * 20
    clusters = [2] * 48 + [0] * 2 + [0] * 30 + [1] * 20
    found = match(clusters, 3, before, 4, ["s1", "s2", "s3"])
    assert found.ids == ["s2", "s3", "s1"]
    assert found.next_number == 4


def test_new_and_vanished_segments() -> None:
    before = ["s1"] * 60 + ["s2"] * 40
    # s1 fell into three equal parts: none of them is still s1.
    clusters = [0] * 17 + [1] * 17 + [2] * 17 + [3] * 9 + [4] * 40
    found = match(clusters, 5, before, 8, ["s1", "s2"])
    assert found.ids == ["s8", "s9", "s10", "s11", "s2"]
    assert found.next_number == 12


def test_one_id_is_given_once() -> None:
    found = match([0] * 50 + [1] * 50, 2, ["s1"] * 100, 2, ["s1"])
    assert sorted(found.ids) == ["s1", "s2"]


def test_the_first_segments_are_numbered() -> None:
    assert match([0, 1], 2, [], 1, []).ids == ["s1", "s2"]
