"""`streamsep latency` but for the measurement, which needs sound: tests/rig/test_latency.py."""

import pytest

from cue_models import write_both_ways_preset
from streamsep.commands.main import main
from streamsep.separator import Separator
from streamsep_bridge.audio import loopback
from streamsep_bridge.audio.loopback import LoopMeasurement
from streamsep_bridge.commands.latency import algorithm_samples, presets_of

MEASURED = LoopMeasurement(
    "Mic", "Speaker", "ALSA", 48000, 256, 1, -20.0, (700, 701), 12.0, True, False, 3
)


@pytest.mark.parametrize(("rate", "block"), [(44100, 256), (48000, 480), (96000, 512)])
@pytest.mark.parametrize("profile", ["stage", "instant"])
def test_the_algorithm_takes_what_a_separator_declares(profile, rate, block):
    separator = Separator.from_preset(
        "classic", profile=profile, sample_rate=rate, block_size=block
    )
    assert algorithm_samples(profile, rate, block) == separator.latency_samples


def test_tables_for_people(capsys, monkeypatch):
    monkeypatch.setattr(loopback, "measure_loop", lambda *order, **more: MEASURED)
    assert main(["latency", "--profile", "tight"]) == 0
    text = capsys.readouterr().out
    rows = [
        [cell.strip() for cell in row.strip("│").split("│")]
        for row in text.splitlines()
        if row.startswith("│")
    ]
    assert rows == [
        ["measured, least of 2", "700", "14.58"],
        ["measured, median", "700", "14.58"],
        ["measured, most", "701", "14.60"],
        ["declared by the driver", "576", "12.00"],
        ["difference", "124", "2.58"],
        ["attempts repeated after an xrun", "3", ""],
        ["polarity", "", "inverted"],
        ["tight", "5.33 ms", "19.92 ms", "2stems-tight, 4stems-tight, classic"],
    ]
    assert "disagree by 1 samples" in text


def test_a_wrong_profile_is_one_line_before_anything_is_heard(capsys, monkeypatch):
    monkeypatch.setattr(loopback, "measure_loop", lambda *order, **more: pytest.fail("heard"))
    assert main(["latency", "--profile", "slow"]) == 2
    captured = capsys.readouterr()
    assert "profile 'slow' is unknown" in captured.err
    assert captured.err.count("\n") == 1


def test_presets_of_a_profile_are_those_that_stream(tmp_path, monkeypatch):
    write_both_ways_preset(tmp_path)
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    assert "classic" in presets_of("studio")
    assert "4stems-mine" not in presets_of("studio")
