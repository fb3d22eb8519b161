"""`python -m serving.bento FOLDER`: the service as a Bento file, built without asking the network for anything.

It holds the rooms and the lock file, no data: the workspace is named by RAPPORT_WORKSPACE where it runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

_HOME = Path(__file__).parent.parent
_ROOMS = ("workspace", "interactions", "features", "training", "charts", "serving", "cli")
# BentoML looks for uv even where nothing is locked, and would fetch it.
_NO_UV = "#!/bin/sh\necho 'the lock file has every version already: nothing is looked up' >&2\nexit 1\n"
# BentoML adds itself without a hash, which the lock has with its own: pip takes all with hashes, or none.
_UNHASHED = re.compile(r"^bentoml==[^\s\\]+$\n?", re.MULTILINE)


def build(folder: Path) -> Path:
    """Build rapport-VERSION.bento into a folder, which is made, and return the file; the same sources, the same name.

    Raises RuntimeError with what BentoML said when it can't be built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version = _version()
    file = folder.resolve() / f"rapport-{version}.bento"
    with TemporaryDirectory(prefix="rapport-bento-") as room:
        _bentoml(Path(room), "build", "--version", version, "--output", "tag", str(_HOME))
        requirements = Path(room) / "home" / "bentos" / "rapport" / version / "env" / "python" / "requirements.txt"
        requirements.write_text(_UNHASHED.sub("", requirements.read_text(encoding="utf-8")), encoding="utf-8")
        file.unlink(missing_ok=True)
        _bentoml(Path(room), "export", f"rapport:{version}", str(file))
    return file


def _bentoml(room: Path, *arguments: str) -> None:
    """Run BentoML over a home of its own; the service is imported to be described, over an empty workspace."""
    for name in ("home", "workspace", "bin"):
        (room / name).mkdir(exist_ok=True)
    uv = room / "bin" / "uv"
    uv.write_text(_NO_UV, encoding="utf-8")
    uv.chmod(0o700)
    environment = {
        **os.environ,
        "BENTOML_HOME": str(room / "home"),
        "BENTOML_DO_NOT_TRACK": "True",
        "RAPPORT_WORKSPACE": str(room / "workspace"),
        "PATH": f"{room / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        # The rooms that are packed are those that are imported, wherever somebody stands.
        "PYTHONPATH": str(_HOME),
        "PYTHONSAFEPATH": "1",
    }
    command = [sys.executable, "-m", "bentoml", *arguments]
    done = subprocess.run(command, env=environment, cwd=_HOME, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"`bentoml {arguments[0]}` failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _version() -> str:
    """The project's version and a hash of what is packed."""
    project = tomllib.loads((_HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sha256 = hashlib.sha256((_HOME / "requirements.lock").read_bytes())
    for file in sorted(path for room in _ROOMS for path in (_HOME / room).rglob("*") if path.is_file()):
        if "__pycache__" not in file.parts:
            sha256.update(str(file.relative_to(_HOME)).encode() + file.read_bytes())
    return f"{project['version']}-{sha256.hexdigest()[:12]}"


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
