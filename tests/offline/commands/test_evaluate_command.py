"""`streamsep evaluate` and `streamsep oracle` from the command line."""

import importlib
import importlib.util
import json
import signal
import subprocess
import sys
import time
import types

import numpy as np
import pytest
import soundfile

from signals import noise_stems
from streamsep.commands.main import main

RATE = 8000
NAMES = ("vocals", "drums", "bass")
PROGRAM = [
    sys.executable,
    "-c",
    "import sys; from streamsep.commands.main import main; sys.exit(main())",
]


def write(folder, stems, names=NAMES):
    folder.mkdir(parents=True)
    for name, stem in zip(names, stems, strict=True):
        soundfile.write(folder / f"{name}.wav", stem.T, RATE, subtype="FLOAT")


@pytest.fixture
def data(tmp_path):
    """Two kinds of music, three mono songs; the drums of one are silent."""
    for k, place in enumerate(("rock/<one>", "rock/two", "pop/three")):
        stems = noise_stems(3, 4.0, channels=1, seed=k)
        stems[1] *= k != 1
        write(tmp_path / "songs" / place, stems)
    return tmp_path / "songs"


@pytest.fixture
def theirs(data, tmp_path):
    """Somebody's estimates of them."""
    for k, name in enumerate(("<one>", "two", "three")):
        stems = noise_stems(3, 4.0, channels=1, seed=k)
        stems[1] *= k != 1
        noise = noise_stems(3, 4.0, channels=1, seed=100 + k)
        write(tmp_path / "theirs" / "test" / name, stems + 0.2 * noise)
    return tmp_path / "theirs"


@pytest.fixture(scope="module")
def museval():
    """As in tests/offline/evaluation."""
    if importlib.util.find_spec("museval") is None:
        pytest.skip("museval is not installed: pip install 'streamsep[train]'")
    before = sys.modules.get("musdb")
    sys.modules["musdb"] = before or types.ModuleType("musdb")
    try:
        return importlib.import_module("museval")
    finally:
        if before is None:
            del sys.modules["musdb"]


def figures(path):
    """Figures by song and stem of a report's first run."""
    run = json.loads(path.read_text())["runs"][0]
    return {(song["song"], s["stem"]): s for song in run["songs"] for s in song["stems"]}


def test_scores_of_estimates_are_those_of_museval(data, theirs, museval, tmp_path, capsys):
    path, out = tmp_path / "run.json", tmp_path / "museval"
    command = ["evaluate", str(theirs), "--data", str(data), "--json", str(path), "-o", str(out)]
    assert main(command) == 0
    found = figures(path)
    for k, name in enumerate(("<one>", "two", "three")):
        folders = (next(data.glob(f"*/{name}")), theirs / "test" / name)
        kept = [n for n in NAMES if not (k == 1 and n == "drums")]
        pair = [
            np.stack([soundfile.read(folder / f"{n}.wav", always_2d=True)[0] for n in kept])
            for folder in folders
        ]
        by_hand = museval.evaluate(*pair, win=RATE, hop=RATE)
        for key, values in zip(("sdr", "isr", "sir", "sar"), by_hand, strict=True):
            for stem, frames in zip(kept, values, strict=True):
                ours = found[name, stem][f"bss_{key}_db"]
                assert ours == pytest.approx(np.median(frames), abs=1e-4)
    assert found["two", "drums"]["bss_sdr_db"] is None
    assert found["two", "drums"]["leakage_db"] < 0.0
    store = museval.EvalStore()
    store.add_eval_dir(out)
    assert store.df["track"].nunique() == 3
    printed = capsys.readouterr()
    assert "BSS SDR" in printed.out
    assert "<one>" in printed.out
    assert "3 of 3 songs" in printed.err


