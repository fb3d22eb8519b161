"""One frozen Settings from rapport.toml and the environment.

The environment wins: RAPPORT_COMPANY__TIMEZONE=Europe/Paris is `[company] timezone`. Importing this reads nothing.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from workspace.errors import SettingsError
from workspace.opening_hours import opening_hours
from workspace.sizes import bytes_of
from workspace.source import Source as Source

# Of rapport.toml; the workspace as a whole has one of its own (workspace/schema.py).
SCHEMA = 1

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


# churn_30, churn_60 and churn_90 of the tables: a fourth would be computed and never shown.
_MOST_HORIZONS = 3

# S3 and what speaks its language, Google's, Azure's; a folder, for trying.
_STORES = ("s3", "gs", "az", "file")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Company(_Section):
    """Whose calendar and money: decides day, week, month and `--as-of DATE`."""

    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    calendar: str = "CN"
    hours: dict[str, str] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is not a time zone name such as Asia/Shanghai") from error
        return name

    @field_validator("hours")
    @classmethod
    def _open_sometimes(cls, hours: dict[str, str]) -> dict[str, str]:
        for day, written in hours.items():
            if day not in WEEKDAYS:
                raise ValueError(f'"{day}" is no weekday: write one of {", ".join(WEEKDAYS)}')
            try:
                opening_hours(written)
            except ValueError as error:
                raise ValueError(f"{day}: {error}") from error
        if hours and not any(opening_hours(written) for written in hours.values()):
            raise ValueError("every day is closed: give a day's hours, or leave the section empty for always open")
        return hours

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Currency(_Section):
    """Rates into the company's currency; a currency not listed has no amount."""

    rates: dict[str, float] = Field(default_factory=dict)


class Windows(_Section):
    """Lengths in days of the observation window, of being active, and of the horizons."""

    observation_days: int = Field(default=365, ge=1)
    active_days: int = Field(default=90, ge=1)
    horizon_days: tuple[int, ...] = (30, 60, 90)

    @field_validator("horizon_days")
    @classmethod
    def _rising(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if not days or list(days) != sorted(set(days)) or days[0] < 1:
            raise ValueError("must be rising whole days such as [30, 60, 90]")
        if len(days) > _MOST_HORIZONS:
            raise ValueError(
                f"has {len(days)} horizons; lists and tables have three columns of risks, so name three at most"
            )
        return days


class Costs(_Section):
    """What an offer to stay costs, what a customer kept brings over the horizon, and how often one is kept."""

    offer: float = Field(gt=0)
    margin: float = Field(gt=0)
    save_rate: float = Field(gt=0, le=1)


class Churn(_Section):
    """What churn is told by: no contact or order, no order, or the date of leaving; what risk bands follow from."""

    event: Literal["interactions", "orders", "left_at"] = "interactions"
    costs: Costs | None = None


class SegmentFilter(_Section):
    """A segment by rule: customers who meet every condition, each `FEATURE OP VALUE`; its names."""

    where: tuple[str, ...] = Field(min_length=1)
    name_en: str | None = None
    name_zh: str | None = None


class Segments(_Section):
    """How many KMeans segments there are, chosen from the data unless given; segments by filter, by their ids."""

    count: int | None = Field(default=None, ge=2, le=20)
    filters: dict[str, SegmentFilter] = Field(default_factory=dict)

    @field_validator("filters")
    @classmethod
    def _own_ids(cls, filters: dict[str, SegmentFilter]) -> dict[str, SegmentFilter]:
        for segment in filters:
            if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", segment) or re.match(
                r"(s\d+|rfm_.*|dormant|one_time|everyone)$", segment
            ):
                raise ValueError(
                    f"\"{segment}\" can't be a filter's id: lower-case letters, digits and _, not like s1, rfm_..., "
                    "dormant, one_time or everyone, which other segments have"
                )
        return filters


# Of one request: what is larger is refused.
LARGEST_BODY = 2_000_000


