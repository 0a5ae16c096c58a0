"""Settings: every bad value is named, and the master key is made once and kept."""

import os
import stat
from base64 import b64encode
from pathlib import Path

import pytest

from app.settings import SettingsError, read_settings

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CONVEYOR_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h:5433/d", "postgresql+asyncpg://u:p@h:5433/d"),
        ("postgresql://u:p%40@h/d", "postgresql+asyncpg://u:p%40@h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
    ],
)
def test_the_usual_spellings_of_a_database_url_are_taken(
    monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert read_settings().database_url == used


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_ALLOWED_ORIGINS", "https://crm.example, http://localhost:5173,")
    assert read_settings().allowed_origins == ("https://crm.example", "http://localhost:5173")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("CONVEYOR_PORT", "http", "valid integer"),
        ("CONVEYOR_PORT", "70000", "65535"),
        ("CONVEYOR_MASTER_KEY", "not base64!", "base64"),
        ("CONVEYOR_MASTER_KEY", "eA==", "got 1"),
        ("CONVEYOR_POOL_SIZE", "0", "greater than"),
        ("CONVEYOR_QUEUED_COMMANDS", "0", "greater than"),
        ("CONVEYOR_LANGUAGE", "de", "'en'"),
        ("CONVEYOR_DEFAULT_REGION", "ZZ", "two letters of a country"),
        ("DATABASE_URL", "mysql://h/d", "only PostgreSQL"),
        ("DATABASE_URL", "postgresql://h", "no database"),
        ("DATABASE_URL", "postgresql://h/d?application_name=sales", "unknown parameter application_name"),
        ("DATABASE_URL", "//", "postgresql://user"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"{name}: .*{reason}"):
        read_settings()


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_PORT", "x")
    monkeypatch.setenv("CONVEYOR_POOL_SIZE", "x")
    with pytest.raises(SettingsError, match=r"CONVEYOR_PORT: .*; CONVEYOR_POOL_SIZE: "):
        read_settings()


def test_an_error_does_not_repeat_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://user:secret@host/database")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "secret" not in str(caught.value)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONVEYOR_PORT", "CONVEYOR_DATA_DIR", "CONVEYOR_MASTER_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "")
    settings = read_settings()
    assert settings.port == 8000
    assert settings.embedded
    assert settings.data_dir.is_absolute()


def test_the_master_key_is_made_once_and_is_its_owners_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVEYOR_DATA_DIR", str(tmp_path / "new"))
    key = read_settings().key()
    assert len(key) == 32
    assert read_settings().key() == key
    kept = tmp_path / "new" / "master.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [kept] == list(kept.parent.iterdir())


@pytest.mark.parametrize("content", ["", "eA==", "???"])
def test_a_damaged_key_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str) -> None:
    monkeypatch.setenv("CONVEYOR_DATA_DIR", str(tmp_path))
    (tmp_path / "master.key").write_text(content)
    with pytest.raises(SettingsError, match=r"master\.key"):
        read_settings().key()


def test_the_key_from_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVEYOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CONVEYOR_MASTER_KEY", b64encode(KEY).decode())
    assert read_settings().key() == KEY
    assert not list(tmp_path.iterdir())


def test_a_foreign_database_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/d")
    with pytest.raises(SettingsError, match="CONVEYOR_MASTER_KEY: required"):
        read_settings().key()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_MASTER_KEY", b64encode(KEY).decode())
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@h/d")
    shown = repr(read_settings())
    assert "secret" not in shown
    assert repr(KEY) not in shown