def test_a_preset_with_every_report(data, tmp_path, capsys):
    files = {name: tmp_path / f"run.{name}" for name in ("json", "html", "png")}
    command = ["evaluate", "classic", "--data", str(data), "--kinds", "--players", "1", "--quiet"]
    command += ["--json", str(files["json"]), "--html", str(files["html"])]
    assert main([*command, "--plot", str(files["png"])]) == 0
    assert capsys.readouterr() == ("", "")
    run = json.loads(files["json"].read_text())["runs"][0]
    assert [(song["song"], song["kind"]) for song in run["songs"]] == [
        ("three", "pop"),
        ("<one>", "rock"),
        ("two", "rock"),
    ]
    assert run["is_complete"]
    assert run["settings"]["path"] == "live"
    assert {row["stem"] for row in run["summary"]} == set(NAMES)
    page = files["html"].read_text()
    assert page.count("<audio") == 1 + 2 * 3
    assert "<one>" not in page
    assert files["png"].read_bytes().startswith(b"\x89PNG")


def test_checks_are_in_the_table_the_page_and_the_report(data, tmp_path, capsys):
    files = {name: tmp_path / f"run.{name}" for name in ("json", "html")}
    command = ["evaluate", "classic", "--data", str(data), "--kinds", "--duration", "3"]
    command += ["--json", str(files["json"]), "--html", str(files["html"]), "--players", "1"]
    assert main([*command, "--checks", "level,without"]) == 0
    assert "Checks: input that is not a usual mix" in capsys.readouterr().out
    assert "without: level" in files["html"].read_text()
    run = json.loads(files["json"].read_text())["runs"][0]
    assert run["checks"]["names"] == ["without", "level"]
    assert list(run["checks"]["kinds"]) == ["pop", "rock"]
    for row in run["checks"]["stems"]:
        assert row["n_songs"] == 3
        assert row["without_db"] < 0.0
        assert row["level_db"] < 0.1
    assert {len(song["checks"]) for song in run["songs"]} == {3}


