from serving.dashboard import memory


def test_a_figure_is_made_once_a_key(monkeypatch):
    monkeypatch.setattr(memory, "_kept", memory.OrderedDict())
    made = []

    def make():
        made.append(1)
        return len(made)

    assert [memory.remembered(("a", "version 1"), make) for _ in range(3)] == [1, 1, 1]
    assert memory.remembered(("a", "version 2"), make) == 2


def test_the_least_recently_used_go_first(monkeypatch):
    monkeypatch.setattr(memory, "_kept", memory.OrderedDict())
    monkeypatch.setattr(memory, "_MOST", 2)
    for key in ("a", "b", "a", "c"):
        memory.remembered(key, lambda key=key: key)
    assert list(memory._kept) == ["a", "c"]


def test_nothing_is_shared_between_reps(visit):
    assert visit("sales").scope != visit("admin").scope
    assert visit("admin", "en").scope != visit("admin", "zh").scope
