"""`streamsep separate` with the bundled causal preset: many songs, some of them bad, stopped and resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cue_models import write_both_ways_preset
from signals import music
from streamsep.commands.main import main
from streamsep.errors import ParameterError
from streamsep_offline.commands.separate_options import parse_aggregate

RATE = 44100
PROGRAM = [
    sys.executable,
    "-c",
    "import sys; from streamsep.commands.main import main; sys.exit(main())",
    "separate",
]
FAST = ("--model", "classic", "--niter", "0")
TARGETS = ("vocals", "drums", "bass", "other")


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A song as a file that nobody changes."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, music(1.0).T, RATE, subtype="PCM_24")
    return path


def read(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def separate(*argv):
    return main(["separate", *map(str, argv)])


def everything(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_a_fresh_install_separates_and_the_second_run_skips(tmp_path, song, capsys):
    report = tmp_path / "report.json"
    assert separate(song, "-o", tmp_path / "out", "--json", report) == 0
    stems = [tmp_path / "out" / "song" / f"{name}.wav" for name in TARGETS]
    assert np.abs(sum(map(read, stems)) - read(song)).max() < 1e-6
    assert soundfile.info(stems[0]).subtype == "PCM_24"
    entry = json.loads(report.read_text())["songs"][0]
    assert (entry["status"], entry["duration_s"], entry["bits"]) == ("done", 1.0, 24)
    assert entry["outputs"] == [str(path) for path in stems]
    times = [path.stat().st_mtime_ns for path in stems]
    capsys.readouterr()
    assert separate(song, "-o", tmp_path / "out", "--json", report) == 0
    assert "kept what is in" in capsys.readouterr().err
    assert json.loads(report.read_text())["counts"] == {"skipped": 1}
    assert [path.stat().st_mtime_ns for path in stems] == times


@pytest.mark.parametrize(
    ("rate", "channels", "n", "subtype"),
    [
        (8000, 1, 3999, "PCM_16"),
        (44100, 2, 1, "PCM_16"),
        (48000, 6, 9999, "FLOAT"),
        (192000, 2, 50001, "PCM_24"),
    ],
)
def test_rate_channels_length_and_depth_are_kept(tmp_path, rate, channels, n, subtype):
    sound = np.resize(music(0.5, rate), (channels, rate // 2))[:, :n]
    soundfile.write(tmp_path / "song.wav", sound.T, rate, subtype=subtype)
    assert separate(tmp_path / "song.wav", "-o", tmp_path, "--model", "classic") == 0
    stems = [tmp_path / "song" / f"{name}.wav" for name in TARGETS]
    for path in stems:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.frames) == (rate, channels, n)
        assert info.subtype == subtype
    step = {"PCM_16": 2**-15, "PCM_24": 2**-23, "FLOAT": 1e-6}[subtype]
    assert np.abs(sum(map(read, stems)) - read(tmp_path / "song.wav")).max() < 3 * step


def test_nine_of_ten_are_done_and_one_line_names_the_tenth(tmp_path, capsys):
    (tmp_path / "in" / "more").mkdir(parents=True)
    for i in range(9):
        soundfile.write(tmp_path / "in" / "more" / f"{i}.wav", music(0.1, 8000, 1, i).T, 8000)
    (tmp_path / "in" / "text.wav").write_text("this is not audio")
    report = tmp_path / "report.json"
    assert (
        separate(tmp_path / "in", "-o", tmp_path / "out", "--quiet", "--json", report, *FAST) == 1
    )
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "text.wav is not audio" in captured.err
    assert json.loads(report.read_text())["counts"] == {"failed": 1, "done": 9}
    assert len(list((tmp_path / "out").glob("*/*.wav"))) == 9 * 4
    assert everything(tmp_path / "out")[0] == "0"
    assert separate(tmp_path / "in" / "more", "-o", tmp_path / "out", *FAST) == 0
    table = capsys.readouterr().err
    assert "9 skipped" in table


def test_a_missing_file_does_not_keep_the_others_waiting(tmp_path, song, capsys):
    assert separate(tmp_path / "none.wav", song, "-o", tmp_path / "out", *FAST) == 1
    assert "none.wav cannot be read (No such file" in capsys.readouterr().err
    assert len(list((tmp_path / "out" / "song").iterdir())) == 4


@pytest.mark.parametrize(
    ("options", "stems"),
    [
        (["--targets", "drums,bass"], ["bass", "drums"]),
        (["--targets", "vocals", "--residual", "karaoke"], ["karaoke", "vocals"]),
        (["--two-stems", "vocals"], ["no_vocals", "vocals"]),
        (["--aggregate", "v=vocals", "rest=drums+bass+other"], ["rest", "v"]),
        (["--aggregate", '{"v":["vocals"],"rest":["drums","bass","other"]}'], ["rest", "v"]),
    ],
)
def test_stems_are_those_asked_for(tmp_path, song, options, stems):
    argv = (song, "-o", tmp_path, "--format", "flac", "--name-template", "{stem}.{ext}", *FAST)
    assert separate(*argv, *options) == 0
    assert everything(tmp_path) == [f"{name}.flac" for name in stems]
    if "drums" not in stems:
        total = sum(read(tmp_path / f"{name}.flac") for name in stems)
        assert np.abs(total - read(song)).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--targets", "flute"], "flute"),
        (["--aggregate", "vocals"], "write vocals=vocals"),
        (["--residual", "../up"], "file's name"),
        (["--name-template", "../{stem}.{ext}"], "out of the output folder"),
        (["--name-template", "{track}.{ext}"], "put {stem} into"),
        (["--format", "mp3", "--bits", "16"], "no 16 bits"),
        (["--jobs", "2", "--scheduler", "localhost:1"], "exclude each other"),
        (["--json", "no/such/folder.json"], "folder.json cannot be written"),
        (["--model", "no-such-model"], "no-such-model"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_work(tmp_path, song, capsys, options, words):
    assert separate(song, "-o", tmp_path / "out", *FAST, *options) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_without_pyav_its_formats_name_the_extra(tmp_path, song, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.m4a").write_bytes(b"1")
    assert separate(song, "-o", tmp_path / "out", "--format", "stem.mp4", *FAST) == 2
    assert separate(tmp_path / "a.m4a", "-o", tmp_path / "out", *FAST) == 1
    assert capsys.readouterr().err.count("streamsep[formats]") == 2


def test_several_processes(tmp_path, song, capsys):
    second = tmp_path / "second.wav"
    soundfile.write(second, music(1.0, seed=1).T, RATE)
    (tmp_path / "bad.wav").touch()
    argv = (song, second, tmp_path / "bad.wav", *FAST)
    assert separate(*argv, "-o", tmp_path / "a", "--jobs", "2") == 1
    assert "bad.wav is empty" in capsys.readouterr().err
    assert separate(*argv, "-o", tmp_path / "b") == 1
    for path in (tmp_path / "a").glob("*/*.wav"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    assert len(list((tmp_path / "b").glob("*/*.wav"))) == 8


def signalled(argv, state, number):
    """Start the program, send a signal after its next block; returns exit code and error text."""
    process = subprocess.Popen([*PROGRAM, *map(str, argv)], stderr=subprocess.PIPE, text=True)
    deadline, before = time.monotonic() + 60, state.read_text() if state.exists() else ""
    while not state.exists() or state.read_text() == before:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    error = process.communicate(timeout=60)[1]
    return process.returncode, error


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_stopped_or_killed_it_goes_on_with_the_same_bits(tmp_path):
    song = tmp_path / "song.wav"
    soundfile.write(song, np.tile(music(3.0), 18).T, RATE)
    argv = (song, "-o", tmp_path / "out", "--model", "classic")
    state = tmp_path / "out" / "song" / ".vocals.wav.partial" / "state.json"
    assert signalled(argv, state, signal.SIGKILL)[0] == -9
    killed_at = json.loads(state.read_text())["n_frames"]
    code, error = signalled(argv, state, signal.SIGINT)
    assert code == 130
    last_line = error.splitlines()[-1]
    assert last_line == "streamsep: stopped (1 stopped); the same command goes on from here"
    assert not list((tmp_path / "out").rglob("*.wav"))
    assert 0 < killed_at < json.loads(state.read_text())["n_frames"]
    report = tmp_path / "report.json"
    assert separate(*argv, "--json", report) == 0
    assert json.loads(report.read_text())["songs"][0]["resumed_at_s"] > killed_at / RATE
    assert separate(song, "-o", tmp_path / "whole", "--model", "classic") == 0
    for name in TARGETS:
        made = tmp_path / "out" / "song" / f"{name}.wav"
        assert made.read_bytes() == (tmp_path / "whole" / "song" / f"{name}.wav").read_bytes()
    assert not list((tmp_path / "out").rglob(".*"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a=x", "b=y+z"], {"a": ("x",), "b": ("y", "z")}),
        (['{"a": ["x"], "b": ["y", "z"]}'], {"a": ("x",), "b": ("y", "z")}),
        (['{"a":', '"x"}'], {"a": ("x",)}),
    ],
)
def test_aggregates_are_understood_in_both_forms(words, expected):
    assert parse_aggregate(words) == expected


@pytest.mark.parametrize(
    "text", ["a", "=x", "a=", "a=x+", "{", '{"a": 1}', '{"a": []}', '{"a": [1]}', "{}x"]
)
def test_aggregates_that_are_not_understood_show_both_forms(text):
    with pytest.raises(ParameterError, match="JSON"):
        parse_aggregate([text])
    with pytest.raises(ParameterError, match="twice"):
        parse_aggregate(["a=x", "a=y"])


def test_a_model_that_hears_the_future_by_its_folder_and_by_a_presets_name(
    tmp_path, song, monkeypatch, capsys
):
    write_both_ways_preset(tmp_path)
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    stems = {}
    for niter in (0, 1):
        for model in (tmp_path / "mine", "4stems-mine"):
            out = tmp_path / f"{niter}-{Path(model).name}"
            assert separate(song, "-o", out, "--model", model, "--niter", niter) == 0
            stems[niter, str(model)] = [read(out / "song" / f"{name}.wav") for name in TARGETS]
            assert np.abs(sum(stems[niter, str(model)]) - read(song)).max() < 1e-6
        assert np.array_equal(stems[niter, str(tmp_path / "mine")], stems[niter, "4stems-mine"])
    assert not np.array_equal(stems[0, "4stems-mine"][0], stems[1, "4stems-mine"][0])
    stream = ["stream", str(song), "--preset", "4stems-mine", "-o", str(tmp_path / "x.wav")]
    assert main(stream) == 2
    assert "use: streamsep separate SONG --model" in capsys.readouterr().err
