"""`streamsep listen` from the command line."""

import os
import signal
import subprocess
import sys
import threading

import pytest
import soundfile

from signals import noise_stems
from streamsep.commands.main import main

pytest.importorskip("matplotlib")
RATE = 8000
NAMES = ("vocals", "drums", "bass")
PROGRAM = [
    sys.executable,
    "-c",
    "import sys; from streamsep.commands.main import main; sys.exit(main())",
]


def write(folder, stems):
    folder.mkdir(parents=True)
    for name, stem in zip(NAMES, stems, strict=True):
        soundfile.write(folder / f"{name}.wav", stem.T, RATE, subtype="FLOAT")


@pytest.fixture
def data(tmp_path):
    for k, name in enumerate(("<script>one", "three", "two")):
        write(tmp_path / "songs" / name, noise_stems(3, 5.0, seed=k))
    return tmp_path / "songs"


@pytest.fixture
def theirs(data, tmp_path):
    for k, name in enumerate(("<script>one", "three", "two")):
        noise = noise_stems(3, 5.0, seed=100 + k)
        write(tmp_path / "theirs" / "test" / name, noise_stems(3, 5.0, seed=k) + 0.2 * noise)
    return tmp_path / "theirs"


def test_a_preset_beside_estimates(data, theirs, tmp_path, capsys):
    page = tmp_path / "page.html"
    page.write_text("what was there")
    command = ["listen", "classic", str(theirs), "--data", str(data), "-o", str(page)]
    assert main([*command, "--songs", "2", "--duration", "3"]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("<section class=") == 2
    assert text.count("<audio") == text.count("<img") == 2 * (1 + 3 * 3)
    assert text.count("<script") == 1
    assert text.count("&lt;script&gt;one") == 1
    assert "estimates in theirs" in text
    assert "14.0 dB" in text or "13.9 dB" in text, "a fifth of the power of the stems, as noise"
    printed = capsys.readouterr()
    assert not printed.out
    assert "2 clips; the page will weigh about" in printed.err
    assert f"{page}: {page.stat().st_size / 1e6:.1f} MB" in " ".join(printed.err.split())
    assert [path.name for path in tmp_path.glob("*.*")] == ["page.html"]


def test_songs_that_fail_are_left_out(data, theirs, tmp_path, capsys):
    (theirs / "test" / "three").rename(theirs / "THREE")
    page = tmp_path / "page.html"
    command = ["listen", str(theirs), "--data", str(data), "-o", str(page), "--duration", "2"]
    assert main([*command, "--quiet"]) == 1
    assert page.read_text(encoding="utf-8").count("<section class=") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("streamsep: three: no estimates of 'three'")


def test_two_folders_of_one_name_are_told_apart(data, theirs, tmp_path):
    other = tmp_path / "other" / "theirs"
    other.parent.mkdir()
    other.symlink_to(theirs)
    page = tmp_path / "page.html"
    command = ["listen", str(theirs), str(other), "--data", str(data), "-o", str(page)]
    assert main([*command, "--songs", "1", "--duration", "1", "--quiet"]) == 0
    for folder in (theirs, other):
        assert f"estimates in theirs ({folder})" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["classic", "-o", "p.html"], "--data is missing: name the folder of songs"),
        (["clasic", "--data", "DATA", "-o", "p.html"], "did you mean 'classic'?"),
        (["classic", "classic", "--data", "DATA", "-o", "p.html"], "classic is named twice"),
        (["classic", "--data", "nowhere", "-o", "p.html"], "no folder nowhere"),
        (["classic", "--data", "DATA", "-o", "song.wav"], "-o song.wav is no page; name a .html"),
        (["classic", "--data", "DATA", "-o", "no/p.html"], "page no/p.html cannot be written"),
        (
            ["classic", "--data", "DATA", "-o", "p.html", "--start", "60"],
            "none of 3 songs can be heard: ",
        ),
    ],
)
def test_bad_input_is_one_line(data, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    assert main(["listen", *(word.replace("DATA", str(data)) for word in words), "--quiet"]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert len(printed.err.splitlines()) == 1
    assert message in printed.err
    assert not list(tmp_path.glob("*.*"))


def test_ctrl_c_leaves_the_page_that_was_there(data, theirs, tmp_path):
    for k in range(40):
        write(data / f"song {k:02}", noise_stems(3, 5.0, seed=k))
        write(theirs / f"song {k:02}", noise_stems(3, 5.0, seed=k))
    page = tmp_path / "page.html"
    page.write_text("what was there")
    command = ["listen", str(theirs), "--data", str(data), "-o", str(page), "--songs", "43"]
    command += ["--duration", "2"]
    with subprocess.Popen(
        [*PROGRAM, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        killer = threading.Timer(120.0, process.kill)
        killer.start()
        while not process.stderr.readline().startswith("1 of 43 clips"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        killer.cancel()
    assert process.returncode == 130
    assert err.splitlines()[-1] == "streamsep: stopped; no page was written"
    assert page.read_text() == "what was there"
    assert [path.name for path in tmp_path.glob("*.*")] == ["page.html"]
