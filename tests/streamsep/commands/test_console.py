"""What is printed where there is no terminal."""

import io

import pytest
from rich.console import Console

from streamsep.commands import console as console_module
from streamsep.commands.console import StreamProgress, make_console, waiting


@pytest.fixture
def clock(monkeypatch):
    """Seconds that only the test moves."""
    now = [100.0]
    monkeypatch.setattr(console_module.time, "perf_counter", lambda: now[0])
    return now


def plain():
    return Console(file=io.StringIO(), width=100)


@pytest.mark.parametrize(
    ("total_s", "line"),
    [
        (120.0, "separating: 25 % of 120 s, 2.5 x real time, 36 s left"),
        (None, "separating: 30 s, 2.5 x real time"),
    ],
)
def test_progress_is_a_line_now_and_then(clock, total_s, line):
    console = plain()
    with StreamProgress(console, "separating", total_s) as progress:
        clock[0] += 5.0
        progress.update(12.0)
        clock[0] += 7.0
        progress.update(30.0)
        progress.update(31.0)
    assert console.file.getvalue().splitlines() == [line]


def test_progress_in_a_terminal_is_a_bar_that_goes_away():
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with StreamProgress(console, "separating", 10.0) as progress:
        progress.update(5.0)
    assert "real time" in console.file.getvalue()


def test_waiting_prints_its_line():
    console = plain()
    with waiting(console, "compiling"):
        pass
    assert console.file.getvalue() == "compiling\n"


def test_brackets_in_names_are_kept_and_quiet_is_quiet(capsys):
    make_console(is_quiet=False, to_stderr=False).print("song [live] :smile:.wav")
    make_console(is_quiet=True, to_stderr=False).print("nothing")
    assert capsys.readouterr().out == "song [live] :smile:.wav\n"
