"""The service's log: a JSON object a line, without personal data, in files that are rotated and thrown away."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Any

# What is said of a published version that can't be read; the server looks out for it.
REFUSED = "version refused"

# What every record has; the rest is what the caller of the logger added.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
# Libraries whose messages may hold what a caller sent: of these only where and what kind.
_OUTSIDERS = ("bentoml", "uvicorn", "asyncio", "concurrent")
_FRAMES = 6


class SafeJson(logging.Formatter):
    """A record as JSON. Of an exception its class and lines of code are kept, never its message."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            "process": record.process,
        }
        if record.name.startswith("rapport"):
            entry.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info and record.exc_info[1] is not None:
            entry["error"] = type(record.exc_info[1]).__name__
            entry["where"] = lines_of(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith(_OUTSIDERS):
        # The text before the values are put in.
        return str(record.msg)
    return record.getMessage()


def lines_of(error: BaseException) -> list[str]:
    """Where an exception came from: file, line and function of the last calls."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def log_as_json() -> None:
    """Have every logger of this process write SafeJson lines to standard error; called when a worker starts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeJson())
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("rapport").setLevel(logging.INFO)


def log_file(folder: Path, days: int) -> logging.Logger:
    """The logger that the server writes its workers' lines with: service.jsonl, a file a day, kept `days` days."""
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = TimedRotatingFileHandler(
        folder / "service.jsonl", when="midnight", backupCount=days, encoding="utf-8", utc=True, delay=True
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.Logger("service", logging.INFO)
    logger.addHandler(handler)
    return logger


def line_by_line() -> logging.Logger:
    """A logger of lines that are JSON already, to standard error: for where no server keeps them in a file."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.Logger("lines", logging.INFO)
    logger.addHandler(handler)
    return logger
