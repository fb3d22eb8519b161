"""Run by the kill tests in a process of its own: the whole road from a company's files to clean tables, twice.

The second pass collects under a changed mapping, so that what came from one source is rebuilt. Says "ready" once
everything is imported: kills before that would hit nothing.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from workspace.folder import open_workspace


def main(folder: Path, plan: Path) -> None:
    print("ready", flush=True)  # noqa: T201 -- the killer waits for this line
    workspace = open_workspace(folder)
    for moment, collections in json.loads(plan.read_text(encoding="utf-8")):
        with workspace.lock("kill test"):
            for paths, table, mapping in collections:
                files = [Path(path) for path in paths]
                collect(workspace, files, table, Path(mapping), collected_at=datetime.fromisoformat(moment))
            clean(workspace)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
