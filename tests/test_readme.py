"""The README and the other tours tell the truth: commands run as written, and answer as it is shown."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
STEPS = ("lead-generation", "first-deal-and-account")
OWN = "your-own-department"
BLOCK = re.compile(r"^```(bash|json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SEPARATOR = "--------"
START_WITHIN_SECONDS = 180
TOUR_WITHIN_SECONDS = 300
LEFT_OUT = "…"
VARYING = {"position", "next_cursor"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
PROGRESS = re.compile(r"\w+: \d+ of \d+")
MEASURED = re.compile(r"\d+\.\d s\b|(?<=position )\d+")


def tour(page: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of each step, and the lines that they are said to print."""
    commands: str | None = None
    shown: list[str] = []
    for kind, body in BLOCK.findall(page):
        if kind != "bash":
            shown += documents(body) if kind == "json" else body.splitlines()
            continue
        if commands is not None:
            yield commands, shown
        commands, shown = body, []
    assert commands is not None
    yield commands, shown


def documents(body: str) -> list[str]:
    """JSON documents of a block, each on a line of its own; they may be written over several."""
    decoder, found, rest = json.JSONDecoder(), list[str](), body.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(json.dumps(document))
        rest = rest[end:].strip()
    return found


def surroundings(folder: Path) -> dict[str, str]:
    """The variables of a service with a port of its own, and this data folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours = {"CONVEYOR_PORT": str(port), "CONVEYOR_DATA_DIR": str(folder)}
    theirs = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MAKEFLAGS"}}
    return theirs | ours


@contextmanager
def running(command: str, environment: dict[str, str]) -> Generator[None]:
    """The service, started by this command, until the block ends."""
    process = subprocess.Popen(command.split(), cwd=ROOT, env=environment, start_new_session=True)
    try:
        wait_until_healthy(process, f"http://127.0.0.1:{environment['CONVEYOR_PORT']}/api/v1/health")
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of the service with the made-up firm."""
    return surroundings(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def service(environment: dict[str, str]) -> Iterator[None]:
    """The service with the made-up firm, started as the README says."""
    assert "\nmake run " in README
    with running("make run", environment):
        yield


def wait_until_healthy(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service has stopped"
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the service does not answer")


@pytest.mark.usefixtures("service")
def test_the_tour_works_word_for_word(environment: dict[str, str]) -> None:
    walk(list(tour(README)), environment)


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("page", STEPS)
def test_the_tours_of_the_steps_work_word_for_word(page: str, environment: dict[str, str]) -> None:
    (access, _), *_ = tour(README)
    walk([(hushed(access), []), *tour((ROOT / "docs" / f"{page}.md").read_text())], environment)


def test_a_department_begins_without_the_made_up_firm(tmp_path_factory: pytest.TempPathFactory) -> None:
    page = (ROOT / "docs" / f"{OWN}.md").read_text()
    start = ".venv/bin/conveyor serve"
    assert f"\n{start}\n" in page
    environment = surroundings(tmp_path_factory.mktemp("own"))
    with running(start, environment):
        walk(list(tour(page)), environment)


def hushed(commands: str) -> str:
    """The same commands; nothing is said of an employee who may have been registered by a tour before."""
    return f"{{\n{commands}}} 2> /dev/null\n"


def walk(steps: list[tuple[str, list[str]]], environment: dict[str, str]) -> None:
    script = f"\necho {SEPARATOR}\n".join(commands for commands, _ in steps)
    printed = run(script, environment).split(f"{SEPARATOR}\n")
    assert len(printed) == len(steps), printed
    for (commands, shown), lines in zip(steps, printed, strict=True):
        compare(commands, shown, [line for line in lines.splitlines() if not PROGRESS.fullmatch(line)])


def run(script: str, environment: dict[str, str]) -> str:
    """What the commands print, errors included."""
    shell = subprocess.Popen(
        ["bash", "-c", script], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        return shell.communicate(timeout=TOUR_WITHIN_SECONDS)[0]
    except subprocess.TimeoutExpired:
        shell.kill()
        pytest.fail(f"the tour hangs after\n{shell.communicate()[0]}")


def compare(commands: str, shown: list[str], printed: list[str]) -> None:
    assert len(shown) == len(printed), f"{commands}\nprints\n{printed}"
    for expected, actual in zip(shown, printed, strict=True):
        if expected.startswith("{"):
            assert_like(json.loads(expected), json.loads(actual), commands)
        else:
            assert MEASURED.sub("#", expected) == MEASURED.sub("#", actual), commands


def assert_like(expected: Any, actual: Any, where: str) -> None:
    """The same keys and figures; ids, times and positions only have to be of the same kind."""
    match expected:
        case dict():
            assert_object_like(cast(dict[str, Any], expected), actual, where)
        case list():
            items = cast(list[Any], expected)
            assert len(items) == len(actual), (where, actual)
            for number, item in enumerate(items):
                assert_like(item, actual[number], f"{where}[{number}]")
        case str():
            assert kind_of(expected) == kind_of(actual), where
        case _:
            assert expected == actual, where


def assert_object_like(expected: dict[str, Any], actual: dict[str, Any], where: str) -> None:
    keys = expected.keys() - {LEFT_OUT}
    assert keys <= actual.keys() if LEFT_OUT in expected else keys == actual.keys(), (where, actual)
    for key in keys - VARYING:
        assert_like(expected[key], actual[key], f"{where}.{key}")


def kind_of(text: str) -> str:
    return MOMENT.sub("<moment>", UUID.sub("<id>", text))