class Limits(_Section):
    """What the engine may use: memory and disk of a command, memory of each of a service worker's two engines."""

    memory: str = "4GB"
    temp_disk: str = "20GB"
    answer_memory: str = "1GB"

    @field_validator("memory", "temp_disk", "answer_memory")
    @classmethod
    def _size(cls, written: str, info: ValidationInfo) -> str:
        if bytes_of(written) == 0 and info.field_name != "temp_disk":
            raise ValueError(f'"{written}" leaves no memory. Give the engine some, such as "4GB"')
        return written


class Serving(_Section):
    """How often one key may ask in a second, and how many requests, with bodies of how much together, each worker
    answers at once; beyond that: 429."""

    requests_per_second: float = Field(default=10_000, gt=0, le=1e9)
    requests_at_once: int = Field(default=256, ge=1)
    bodies_at_once: str = "32MB"

    @field_validator("bodies_at_once")
    @classmethod
    def _size(cls, written: str) -> str:
        if bytes_of(written) < LARGEST_BODY:
            raise ValueError(
                f'"{written}" has no room for one body of {LARGEST_BODY:,} bytes. Give it more, such as "32MB"'
            )
        return written


class Engine(_Section):
    """What computes features and volume: DuckDB in this process, or Spark at a master address (docs/spark.md)."""

    name: Literal["duckdb", "spark"] = "duckdb"
    master: str = Field(default="local[*]", pattern=r"^(local(\[.+\])?|yarn|(spark|k8s)://.+)$")
    options: dict[str, str] = Field(default_factory=dict)


class Keep(_Section):
    scores_days: int = Field(default=400, ge=1)
    logs_days: int = Field(default=30, ge=1)
    # How long whoever reads may hold what was replaced: erased bytes go after it.
    lease_seconds: float = Field(default=600, ge=0, le=600)


class StateSettings(_Section):
    """Where keys, journal, audit log and records lie: state.db, or PostgreSQL by an address in the environment."""

    url_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")


class LakeSettings(_Section):
    """Where the lake's truth lies beside the folder lake/: an object store's address, without any credentials."""

    url: str | None = None
    single_writer: bool = False

    @field_validator("url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        found = urlsplit(url)
        if found.scheme not in _STORES:
            raise ValueError(
                f"must begin with one of {', '.join(f'{one}://' for one in _STORES)}, not {found.scheme!r}"
            )
        if found.username or found.password or found.query or found.fragment:
            raise ValueError("must hold no credentials or options: those come from the environment (docs/operation.md)")
        if not (found.path.strip("/") if found.scheme == "file" else found.netloc):
            raise ValueError("names no place: write such as s3://bucket/acme")
        return url.rstrip("/")


class Identity(_Section):
    """Customers that are one person: addresses, domains and phone numbers that say nothing; the largest group."""

    enabled: bool = True
    blacklist: tuple[str, ...] = ()
    max_group_size: int = Field(default=10, ge=2, le=100)


class Settings(BaseSettings):
    """Everything a workspace can set, with its folder."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="RAPPORT_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    folder: Path
    schema_: int = Field(SCHEMA, alias="schema")
    company: Company = Company()
    currency: Currency = Currency()
    windows: Windows = Windows()
    churn: Churn = Churn()
    segments: Segments = Segments()
    limits: Limits = Limits()
    serving: Serving = Serving()
    engine: Engine = Engine()
    keep: Keep = Keep()
    identity: Identity = Identity()
    state: StateSettings = StateSettings()
    lake: LakeSettings = LakeSettings()
    sources: dict[str, Source] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before rapport.toml; no .env file is looked for."""
        return env_settings, init_settings


def load(folder: Path) -> Settings:
    """Read `folder`/rapport.toml (optional) and the environment.

    Raises SettingsError naming the file, the setting and what is wrong with it.
    """
    file = folder / "rapport.toml"
    written: dict[str, Any] = {}
    if file.is_file():
        try:
            written = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} is not valid TOML: {error}. Correct the line it names.") from error
    try:
        return Settings(**{**written, "folder": folder.resolve()})
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise SettingsError(
            f"{file}: setting `{name}`: {problem['msg']}. See the comments that `rapport init` writes."
        ) from error
