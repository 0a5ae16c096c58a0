"""The processes that a service starts: started again when they die, and never left behind."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest

from tests.faults.processes import Installation, Service

WITHIN_SECONDS = 30
READY = "keeps the views up to date"


def children(service: Service) -> list[psutil.Process]:
    """The Python processes that the service has started; the database is none of them."""
    found = psutil.Process(service.process.pid).children()
    return [child for child in found if child.name().startswith("python")]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_projecting_process_is_started_again_and_projects(installation: Installation) -> None:
    with installation.serving() as service:
        (first,) = children(service)
        first.kill()
        read_own_write(service, installation.token)
        wait_until(lambda: installation.log.read_text().count(READY) == 2)
        (second,) = children(service)
        assert second.pid != first.pid
        read_own_write(service, installation.token)
        assert "the projecting process ended (exit code -9)" in installation.log.read_text()
        assert service.stop() == 0
        assert not second.is_running()


def read_own_write(service: Service, token: str) -> None:
    """What was recorded is seen at once, whoever projects."""
    made = service.post("/clients", token, {"name": "Cargo", "origin": "tender"})
    assert made.status_code == 201
    assert service.get("/clients", token, after=made.json()["position"]).status_code == 200


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="there is no SIGSTOP")
def test_a_child_that_does_not_answer_is_killed_when_the_service_stops(installation: Installation) -> None:
    with installation.serving() as service:
        (child,) = children(service)
        os.kill(child.pid, signal.SIGSTOP)
        assert service.stop() == 0
        assert not child.is_running()


def test_no_child_outlives_a_killed_service(installation: Installation) -> None:
    with installation.serving() as service:
        started = service.post("/admin/rebuilds", installation.token)
        assert started.status_code == 202
        wait_until(lambda: len(children(service)) == 2)
        service.kill()
    with installation.serving() as service:
        path = f"/admin/rebuilds/{started.json()['id']}"
        wait_until(lambda: service.get(path, installation.token).json()["state"] == "failed")
        assert service.stop() == 0


def test_signals_to_all_processes_end_the_service_in_order(installation: Installation) -> None:
    with installation.serving() as service:
        for process in (*children(service), psutil.Process(service.process.pid)):
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        assert service.process.wait(WITHIN_SECONDS) == 0
    assert "the projecting process ended" not in installation.log.read_text()
