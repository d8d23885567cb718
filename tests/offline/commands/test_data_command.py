"""`streamsep data check` and `stats` as users call them."""

import json
import subprocess
import sys

import pytest

from layouts_on_disk import WRITERS
from streamsep.commands.main import main


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def root(tmp_path):
    WRITERS["musdb_hq"](tmp_path / "songs")
    return tmp_path / "songs"


def test_clean_data_leave_with_0(root, tmp_path, capsys):
    report = tmp_path / "report.json"
    assert main(["data", "check", str(root), "--json", str(report)]) == 0
    told = capsys.readouterr().out
    assert "layout musdb; songs: train 3, valid 2, test 1" in told
    assert "nothing is wrong" in told
    assert "vocals            0.003 hours in 6 songs" in told
    written = json.loads(report.read_text())
    assert written["faults"] == 0
    assert written["stems"]["drums"]["songs"] == 6
    assert written["songs"] == {"train": 3, "valid": 2, "test": 1}


def test_a_fault_is_a_line_and_leaves_with_1(root, tmp_path, capsys):
    bad = root / "train" / "one" / "drums.wav"
    bad.write_bytes(b"")
    report = tmp_path / "report.json"
    assert main(["data", "check", str(root), "--json", str(report), "--jobs", "2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("unreadable:")]
    assert line.count(str(bad)) == 1
    assert "faults: 1" in lines
    assert json.loads(report.read_text())["findings"][0]["kind"] == "unreadable"


def test_what_is_allowed_is_a_note(root, capsys):
    (root / "train" / "one" / "drums.wav").unlink()
    (root / "train" / "one" / "mixture.wav").unlink()
    assert main(["data", "check", str(root)]) == 1
    assert main(["data", "check", str(root), "--allow", "missing"]) == 0
    assert "note, missing:" in capsys.readouterr().out
    assert main(["data", "check", str(root), "--allow", "mising"]) == 2


def test_a_song_instead_of_a_folder_is_one_line(root, capsys):
    song = root / "train" / "one" / "drums.wav"
    assert main(["data", "check", str(song)]) == 2
    error = capsys.readouterr().err
    assert f"{song} is a file; name the folder" in error
    assert error.count("\n") == 1


def test_stats_count_hours_levels_and_formats(root, tmp_path, capsys):
    report, picture = tmp_path / "stats.json", tmp_path / "stats.png"
    pytest.importorskip("matplotlib")
    assert main(["data", "stats", str(root), "--json", str(report), "--png", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "WAV PCM_16" in told
    stats = json.loads(report.read_text())
    assert stats["formats"] == [
        {"format": "WAV PCM_16", "sample_rate": 44100, "channels": 2, "files": 30}
    ]
    assert [stem["stem"] for stem in stats["stems"]] == ["vocals", "drums", "bass", "other"]
    for stem in stats["stems"]:
        assert stem["rms_db"] == pytest.approx(-26.0, abs=0.1)  # 0.05 of full scale
        assert stem["active"] == 1.0
        assert stem["hours"] == pytest.approx(6 * 2 / 3600)
    assert stats["cache_gb"] == 0.0
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_stats_foresee_the_cache(root, tmp_path):
    report = tmp_path / "stats.json"
    assert main(["data", "stats", str(root), "--rate", "48000", "--json", str(report)]) == 0
    seconds = 30 * 2
    assert json.loads(report.read_text())["cache_gb"] == pytest.approx(seconds * 48000 * 4 / 1e9)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "nowhere"], "does not exist"),
        (["stats", "."], "no songs"),
        (["check", ".", "--layout", "musd"], "did you mean 'musdb'"),
        (["check", ".", "--jobs", "0"], "use at least 1"),
    ],
)
def test_bad_input_is_one_line(arguments, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["data", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("action", ["check", "stats"])
def test_help_names_the_options(action):
    words = [sys.executable, "-m", "streamsep.commands.main", "data", action, "--help"]
    code = f"import sys; from streamsep.commands.main import main; main({words[3:]!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for option in ("--layout", "--targets", "--rate", "--json"):
        assert option in done.stdout
