"""A service that cannot start says why in one line, and exits with 1."""

import os
import socket
from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app import embedded
from app.cli.session import build_views
from tests.conftest import MASTER_KEY
from tests.databases import administer
from tests.faults.processes import Installation, foreign

OTHER_KEY = bytes(32)


def refusal(folder: Path, url: URL | None = None, key: bytes | None = MASTER_KEY, **settings: str) -> str:
    """The one line with which `conveyor serve` ends."""
    given = settings
    if url is not None:
        given |= {"DATABASE_URL": foreign(url)}
    if key is not None:
        given |= {"CONVEYOR_MASTER_KEY": b64encode(key).decode()}
    ended = Installation(folder, given).run("serve")
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    assert ended.stderr.startswith("conveyor: ")
    assert ended.stderr.count("\n") == 1
    return ended.stderr.removeprefix("conveyor: ").strip()


async def test_wrong_master_key(database_url: URL, engine: AsyncEngine, tmp_path: Path) -> None:
    await build_views(engine, MASTER_KEY)
    assert refusal(tmp_path, database_url, OTHER_KEY).startswith("wrong master key")


def test_wrong_master_key_of_the_embedded_database(installation: Installation) -> None:
    installation.done("migrate")
    assert refusal(installation.folder, key=OTHER_KEY).startswith("wrong master key")
    assert not (installation.folder / "postgres" / "postmaster.pid").exists()


def test_nobody_listens_there(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = URL.create("postgresql", "conveyor", host="127.0.0.1", port=bound.getsockname()[1], database="conveyor")
        said = refusal(tmp_path, url)
    assert said.startswith(f"cannot work with the database conveyor at 127.0.0.1:{url.port}: ")
    assert "refused" in said


def test_somebody_listens_there_who_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = URL.create("postgresql", "conveyor", "secret", "127.0.0.1", port, "conveyor")
        said = refusal(tmp_path, url)
    assert said == f"cannot work with the database conveyor at 127.0.0.1:{port}: no answer within 10 s"


def test_wrong_password(tmp_path: Path) -> None:
    url = embedded.start(tmp_path)
    try:
        administer(url, "CREATE ROLE guest LOGIN PASSWORD 'right'")
        rules = tmp_path / embedded.FOLDER / "pg_hba.conf"
        rules.write_text("local all guest scram-sha-256\n" + rules.read_text())
        administer(url, "SELECT pg_reload_conf()")
        said = refusal(tmp_path, url.set(username="guest", password="wrong"))
    finally:
        embedded.stop(tmp_path)
    assert said.endswith(': password authentication failed for user "guest"')


def test_no_such_database(server_url: URL, tmp_path: Path) -> None:
    said = refusal(tmp_path, server_url.set(database="conveyor_missing"))
    assert said.startswith("cannot work with the database conveyor_missing at ")
    assert said.endswith(': database "conveyor_missing" does not exist')


async def test_newer_schema(database_url: URL, engine: AsyncEngine, tmp_path: Path) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "9999, which is newer" in refusal(tmp_path, database_url)


def test_older_schema(database_url: URL, tmp_path: Path) -> None:
    administer(database_url, "DELETE FROM alembic_version")
    said = refusal(tmp_path, database_url)
    assert "schema none" in said
    assert "`conveyor migrate`" in said


@pytest.mark.usefixtures("no_views")
def test_views_of_another_release(database_url: URL, tmp_path: Path) -> None:
    assert "`conveyor migrate`" in refusal(tmp_path, database_url)


def test_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path, CONVEYOR_PORT=str(port))
    assert said.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")
    assert list(tmp_path.iterdir()) == []


def test_no_data_folder_can_be_made_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    assert str(folder) in refusal(folder, key=None)
    assert str(folder) in refusal(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_data_folder_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert str(tmp_path) in refusal(tmp_path, key=None)
