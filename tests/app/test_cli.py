"""The command line: what it prints, the exit codes, and that every failure with a name is one line."""

import logging
import os
import socket
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import URL

from app.cli import main
from app.settings import EMBEDDED_POSTGRES

KEY, OTHER_KEY = (b64encode(bytes([number]) * 32).decode() for number in (1, 2))
LEADS = "docs/tour/leads.csv"


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Conveyor = Callable[..., Outcome]


@pytest.fixture
def conveyor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Conveyor:
    """Runs a command line, in this process."""
    for name in list(os.environ):
        if name.startswith("CONVEYOR_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setattr("app.cli.server.configure_logs", logging.getLogger("conveyor").setLevel)

    def run(*arguments: str, **settings: str) -> Outcome:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["conveyor", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        if isinstance(ended.value.code, str):
            return Outcome(1, printed.out, printed.err + ended.value.code)
        return Outcome(ended.value.code or 0, printed.out, printed.err)

    return run


@pytest.fixture
def url(database_url: URL) -> str:
    """A migrated database, as a setting."""
    return database_url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def ready(conveyor: Conveyor, url: str) -> str:
    """The same, with its views."""
    outcome = conveyor("migrate", DATABASE_URL=url, CONVEYOR_MASTER_KEY=KEY)
    assert outcome.code == 0, outcome
    return url


def test_wrong_usage_exits_with_2(conveyor: Conveyor) -> None:
    assert conveyor("rebuild", "no_such_view").code == 2
    assert conveyor("import", "people", LEADS, "--mapping", "olist_leads").code == 2
    assert conveyor("token", "create").code == 2
    assert conveyor("token", "revoke", "cnv_x").code == 2


@pytest.mark.parametrize("command", [("serve",), ("migrate",), ("verify",), ("token", "create", "--employee", "x")])
def test_a_bad_setting_is_one_line(conveyor: Conveyor, command: tuple[str, ...]) -> None:
    outcome = conveyor(*command, CONVEYOR_POOL_SIZE="many")
    assert outcome.code == 1
    assert outcome.err.startswith("conveyor: CONVEYOR_POOL_SIZE: ")
    assert "\n" not in outcome.err.strip()


@pytest.mark.parametrize(
    "command", [("verify",), ("rebuild",), ("token", "list"), ("token", "revoke", str(UUID(int=1)))]
)
def test_where_no_database_was_made_there_is_nothing_to_look_at(
    conveyor: Conveyor, tmp_path: Path, command: tuple[str, ...]
) -> None:
    outcome = conveyor(*command, CONVEYOR_DATA_DIR=str(tmp_path / "other"))
    assert outcome.code == 1
    assert outcome.err.startswith(f"conveyor: there is no database in {tmp_path / 'other'}; ")
    assert not (tmp_path / "other").exists()


def test_without_an_embedded_database_a_server_has_to_be_named(
    conveyor: Conveyor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, EMBEDDED_POSTGRES, None)
    outcome = conveyor("serve", CONVEYOR_DATA_DIR=str(tmp_path))
    assert (outcome.code, outcome.err.startswith("conveyor: DATABASE_URL: required")) == (1, True)
    assert not list(tmp_path.iterdir())


def test_an_unreachable_database_is_one_line(conveyor: Conveyor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"postgresql://nobody:secret@127.0.0.1:{port}/none"
    outcome = conveyor("serve", "--port", "0", DATABASE_URL=url, CONVEYOR_MASTER_KEY=KEY)
    assert outcome.code == 1
    assert outcome.err.startswith(f"conveyor: cannot work with the database none at 127.0.0.1:{port}: ")
    assert "\n" not in outcome.err.strip()
    assert "secret" not in outcome.err


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("migrate",), ("verify",)])
def test_a_database_that_never_answers_is_one_line(
    conveyor: Conveyor, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr("app.cli.session.CONNECT_WITHIN_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://nobody:secret@127.0.0.1:{port}/none"
        outcome = conveyor(*command, DATABASE_URL=url, CONVEYOR_MASTER_KEY=KEY)
    said = f"conveyor: cannot work with the database none at 127.0.0.1:{port}: no answer within 0.5 s"
    assert (outcome.code, outcome.err.strip()) == (1, said)


def test_a_taken_port_is_one_line(conveyor: Conveyor, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        outcome = conveyor("serve", CONVEYOR_PORT=port, CONVEYOR_DATA_DIR=str(tmp_path))
    assert outcome.code == 1
    assert outcome.err.startswith(f"conveyor: cannot listen on 127.0.0.1:{port}: ")
    assert not list(tmp_path.iterdir())


def test_a_foreign_database_is_never_migrated_unasked(conveyor: Conveyor, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    outcome = conveyor("serve", "--port", "0", DATABASE_URL=url, CONVEYOR_MASTER_KEY=KEY)
    assert outcome.code == 1
    assert "`conveyor migrate`" in outcome.err
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_newer_schema_is_refused(conveyor: Conveyor, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("serve", "--port", "0"), ("migrate",)):
        outcome = conveyor(*command, DATABASE_URL=url, CONVEYOR_MASTER_KEY=KEY)
        assert outcome.code == 1
        assert "newer" in outcome.err


@pytest.mark.usefixtures("no_views")
def test_missing_views_are_named(conveyor: Conveyor, url: str) -> None:
    outcome = conveyor("serve", "--port", "0", DATABASE_URL=url, CONVEYOR_MASTER_KEY=KEY)
    assert outcome.code == 1
    assert "board" in outcome.err
    assert "`conveyor migrate`" in outcome.err


def test_a_wrong_master_key_is_refused(conveyor: Conveyor, ready: str) -> None:
    for command in (("serve", "--port", "0"), ("migrate",), ("verify",)):
        outcome = conveyor(*command, DATABASE_URL=ready, CONVEYOR_MASTER_KEY=OTHER_KEY)
        assert (outcome.code, outcome.err[:26]) == (1, "conveyor: wrong master key")


def test_token_create_prints_just_the_token(conveyor: Conveyor, ready: str) -> None:
    given = {"DATABASE_URL": ready, "CONVEYOR_MASTER_KEY": KEY}
    first = conveyor("token", "create", "--employee", "ivanova", "--role", "director", **given)
    second = conveyor("token", "create", "--employee", "ivanova", **given)
    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("cnv_")
    assert first.out.count("\n") == 1
    assert first.out != second.out


def test_tokens_are_listed_by_an_id_and_revoked_by_it(conveyor: Conveyor, ready: str) -> None:
    given = {"DATABASE_URL": ready, "CONVEYOR_MASTER_KEY": KEY}
    lost = conveyor("token", "create", "--employee", "ivanova", "--role", "director", **given).out.strip()
    conveyor("token", "create", "--employee", "petrov", **given)
    petrovs, ivanovas = conveyor("token", "list", **given).out.splitlines()
    assert (petrovs.split()[2:], ivanovas.split()[2:]) == (["petrov", "-"], ["ivanova", "director"])
    assert conveyor("token", "list", "--employee", "ivanova", **given).out == ivanovas + "\n"
    assert lost not in ivanovas
    known = ivanovas.split()[0]
    assert conveyor("token", "revoke", known, **given).out == f"Revoked: {known}.\n"
    assert conveyor("token", "list", **given).out == petrovs + "\n"
    again = conveyor("token", "revoke", known, **given)
    assert (again.code, again.err.startswith(f"conveyor: there is no token {known}; ")) == (1, True)
    nobody = conveyor("token", "list", "--employee", "nobody", **given)
    assert (nobody.code, nobody.err) == (1, "conveyor: no employee has the code 'nobody'")


def test_token_create_says_whom_it_registers(conveyor: Conveyor, ready: str) -> None:
    given = {"DATABASE_URL": ready, "CONVEYOR_MASTER_KEY": KEY}
    steps = "steps: lead_generation, first_deal, account_service"
    new = conveyor("token", "create", "--employee", "vera", "--role", "head", **given)
    assert new.err == f"employee 'vera' was not known and is registered now; roles: head; {steps}\n"
    assert conveyor("token", "create", "--employee", " vera ", **given).err == ""
    mistyped = conveyor("token", "create", "--employee", "vear", **given)
    assert mistyped.err == f"employee 'vear' was not known and is registered now; roles: none; {steps}\n"


def test_an_import_names_bad_rows_and_exits_with_3(conveyor: Conveyor, ready: str, tmp_path: Path) -> None:
    given = {"DATABASE_URL": ready, "CONVEYOR_MASTER_KEY": KEY}
    leads = conveyor("import", "leads", LEADS, "--mapping", "olist_leads", **given)
    assert leads.code == 0
    assert leads.out.splitlines()[-3:] == ["went in: 5 (5 leads)", "there already: 0", "left out: 0"]
    errors = tmp_path / "errors.csv"
    command = ("import", "deals", "docs/tour/deals.csv", "--mapping", "olist_deals")
    dry = conveyor(*command, "--dry-run", **given)
    assert dry.code == 3
    assert dry.out.splitlines()[-3] == "would go in: 2 (2 deals)"
    assert "--errors OUT.csv" in dry.out.splitlines()[-1]
    outcome = conveyor(*command, "--errors", str(errors), **given)
    assert outcome.code == 3
    assert "line 4, won_date: " in outcome.err
    last = ["went in: 2 (2 deals)", "there already: 0", f"left out: 1 (listed in {errors})"]
    assert outcome.out.splitlines()[-3:] == last
    assert errors.read_text().count("\n") == 2
    assert conveyor("verify", **given).out == "The log is whole.\n"
    assert conveyor("rebuild", "value", **given).out == "Rebuilt: value.\n"


@pytest.mark.parametrize(
    ("file", "mapping", "reason"),
    [("no_such.csv", "olist_leads", "no_such.csv"), (LEADS, "no_such", "no_such"), (LEADS, "olist_deals", "of deals")],
)
def test_an_import_that_cannot_begin_is_one_line(
    conveyor: Conveyor, ready: str, file: str, mapping: str, reason: str
) -> None:
    command = ("import", "leads", file, "--mapping", mapping)
    outcome = conveyor(*command, DATABASE_URL=ready, CONVEYOR_MASTER_KEY=KEY)
    assert outcome.code == 1
    assert reason in outcome.err
    assert "\n" not in outcome.err.strip()


def test_a_changed_log_does_not_verify(conveyor: Conveyor, ready: str) -> None:
    given = {"DATABASE_URL": ready, "CONVEYOR_MASTER_KEY": KEY}
    assert conveyor("import", "leads", LEADS, "--mapping", "olist_leads", **given).code == 0
    with psycopg.connect(ready) as connection:
        connection.execute("DELETE FROM events WHERE notification_id = 2")
    outcome = conveyor("verify", **given)
    assert outcome.code == 1
    assert "missing_position: positions 2 to 2" in outcome.out
