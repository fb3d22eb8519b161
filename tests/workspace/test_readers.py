import subprocess
import sys
from pathlib import Path

from workspace.readers import _MOST, _held, alone, hold

_READER = "import sys; from pathlib import Path; from workspace.readers import hold; hold(Path(sys.argv[1])); "


def test_it_is_alone_until_another_process_opens_the_workspace_and_when_that_has_gone(tmp_path: Path) -> None:
    hold(tmp_path)
    hold(tmp_path)
    assert alone(tmp_path)
    command = [sys.executable, "-c", f"{_READER}print('ready', flush=True); sys.stdin.read()", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        assert not alone(tmp_path)
        # Asking did not end its own hold, nor the other's.
        assert not alone(tmp_path)
        reader.kill()
    assert alone(tmp_path)


def test_it_holds_a_few_workspaces_and_not_hundreds(tmp_path: Path) -> None:
    for number in range(2 * _MOST):
        (tmp_path / str(number)).mkdir()
        hold(tmp_path / str(number))
    assert len(_held) == _MOST
    assert tmp_path / "0" not in _held
    assert tmp_path / str(2 * _MOST - 1) in _held
