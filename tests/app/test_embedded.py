"""The embedded server: shared, left, found again after a crash."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

from app import embedded

USE = "import sys; from pathlib import Path; from app import embedded; embedded.start(Path(sys.argv[1])); "
ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data, of 'the' service"
    yield folder
    embedded.start(folder)
    embedded.stop(folder)


def answer(url: URL, query: str = "SELECT 1") -> object:
    with psycopg.connect(url.set(drivername="postgresql").render_as_string()) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def is_running(data_dir: Path) -> bool:
    return (data_dir / "postgres" / "postmaster.pid").exists()


def postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))


def run(data_dir: Path, script: str) -> int:
    arguments = [sys.executable, "-c", USE + script, str(data_dir)]
    return subprocess.run(arguments, cwd=ROOT, check=False).returncode


def test_it_answers_and_keeps_what_it_was_told(data_dir: Path):
    url = embedded.start(data_dir)
    assert url.drivername == "postgresql+asyncpg"
    assert answer(url, "SHOW fsync") == "on"
    assert answer(url, "SHOW synchronous_commit") == "on"
    assert answer(url, "SHOW TimeZone") == "UTC"
    assert answer(url, "SELECT 'Иван'") == "Иван"


def test_the_last_to_leave_stops_it(data_dir: Path):
    url = embedded.start(data_dir)
    assert run(data_dir, "") == 0
    assert is_running(data_dir)
    assert embedded.start(data_dir) == url
    embedded.stop(data_dir)
    embedded.stop(data_dir)
    assert not is_running(data_dir)


def test_a_folder_that_was_removed_is_not_made_again_at_exit(tmp_path: Path):
    script = "import shutil; embedded.stop(Path(sys.argv[1])); shutil.rmtree(sys.argv[1])"
    assert run(tmp_path / "data", script) == 0
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_killed_service_left_running_is_used(data_dir: Path):
    assert run(data_dir, "import os; os.kill(os.getpid(), 9)") == -9
    server = postmaster(data_dir)
    assert answer(embedded.start(data_dir)) == 1
    assert postmaster(data_dir) == server
    embedded.stop(data_dir)
    assert not is_running(data_dir)


def test_the_number_of_a_killed_server_may_be_another_programs_now(data_dir: Path):
    embedded.start(data_dir)
    server = postmaster(data_dir)
    for process in (server, *server.children(recursive=True)):
        process.kill()
    server.wait(10)
    pid_file = data_dir / "postgres" / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(server.pid), str(os.getpid()), 1))
    assert answer(embedded.start(data_dir)) == 1
    assert postmaster(data_dir) != server


def test_a_name_too_long_for_a_socket(tmp_path: Path):
    folder = tmp_path / ("long " * 20)
    assert answer(embedded.start(folder)) == 1
    embedded.stop(folder)


def test_a_comma_in_a_short_name():
    with tempfile.TemporaryDirectory(prefix="a, b") as folder:
        assert answer(embedded.start(Path(folder))) == 1
        embedded.stop(Path(folder))


def test_it_says_why_it_does_not_start(tmp_path: Path):
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    (folder / "postgresql.conf").touch()
    with pytest.raises(embedded.DatabaseNotStarted, match=r"does not start.*log"):
        embedded.start(tmp_path)
