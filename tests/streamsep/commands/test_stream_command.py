"""`streamsep stream`: what comes out is right, and what goes wrong leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep import Separator
from streamsep.commands.main import main

RATE = 44100
PROGRAM = [
    sys.executable,
    "-c",
    "import sys; from streamsep.commands.main import main; sys.exit(main())",
]


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A song as a file that nobody changes."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, music(2.0).T, RATE, subtype="FLOAT")
    return path


def read(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def stream(*argv):
    return main(["stream", *map(str, argv), "--quiet"])


def test_stems_are_those_of_the_separator_and_sum_to_the_input(tmp_path, song):
    assert stream(song, "--stems-dir", tmp_path / "stems", "-o", tmp_path / "mix.wav") == 0
    separator = Separator.from_preset()
    expected = separator.separate(music(2.0))
    stems = [read(tmp_path / "stems" / f"{name}.wav") for name in separator.stems]
    assert np.abs(np.stack(stems) - expected).max() < 1e-6
    assert np.abs(sum(stems) - read(song)).max() < 1e-6
    assert np.abs(read(tmp_path / "mix.wav") - read(song)).max() < 1e-6
    assert sorted(os.listdir(tmp_path)) == ["mix.wav", "stems"]
    assert len(os.listdir(tmp_path / "stems")) == 4


def test_plug_ins_change_their_stem_and_leave_the_rest_aligned(tmp_path, song):
    pytest.importorskip("pedalboard")
    (tmp_path / "late.json").write_text('[{"effect": "BrickwallLimiter", "ceiling_db": 0}]')
    (tmp_path / "off.json").write_text('[{"effect": "Gain", "gain_db": -100}]')
    late, off = tmp_path / "late.json", tmp_path / "off.json"
    assert stream(song, "-o", tmp_path / "a.wav", "--fx", f"vocals={late}", "--block", 999) == 0
    assert np.abs(read(tmp_path / "a.wav") - read(song)).max() < 1e-6
    assert stream(song, "-o", tmp_path / "b.wav", "--fx", f"drums={off}", "--fx", "mix=glue") == 0
    assert stream(song, "-o", tmp_path / "c.wav", "--mute", "drums", "--fx", "mix=glue") == 0
    heard, expected = read(tmp_path / "b.wav"), read(tmp_path / "c.wav")
    assert heard.shape == read(song).shape
    assert np.abs(heard - expected).max() < 1e-4


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("vocals", "--fx vocals is not STEM=CHAIN"),
        ("tuba=hall", "stem 'tuba' is unknown"),
        ("vocals=hal", "did you mean 'hall'"),
        ("vocals=no.json", "no.json cannot be read"),
    ],
)
def test_wrong_chains_are_one_line_and_leave_nothing(tmp_path, song, capsys, setting, message):
    assert stream(song, "-o", tmp_path / "a.wav", "--fx", setting) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("block", [1000, 100_000])
def test_blocks_change_nothing(tmp_path, song, block):
    for name, size in (("a.wav", block), ("b.wav", 512)):
        assert stream(song, "-o", tmp_path / name, "--solo", "drums", "--block", size) == 0
    assert np.abs(read(tmp_path / "a.wav") - read(tmp_path / "b.wav")).max() < 1e-6


def test_the_wiener_filter_is_a_choice(tmp_path, song):
    for name, option in (("with", "--wiener"), ("without", "--no-wiener"), ("preset", "--quiet")):
        report = tmp_path / f"{name}.json"
        output = ("-o", tmp_path / f"{name}.wav", "--json", report)
        assert stream(song, *output, "--solo", "vocals", "--preset", "classic", option) == 0
        assert json.loads(report.read_text())["wiener"] is (name == "with")
    stems = Separator.from_preset("classic", wiener=True).separate(music(2.0))
    assert np.abs(read(tmp_path / "with.wav") - stems[0]).max() < 1e-6
    assert np.array_equal(read(tmp_path / "preset.wav"), read(tmp_path / "without.wav"))
    assert np.abs(read(tmp_path / "with.wav") - read(tmp_path / "without.wav")).max() > 1e-3


@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (48000, 2), (22050, 2), (96000, 1)])
def test_rate_channels_and_length_are_kept(tmp_path, rate, channels):
    source = music(0.5, rate, channels)[:, :-7]
    soundfile.write(tmp_path / "in.wav", source.T, rate, subtype="FLOAT")
    assert stream(tmp_path / "in.wav", "-o", tmp_path / "out.flac", "--stems", "2stems") == 0
    info = soundfile.info(tmp_path / "out.flac")
    assert (info.samplerate, info.channels, info.frames) == (rate, channels, source.shape[1])
    assert np.abs(read(tmp_path / "out.flac") - source).max() < 1e-5


def test_mix_controls(tmp_path, song):
    stems = Separator.from_preset().separate(music(2.0))
    cases = {
        "mute.wav": (["--mute", "vocals,bass"], stems[1] + stems[3]),
        "solo.wav": (["--solo", "drums", "--solo", "bass"], stems[1] + stems[2]),
        "gain.wav": (["--gain", "vocals=-20"], stems[1:].sum(axis=0) + 0.1 * stems[0]),
    }
    for name, (options, expected) in cases.items():
        assert stream(song, "-o", tmp_path / name, *options) == 0
        assert np.abs(read(tmp_path / name) - expected).max() < 1e-5


def test_excerpt(tmp_path, song):
    options = ("--start", "0.5", "--duration", "0.75")
    assert stream(song, "-o", tmp_path / "part.wav", *options) == 0
    expected = read(song)[:, RATE // 2 : RATE // 2 + round(0.75 * RATE)]
    assert np.abs(read(tmp_path / "part.wav") - expected).max() < 1e-6


@pytest.mark.parametrize("extension", ["ogg", "mp3"])
def test_stems_in_other_formats(tmp_path, song, extension):
    options = ("--stems-format", extension, "--stems", "2stems", "--duration", "1")
    assert stream(song, "--stems-dir", tmp_path, *options) == 0
    assert sorted(os.listdir(tmp_path)) == [f"accompaniment.{extension}", f"vocals.{extension}"]
    assert soundfile.info(tmp_path / f"vocals.{extension}").frames == RATE


def test_report_and_picture(tmp_path, song):
    pytest.importorskip("matplotlib", reason="needs the extra 'plot'")
    report, picture = tmp_path / "report.json", tmp_path / "picture.png"
    options = ("--json", report, "--plot", picture, "--bits", "16", "--gain", "drums=24")
    assert stream(song, "-o", tmp_path / "loud.wav", "--block", 512, *options) == 0
    facts = json.loads(report.read_text())
    assert facts["latency_samples"] == 512
    assert facts["latency_ms"] == pytest.approx(11.61, abs=0.01)
    assert facts["duration_s"] == pytest.approx(2.0)
    assert facts["times_real_time"] > 0
    assert set(facts["stems"]) == {"vocals", "drums", "bass", "other"}
    assert facts["outputs"][0]["clipped"] > 0
    assert facts["versions"]["libsndfile"]
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_report_to_standard_output_is_json_of_silence_too(tmp_path, capsys):
    soundfile.write(tmp_path / "zeros.wav", np.zeros((1000, 2)), RATE)
    assert stream(tmp_path / "zeros.wav", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["stems"]["bass"] == {"rms_db": None, "peak_db": None}


def test_pipe_in_and_out_equals_file_in_and_out(tmp_path, song):
    assert stream(song, "-o", tmp_path / "file.wav", "--mute", "vocals") == 0
    argv = [*PROGRAM, "stream", "-", "-o", "-", "--mute", "vocals"]
    done = subprocess.run(argv, input=song.read_bytes(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (tmp_path / "piped.wav").write_bytes(done.stdout)
    assert np.array_equal(read(tmp_path / "piped.wav"), read(tmp_path / "file.wav"))
    raw = [*PROGRAM, "stream", "-", "-o", "-", "--mute", "vocals", "--raw", "44100:2:f32"]
    samples = read(song).T.astype("<f4").tobytes()
    again = subprocess.run(raw, input=samples, capture_output=True, timeout=120)
    assert again.stdout == done.stdout


def test_reader_that_leaves_early_is_no_error_message(song):
    argv = [*PROGRAM, "stream", str(song), "-o", "-", "--quiet"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1000)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_playable_files_of_equal_length(tmp_path, number):
    quarter_hour = np.zeros((900 * RATE, 1), np.int16)
    soundfile.write(tmp_path / "long.flac", quarter_hour, RATE)
    out = tmp_path / "out"
    argv = [*PROGRAM, "stream", str(tmp_path / "long.flac"), "--stems-dir", str(out), "--quiet"]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    # Wait until a second of sound is on its way to the disk.
    while time.monotonic() < deadline:
        if out.is_dir() and any(p.stat().st_size > 4 * RATE for p in out.iterdir()):
            break
        time.sleep(0.02)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error == b"streamsep: stopped; what was written so far is playable\n"
    assert sorted(os.listdir(out)) == ["bass.wav", "drums.wav", "other.wav", "vocals.wav"]
    lengths = {soundfile.info(out / name).frames for name in os.listdir(out)}
    assert len(lengths) == 1
    assert 0 < lengths.pop() < 900 * RATE


def test_full_disk_is_one_line_and_leaves_nothing(tmp_path, song):
    resource = pytest.importorskip("resource", reason="file-size limits are POSIX")
    limit = 200_000

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    out = tmp_path / "out"
    argv = [*PROGRAM, "stream", str(song), "-o", str(out / "mix.wav"), "--quiet"]
    # No cache is written to a full disk either.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        argv, capture_output=True, timeout=120, preexec_fn=small_disk, env=environment
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"disk full" in done.stderr
    assert not out.exists()


def model_folder(folder, text):
    """A preset whose model folder holds this description."""
    (folder / "model").mkdir()
    if text is not None:
        (folder / "model" / "model.json").write_text(text)
    preset = {
        "format": "streamsep-preset",
        "version": 1,
        "model": "model",
        "stems": ["4stems"],
        "profiles": ["stage"],
    }
    (folder / "mine.json").write_text(json.dumps(preset))
    return str(folder / "mine.json")


BAD_INPUT = {
    "not audio": lambda d, song: [d / "text.wav"],
    "0 bytes": lambda d, song: [d / "nothing.wav"],
    "holds no samples": lambda d, song: [d / "no-samples.wav"],
    "is truncated": lambda d, song: [d / "half.wav"],
    "truncated or damaged": lambda d, song: [d / "half.flac"],
    "17 channels": lambda d, song: [d / "many.wav"],
    "does not exist": lambda d, song: [d / "missing.wav"],
    "4000 Hz": lambda d, song: [d / "slow.wav"],
    "preset 'nope' is unknown": lambda d, song: [song, "--preset", "nope"],
    "no model at": lambda d, song: [song, "--preset", model_folder(d, None)],
    "not readable JSON": lambda d, song: [song, "--preset", model_folder(d, "{")],
    "not a streamsep model": lambda d, song: [song, "--preset", model_folder(d, "{}")],
    "has version 99": lambda d, song: [
        song,
        "--preset",
        model_folder(d, '{"format": "streamsep-model", "version": 99}'),
    ],
    "stem 'kazoo' is unknown": lambda d, song: [song, "--mute", "kazoo"],
    "stem set '9stems' is unknown": lambda d, song: [song, "--stems", "9stems"],
    "profile 'warp' is unknown": lambda d, song: [song, "--profile", "warp"],
    "engine 'steam' is unknown": lambda d, song: [song, "--engine", "steam"],
    "precision 'int3' is unknown": lambda d, song: [song, "--precision", "int3"],
    "not STEM=DB": lambda d, song: [song, "--gain", "vocals"],
    "before --start": lambda d, song: [song, "--start", "60"],
    "44100:2:s16": lambda d, song: [song, "--raw", "cd"],
    "cannot be written": lambda d, song: [song, "--json", d / "no" / "report.json"],
    "is the input": lambda d, song: [d / "link.wav", "-o", song],
    "no known extension": lambda d, song: [song, "-o", d / "out.aac"],
    "do not go with": lambda d, song: [song, "-o", d / "out.ogg", "--bits", "24"],
    "cannot be made": lambda d, song: [song, "--stems-dir", d / "text.wav" / "stems"],
    "it is a folder": lambda d, song: [song, "-o", d / "folder.wav"],
    "does not hold": lambda d, song: [d / "fast.wav", "-o", d / "out" / "a.mp3"],
}


@pytest.mark.parametrize("message", BAD_INPUT)
def test_bad_input_is_one_line_exit_code_2_and_nothing_left(tmp_path, song, capsys, message):
    (tmp_path / "text.wav").write_text("la la la\n" * 100)
    (tmp_path / "nothing.wav").write_bytes(b"")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "link.wav").symlink_to(song)
    soundfile.write(tmp_path / "no-samples.wav", np.zeros((0, 2)), RATE)
    soundfile.write(tmp_path / "many.wav", np.zeros((100, 17)), RATE)
    soundfile.write(tmp_path / "slow.wav", np.zeros((100, 1)), 4000)
    soundfile.write(tmp_path / "fast.wav", np.zeros((9600, 1)), 96000)
    for name in ("half.wav", "half.flac"):
        soundfile.write(tmp_path / name, music(1.0).T, RATE)
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) // 2])
    before_song = song.read_bytes()
    argv = list(map(str, BAD_INPUT[message](tmp_path, song)))
    if not {"-o", "--json", "--stems-dir"} & set(argv):
        argv += ["-o", str(tmp_path / "out.wav"), "--stems-dir", str(tmp_path / "stems")]
    before = sorted(str(p) for p in tmp_path.rglob("*"))
    assert main(["stream", *argv, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert sorted(str(p) for p in tmp_path.rglob("*")) == before
    assert song.read_bytes() == before_song


def test_nothing_to_write_is_refused(song, capsys):
    assert stream(song) == 2
    assert "nothing to write" in capsys.readouterr().err


def test_message_for_people_names_what_was_written(tmp_path, song, capsys):
    assert main(["stream", str(song), "-o", str(tmp_path / "a.wav"), "--duration", "1"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "11.6 ms late" in printed.err
    assert f"wrote {tmp_path / 'a.wav'}" in printed.err
