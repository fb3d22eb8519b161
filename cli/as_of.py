"""`--as-of DATE`: the moment that day begins in the company's time zone."""

from datetime import UTC, date, datetime

from workspace.errors import SettingsError
from workspace.settings import Company


def cutoff_of(text: str | None, company: Company) -> datetime | None:
    """The cutoff in UTC for `2026-10-01` or an ISO time; None stays None. Raises SettingsError for anything else."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-10-01"):
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=company.zone)
        else:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=company.zone) if moment.tzinfo is None else moment
    except ValueError as error:
        raise SettingsError(f"--as-of {text} is not a date. Write it as 2026-10-01, or 2026-10-01T09:30.") from error
    return moment.astimezone(UTC)
