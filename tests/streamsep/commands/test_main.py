"""The frame of the command line: overview, help, suggestions, errors in one line, exit codes."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import streamsep
from streamsep.commands import Command
from streamsep.commands import main as main_module
from streamsep.commands import parser as parser_module
from streamsep.commands.main import main
from streamsep.commands.parser import find_commands
from streamsep.errors import ParameterError


def test_overview_lists_every_command(capsys):
    assert main([]) == 0
    overview = capsys.readouterr().out
    for name in ("demo", "stream", "models", "bench", "info", "completion"):
        assert name in find_commands()
        assert f"\n    {name}" in overview


def test_version(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"streamsep {streamsep.__version__}\n"


@pytest.mark.parametrize("name", sorted(find_commands()))
def test_every_command_helps_with_an_example(name, capsys):
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"example:\n  streamsep {name}" in capsys.readouterr().out


def test_unknown_command_suggests(capsys):
    assert main(["strem", "x.wav"]) == 2
    error = capsys.readouterr().err
    assert "did you mean 'stream'?" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "argv", [["stream"], ["stream", "x", "--block", "0"], ["demo", "--seed", "-1"]]
)
def test_wrong_arguments_are_one_line(argv, capsys):
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "--help" in error


def install(monkeypatch, run):
    command = Command("fake", "fake", "streamsep fake", lambda parser: None, run)
    monkeypatch.setattr(main_module, "find_commands", lambda: {"fake": command})


def raising(error):
    def run(arguments):
        raise error

    return run


def test_errors_of_ours_are_one_line_and_exit_code_2(monkeypatch, capsys):
    install(monkeypatch, raising(ParameterError("gain=7 is too much; turn it down")))
    assert main(["fake"]) == 2
    assert capsys.readouterr().err == "streamsep: gain=7 is too much; turn it down\n"


def test_ctrl_c_is_130(monkeypatch, capsys):
    install(monkeypatch, raising(KeyboardInterrupt()))
    assert main(["fake"]) == 130
    assert capsys.readouterr().err == "streamsep: stopped\n"


def test_errors_that_are_not_ours_are_not_hidden(monkeypatch):
    install(monkeypatch, raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["fake"])


@pytest.mark.parametrize(
    ("target", "extra"), [("no_such_package:command", "all"), ("sounddevice:command", "live")]
)
def test_command_that_lacks_its_package_says_which_to_install(monkeypatch, capsys, target, extra):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    entry = EntryPoint("fake", target, "streamsep.commands")
    monkeypatch.setattr(parser_module, "entry_points", lambda group: [entry])
    assert main([]) == 0
    assert re.search("fake +not available here", capsys.readouterr().out)
    assert main(["fake", "song.wav"]) == 2
    assert f"pip install 'streamsep[{extra}]'" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_commands_and_options(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "stream" in script
    assert "stems-dir" in script


def test_installed_program_starts_fast_and_without_heavy_imports():
    code = (
        "import sys\nfrom streamsep.commands.main import main\nmain([])\n"
        "heavy = {'torch', 'numba', 'matplotlib', 'soundfile'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
