import argparse

import pytest
import rich.progress

from streamsep_offline.commands.data import command
from streamsep_offline.maker import library
from streamsep_offline.maker.library import Made
from streamsep_offline.maker.orders import Order


def parse(*arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(["make", *arguments])


@pytest.fixture
def rendered(monkeypatch):
    """Indices and options that reach the maker, which renders nothing."""
    calls = []

    def make(studio, folder, seed, indices, order, n_jobs):
        calls.append((studio.split, seed, indices, order, n_jobs))
        for index in indices:
            yield Made(f"song {index}", index % 2 == 0, 6.0)

    monkeypatch.setattr(library, "make_library_in_parallel", make)
    return calls


def test_options_reach_the_maker(rendered, tmp_path, capsys):
    arguments = parse(
        "--songs", "3", "--first", "4", "--seed", "7", "-o", str(tmp_path), "--split", "select",
        "--style", "pop", "--style", "rock", "--format", "wav", "--mixture", "-j", "2",
        "--duration", "60", "--stems", "5", "--heard", "0.25", "--instrument", "saxophone",
    )  # fmt: skip
    assert command.run(arguments) == 0
    split, seed, indices, order, n_jobs = rendered[0]
    assert (split, seed, list(indices), n_jobs) == ("select", 7, [4, 5, 6], 2)
    wanted = Order(("pop", "rock"), 60.0, 5, 0.25, "wav", True, instruments=("saxophone",))
    assert order == wanted
    told = " ".join(capsys.readouterr().err.split())
    # two of three songs of a minute, 6 s of processor time each
    assert "2 new songs (0.03 hours) at 10.0 times real time per core, 3 songs (0.05 hours)" in told


def test_musdb_means_wav_and_mixtures(rendered, tmp_path, capsys):
    arguments = parse("--songs", "1", "-o", str(tmp_path), "--musdb", "--split", "report")
    assert command.run(arguments) == 0
    order = rendered[0][3]
    assert (order.file_format, order.has_mixture, order.is_musdb) == ("wav", True, True)
    assert str(tmp_path / "test") in capsys.readouterr().err.replace("\n", "")


def test_a_dry_run_tells_and_renders_nothing(rendered, tmp_path, capsys):
    assert command.run(parse("--songs", "4", "--seed", "3", "--style", "rock", "--dry-run")) == 0
    assert not rendered
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("train-s3-00000  rock: ")
    assert all(" bpm, " in line for line in lines)


def test_without_a_folder_nothing_is_written(rendered):
    from streamsep.errors import ParameterError

    with pytest.raises(ParameterError, match="-o DIR"):
        command.run(parse("--songs", "1"))


def test_every_style_can_be_asked_for():
    from streamsep_offline.maker.genres import STYLES

    assert [parse("--style", style).style for style in STYLES] == [[style] for style in STYLES]
    assert (
        command.run(
            parse("--songs", "1", "--dry-run", *(w for s in STYLES for w in ("--style", s)))
        )
        == 0
    )


def test_missing_parts_are_told(rendered, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("STREAMSEP_AUDIO", raising=False)
    assert command.run(parse("--songs", "1", "-o", str(tmp_path))) == 0
    assert "without samples" in capsys.readouterr().err


def test_ctrl_c_is_no_traceback(rendered, tmp_path, monkeypatch, capsys):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(rich.progress.Progress, "update", stop)
    assert command.run(parse("-o", str(tmp_path))) == 130
    assert "goes on from here" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("option", "value"), [("--songs", "0"), ("--jobs", "0"), ("--seed", "-1"), ("--first", "-2")]
)
def test_numbers_out_of_range_are_refused(tmp_path, option, value):
    from streamsep.errors import ParameterError

    with pytest.raises(ParameterError, match=f"{option} {value}"):
        command.run(parse("-o", str(tmp_path), option, value))


def test_help_imports_nothing_heavy():
    import subprocess
    import sys

    code = (
        "import sys, argparse\n"
        "from streamsep_offline.commands.data import command\n"
        "command.add_arguments(argparse.ArgumentParser())\n"
        "print([m for m in ('numba', 'scipy', 'rich', 'soundfile') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
