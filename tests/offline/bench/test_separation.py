"""The comparison of whole separations: both sides separate the same music, and the table says how fast."""

import importlib.util
import json

import numpy as np
import pytest
from rich.console import Console

from streamsep_offline.bench import separation
from streamsep_offline.bench.separation import compare_separations, separation_table

HAS_PEER = importlib.util.find_spec("openunmix") is not None


def text_of(table) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


@pytest.mark.skipif(not HAS_PEER, reason="pip install --no-deps openunmix")
def test_both_separate_the_same_music_into_nearly_the_same_stems():
    rounds = []
    results = compare_separations(4.0, hidden_size=8, rounds=1, on_round=lambda: rounds.append(1))
    ours, peer = results
    assert (ours.name, peer.name, len(rounds)) == ("streamsep", "open-unmix", 1)
    assert ours.times_peer == pytest.approx(peer.seconds[0] / ours.seconds[0])
    assert ours.times_real_time == pytest.approx(4.0 / ours.seconds[0])
    assert ours.agreement_db > 20.0
    assert "open-unmix" in text_of(separation_table(results, 4.0))
    assert json.loads(json.dumps([r.as_json() for r in results]))[0]["statistics"]["count"] == 1


def test_without_the_peer_its_row_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(separation, "_import_openunmix", lambda: None)
    ours, peer = compare_separations(1.5, hidden_size=8, rounds=1)
    assert ours.seconds.shape == (1,)
    assert ours.times_peer is None
    assert peer.seconds is None
    table = text_of(separation_table([ours, peer], 1.5))
    assert "pip install --no-deps openunmix" in " ".join(table.split())


def test_stems_that_differ_agree_less():
    stems = np.ones((4, 2, 44100 * 4), np.float32)
    assert separation._agreement_db(1.1 * stems, stems) == pytest.approx(20.0, abs=0.01)
    outside = stems.copy()
    outside[..., :44100] = 5.0  # the ends, where each hears another silence
    assert separation._agreement_db(outside, stems) > 200.0