def test_json_on_standard_output_is_nothing_else(data, capsys):
    assert main(["oracle", "--data", str(data), "--kind", "mixture", "--json", "-"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["format"] == "streamsep-evaluation"
    assert "doing nothing" in printed.err


def test_the_ladder_has_every_profile_in_one_table(data, tmp_path, capsys):
    path = tmp_path / "ladder.json"
    command = ["oracle", "--data", str(data), "--ladder", "--kind", "irm", "mixture"]
    assert main([*command, "--json", str(path), "--metrics", "share"]) == 0
    runs = json.loads(path.read_text())["runs"]
    assert [run["title"].split(", ")[-1].split()[0] for run in runs] == [
        "studio",
        "stage",
        "tight",
        "instant",
        "doing",
    ]
    latencies = [run["settings"].get("latency_ms") for run in runs]
    assert latencies[:4] == sorted(latencies[:4], reverse=True)
    assert latencies[4] is None
    out = capsys.readouterr().out
    assert out.count("SDR in dB") == 1
    assert all(name in out for name in ("studio", "instant", "100.0 %"))


def test_runs_are_compared(data, tmp_path, capsys):
    reports = []
    for kind in ("irm", "psm"):
        reports.append(str(tmp_path / f"{kind}.json"))
        command = ["oracle", "--data", str(data), "--kind", kind, "--windows", "1024/512"]
        assert main([*command, "--json", reports[-1], "--quiet"]) == 0
    page = tmp_path / "page.html"
    assert main(["evaluate", "--compare", *reports, "--html", str(page)]) == 0
    out = capsys.readouterr().out
    assert "irm p=1, 1024/512/256" in out
    assert "B - A" in out
    assert "all stems" in out
    assert "95 % interval" in page.read_text()


def test_runs_with_other_figures_are_compared_in_what_both_have(data, tmp_path, capsys):
    reports = [str(tmp_path / f"{metrics}.json") for metrics in ("all", "si-sdr")]
    for path, metrics in zip(reports, ("all", "si-sdr"), strict=True):
        command = ["oracle", "--data", str(data), "--windows", "1024/512", "--metrics", metrics]
        assert main([*command, "--json", path, "--quiet"]) == 0
    for order in (reports, reports[::-1]):
        assert main(["evaluate", "--compare", *order]) == 0
        assert "SDR in dB" in capsys.readouterr().out


def test_a_run_is_to_be_exported_first(data, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(data)]) == 2
    assert f"streamsep export {tmp_path / 'run'} -o" in capsys.readouterr().err


def test_estimates_cannot_hear_other_input(data, theirs, capsys):
    assert main(["evaluate", str(theirs), "--data", str(data), "--checks", "mono"]) == 2
    message = capsys.readouterr().err
    assert f"--checks mono: {theirs} is a folder of estimates" in message
    assert "leave out --checks" in message


def test_songs_without_estimates_fail_and_the_rest_is_kept(data, theirs, tmp_path, capsys):
    for name in ("two", "three"):
        (theirs / "test" / name).rename(theirs / name.upper())
    path = tmp_path / "run.json"
    command = ["evaluate", str(theirs), "--data", str(data), "--json", str(path), "--quiet"]
    assert main(command) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("streamsep: three: no estimates of 'three'")
    assert not json.loads(path.read_text())["runs"][0]["is_complete"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["evaluate", "classic"], "--data is missing: name the folder of songs"),
        (["evaluate", "DATA"], "--data is missing; if DATA holds the songs"),
        (["evaluate", "clasic", "--data", "DATA"], "did you mean 'classic'?"),
        (["evaluate", "classic", "--data", "nowhere"], "no folder nowhere"),
        (["evaluate", "classic", "--data", "DATA", "--metrics", "sdr"], "metric 'sdr' is unknown"),
        (
            ["evaluate", "classic", "--data", "DATA", "--start", "60"],
            "none of 3 songs was scored: ",
        ),
        (["evaluate", "classic", "--data", "DATA", "--html", "no/x.html"], "page no/x.html cannot"),
        (
            ["evaluate", "classic", "--data", "DATA", "--plot", "x.xyz"],
            "--plot x.xyz: unknown kind of picture; name a .png, .svg, .pdf file",
        ),
        (["evaluate", "x", "--compare", "a.json", "b.json"], "--compare takes two reports and no"),
        (
            ["evaluate", "x", "--compare", "a", "b", "--checks"],
            "--compare takes two reports and no",
        ),
        (["evaluate", "--compare", "a", "b", "--checks"], "--checks all: --compare takes two"),
        (
            ["evaluate", "classic", "--data", "DATA", "--checks", "mono,loud"],
            "check 'loud' is unknown; choose of: alone, without, mono, level, rate, or all",
        ),
        (["oracle", "--data", "DATA", "--windows", "4096"], "write analysis/synthesis/hop"),
        (["oracle", "--data", "DATA", "--windows", "1000/500"], "must be a power of two"),
        (["oracle", "--data", "DATA", "--theta", "2"], "theta 2 is outside 0 to 1"),
    ],
)
def test_bad_input_is_one_line(data, capsys, command, message):
    words = [word.replace("DATA", str(data)) for word in command]
    assert main([*words, "--quiet"]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert len(printed.err.splitlines()) == 1
    assert message.replace("DATA", str(data)) in printed.err


def test_ctrl_c_keeps_what_was_scored(data, tmp_path):
    for k in range(20):
        write(data / "more" / f"song {k:02}", noise_stems(3, 30.0, channels=1, seed=k))
    path = tmp_path / "run.json"
    command = ["oracle", "--data", str(data), "--ladder", "--json", str(path)]
    with subprocess.Popen(
        [*PROGRAM, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while "2 of 23 songs" not in process.stderr.readline():
            assert process.poll() is None
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "which are reported" in err.splitlines()[-1]
    assert "studio" in out
    run = json.loads(path.read_text())["runs"][0]
    assert 2 <= len(run["songs"]) < 23
    assert not run["is_complete"]
