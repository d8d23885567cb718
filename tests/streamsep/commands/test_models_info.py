"""`streamsep models` and `streamsep info`: facts, and no crash where something is broken."""

import json

from cue_models import write_both_ways_preset
from streamsep.commands.main import main


def test_models_lists_classic_with_its_latencies(capsys):
    assert main(["models"]) == 0
    table = capsys.readouterr().out
    for words in ("classic", "4stems", "stage", "23.2 ms", "MIT"):
        assert words in table


def test_models_as_json_and_a_broken_preset_is_shown_as_such(tmp_path, monkeypatch, capsys):
    (tmp_path / "broken.json").write_text("{")
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    assert main(["models", "--json"]) == 0
    rows = {row["preset"]: row for row in json.loads(capsys.readouterr().out)}
    assert "not readable JSON" in rows["broken"]["error"]
    assert rows["classic"]["latency_ms"]["instant"] < 6.0
    assert rows["classic"]["weights"] == 0
    assert main(["models"]) == 0
    assert "unusable" in capsys.readouterr().out


def test_info_has_what_a_bug_report_needs(capsys):
    assert main(["info"]) == 0
    text = capsys.readouterr().out
    for words in ("streamsep", "python", "numba", "libsndfile", "system", "processor", "engines"):
        assert words in text


def test_what_hears_the_future_is_offline_only(tmp_path, monkeypatch, capsys):
    write_both_ways_preset(tmp_path)
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    assert main(["models"]) == 0
    table = capsys.readouterr().out
    (row,) = (line for line in table.splitlines() if "4stems-mine" in line and "studio" in line)
    assert "offline only" in row
    assert "ms" not in row.replace("4stems", "")
    assert main(["models", "--json"]) == 0
    rows = {row["preset"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["4stems-mine"]["is_offline"]
    assert rows["4stems-mine"]["latency_ms"] == {"studio": None}
    assert not rows["classic"]["is_offline"]
    (tmp_path / "broken.json").write_text("{")
    assert main(["info"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    told = {line[0]: " ".join(line[2:]) for line in lines if line}
    assert told["4stems-mine"] == "(offline only)"
    assert told["broken"].startswith("(unusable")
    assert told["classic"] == ""
