"""`streamsep daw`: projects are made, renewed, and what cannot be is one line."""

import json

import pytest

from streamsep.commands.main import main

SERVER = ["--rate", "48000", "--block", "256"]


@pytest.fixture
def no_server(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-has-this-name")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")


def run(capfd, *options):
    code = main(["daw", *options])
    return code, *capfd.readouterr()


def test_a_project_for_reaper_is_made_and_renewed(no_server, capfd, tmp_path):
    folder = tmp_path / "song"
    model = ["--preset", "classic", "--profile", "tight"]
    code, out, err = run(capfd, "reaper", "--session", str(folder), *SERVER, *model)
    assert (code, err) == (0, "")
    assert "not yet run in REAPER" in out
    assert "local listen port 8000" in out
    assert json.loads((folder / "streamsep.json").read_text())["written_samples"] == 512
    before = (folder / "streamsep.lua").read_text()
    code, out, err = run(capfd, "reaper", "--session", str(folder), "--block", "1024")
    assert (code, err) == (0, "")
    assert "1280 samples made good" in out
    assert (folder / "streamsep.lua").read_text() == before.replace(
        "512 / 48000", "1280 / 48000"
    ).replace("blocks of 256", "blocks of 1024")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "no JACK server runs; start jackd or PipeWire, or say --rate 48000 --block 256"),
        (["--rate", "96000", "--block", "256"], "96000 Hz is no rate for a project"),
        ([*SERVER, "--preset", "nothing"], "nothing"),
    ],
)
def test_what_cannot_be_is_one_line(no_server, capfd, tmp_path, options, reason):
    code, out, err = run(capfd, "reaper", "--session", str(tmp_path / "song"), *options)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert reason in err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["ardour"], "is a project for reaper"),
        (["reaper", "--preset", "classic"], "only its delay is written anew"),
        (["reaper", "--rate", "44100"], "start the server at 48000 Hz"),
    ],
)
def test_another_project_in_the_same_folder_is_refused(no_server, capfd, tmp_path, options, reason):
    folder = ["--session", str(tmp_path)]
    assert run(capfd, "reaper", *folder, *SERVER, "--preset", "classic")[0] == 0
    code, _, err = run(capfd, *options, *folder)
    assert code == 2
    assert err.count("\n") == 1
    assert reason in err


def test_live_without_a_project_is_one_line(capfd, tmp_path):
    assert main(["live", "--daw", str(tmp_path)]) == 2
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "make a project with: streamsep daw ardour" in err


@pytest.mark.parametrize("other", [["--mono"], ["--source", "song.wav"]])
def test_live_beside_a_project_hears_its_stereo_mixture(capfd, tmp_path, other):
    assert main(["live", "--daw", str(tmp_path), *other]) == 2
    assert f"leave out {' '.join(other)}" in capfd.readouterr().err
