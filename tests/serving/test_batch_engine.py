"""How much memory publish gives its engine."""

from serving.batch_engine import SHARE, batch_engine
from workspace.folder import Workspace, open_workspace


def test_the_engine_leaves_room_for_the_rest_of_the_process(own_workspace: Workspace) -> None:
    (own_workspace.folder / "rapport.toml").write_text('schema = 1\n[limits]\nmemory = "800MB"\ntemp_disk = "1GB"\n')
    with batch_engine(open_workspace(own_workspace.folder)) as backend:
        ((memory, disk),) = backend.con.execute(
            "SELECT parse_formatted_bytes(current_setting('memory_limit')), "
            "parse_formatted_bytes(current_setting('max_temp_directory_size'))"
        ).fetchall()
    # What DuckDB tells is rounded to a tenth of a MiB.
    assert abs(memory - SHARE * 800e6) < 2**20
    assert abs(disk - 1e9) < 2**27
