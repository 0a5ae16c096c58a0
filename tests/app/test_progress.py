"""Where there is no terminal, a long command says line by line how far it is, and a short one nothing."""

import pytest

from app.cli import progress
from app.cli.progress import progress_bar


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with progress_bar("Loading demo data") as update:
        for done in (1, 2):
            update(done, 2)
    printed = capsys.readouterr()
    assert not printed.out
    return printed.err.splitlines()


def test_a_long_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_SECONDS", 0.0)
    assert told(capsys) == ["Loading demo data: 1 of 2", "Loading demo data: 2 of 2"]


def test_a_short_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == []
