"""Every notebook runs from top to bottom on the demo's workspace, draws its pictures and leaves the champion alone."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from training import promotion, tracking
from workspace.folder import open_workspace

FOLDER = Path(__file__).parents[2] / "notebooks"
KINDS = {"02_segment_customers": "segments", "03_predict_churn": "churn", "04_forecast_volume": "volume"}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_notebook_runs(name: str, demo_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "workspace"
    shutil.copytree(demo_workspace, folder, ignore=shutil.ignore_patterns("state.db-*"))
    workspace = open_workspace(folder)
    kind = KINDS[name]
    champion = promotion.champion(workspace, kind)
    challenger = tracking.alias(workspace, kind, "challenger")

    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    monkeypatch.setenv("RAPPORT_WORKSPACE", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()

    pictures = [
        output.data["image/png"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 2
    assert all(len(picture) > 10_000 for picture in pictures)
    assert promotion.champion(workspace, kind) == champion
    assert tracking.alias(workspace, kind, "challenger") != challenger


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.ipynb")), ids=lambda file: file.stem)
def test_a_notebook_is_committed_without_output_and_without_logic(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    words = {word for cell in code for word in cell.source.split()}
    assert not words & {"def", "class", "for", "while", "lambda"}
