"""`streamsep models` and `streamsep info`: facts, and no crash where something is broken."""

import json

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
