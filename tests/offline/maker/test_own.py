"""The user's own sounds: told apart, tuned, woven in, and never in two lists."""

import numpy as np
import pytest
import soundfile as sf

from streamsep_offline.maker import own, own_parts
from streamsep_offline.maker.kits import electronic_kit
from streamsep_offline.maker.notes import Note, pitch_to_hz
from streamsep_offline.maker.pitch import chroma, measured_pitch, shift_into_key
from streamsep_offline.maker.song import make_song
from streamsep_offline.maker.splits import SPLITS
from streamsep_offline.maker.stretch import stretched_in_time
from streamsep_offline.maker.studio import Studio

SAMPLE_RATE = 44100


def note(pitch, duration_s=1.0, falling=3.0, rate=SAMPLE_RATE):
    """A plucked string: harmonics that die away."""
    time_s = np.arange(round(duration_s * rate)) / rate
    hz = pitch_to_hz(pitch)
    x = sum(np.sin(2 * np.pi * k * hz * time_s) / k for k in range(1, 7))
    return (0.3 * x * np.exp(-falling * time_s)).astype(np.float32)


def write(path, audio, rate=SAMPLE_RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, audio, rate)


def noise(rng, duration_s):
    return 0.3 * rng.standard_normal(round(duration_s * SAMPLE_RATE))


@pytest.mark.parametrize("pitch", [28, 33.4, 40, 52, 64, 76, 88])
def test_pitches_of_notes_are_measured(pitch):
    found = measured_pitch(np.stack([note(pitch), note(pitch)]))
    assert found == pytest.approx(pitch, abs=0.1)


def test_noise_and_silence_have_no_pitch(rng):
    assert measured_pitch(noise(rng, 1.0)[None]) is None
    assert measured_pitch(np.zeros((2, SAMPLE_RATE), np.float32)) is None
    assert measured_pitch(np.ones((1, 50), np.float32)) is None


def test_a_phrase_is_moved_into_the_key():
    phrase = np.concatenate([note(p, 0.4) for p in (61, 65, 68, 66, 63, 61)])  # C sharp major
    classes = chroma(np.stack([phrase, phrase]))
    assert int(np.argmax(classes)) == 1
    major = (0, 2, 4, 5, 7, 9, 11)
    assert shift_into_key(classes, 48, major) == -1
    assert shift_into_key(classes, 50, major) == 1
    assert shift_into_key(classes, 49, major) == 0


@pytest.mark.parametrize("factor", [0.6, 1.3, 2.0])
def test_stretching_changes_length_and_not_pitch(factor, peak_hz):
    x = np.stack([note(57, 2.0, falling=0.2)] * 2)
    y = stretched_in_time(x, factor)
    assert y.shape == (2, round(2 * SAMPLE_RATE * factor))
    assert peak_hz(y[0]) == pytest.approx(220.0, rel=5e-3)
    middle = slice(len(y[0]) // 4, len(y[0]) // 2)
    assert np.std(y[0][middle]) == pytest.approx(np.std(x), rel=0.3)


@pytest.fixture
def mine(tmp_path, rng):
    """A folder of samples with some of everything."""
    root = tmp_path / "mine"
    for piece in ("kick 01", "snare_hard", "HiHat-closed", "my open hat", "thing"):
        write(root / "drums" / f"{piece}.wav", noise(rng, 0.3))
    write(root / "drums" / "groove_100bpm.wav", noise(rng, 2.4))
    for k in range(12):
        write(root / "bass" / f"fretless{k}" / "long_a1.flac", note(33))
    write(root / "bass" / "unnamed.wav", note(35.0))
    write(root / "piano" / "upright" / "c4.ogg", note(60))
    write(root / "other" / "riff.wav", np.concatenate([note(p, 0.25) for p in (60, 64, 67, 72)]))
    write(root / "other" / "flute.mp3", note(72, 1.5))
    for name in ("anna/verse", "anna/hook", "bert/line", "carla/la", "dora/oh", "emil/hey"):
        write(root / "vocals" / f"{name}.wav", note(55, 1.5, 0.5))
    (root / "other" / "broken.wav").write_bytes(b"no audio")
    return tmp_path


def sounds(folder, stem, kind):
    return [s for split in SPLITS for s in own.own_sounds(Studio(folder, split), stem, kind)]


def test_files_are_told_apart_by_name_and_sound(mine):
    hits = {hit.path.stem: hit.piece for hit in sounds(mine, "drums", "hit")}
    assert hits == {
        "kick 01": "kick", "snare_hard": "snare", "HiHat-closed": "hat", "my open hat": "open",
        "thing": "perc",
    }  # fmt: skip
    (loop,) = sounds(mine, "drums", "loop")
    assert loop.bpm == 100.0
    pitches = {n.path.parent.name: n.pitch for n in sounds(mine, "bass", "note")}
    assert pitches["fretless3"] == 33.0
    assert pitches["bass"] == pytest.approx(35.0, abs=0.1)
    assert [n.pitch for n in sounds(mine, "piano", "note")] == [60.0]
    assert [s.path.name for s in sounds(mine, "other", "loop")] == ["riff.wav"]
    (flute,) = sounds(mine, "other", "note")
    assert flute.pitch == pytest.approx(72.0, abs=0.1)
    assert {s.name for s in sounds(mine, "vocals", "loop")} == {
        "vocals/anna", "vocals/bert", "vocals/carla", "vocals/dora", "vocals/emil",
    }  # fmt: skip


def test_no_singer_or_instrument_is_in_two_lists(mine):
    for stem, kind in (("bass", "note"), ("vocals", "loop"), ("drums", "hit")):
        lists = [{s.name for s in own.own_sounds(Studio(mine, p), stem, kind)} for p in SPLITS]
        assert sum(map(len, lists)) == len(set().union(*lists))
    assert len(own.own_sounds(Studio(mine, "train"), "bass", "note")) >= 6


def fitting_split(folder, stem, kind):
    return next(p for p in SPLITS if own.own_sounds(Studio(folder, p), stem, kind))


def test_notes_are_played_at_their_pitch(mine, make_take, peak_hz):
    split = fitting_split(mine, "bass", "note")
    for _ in range(8):
        take = make_take("rock", 4.0, mine, split, "bass")
        y = own_parts.play_notes(take, [Note(0.5, 1.0, 38.0, 0.9)])
        if y is not None:
            break
    assert not y[: int(0.49 * SAMPLE_RATE)].any()
    assert peak_hz(y) == pytest.approx(pitch_to_hz(38), rel=0.01)
    assert take.credits.ingredients[0]["source"] == own.SOURCE


def test_hits_replace_pieces_of_a_kit(mine, make_take):
    split = fitting_split(mine, "drums", "hit")
    pieces = {hit.piece for hit in own.own_sounds(Studio(mine, split), "drums", "hit")}
    replaced = set()
    for _ in range(12):
        take = make_take("house", 4.0, mine, split, "drums")
        electronic_kit(take)
        replaced |= {e["kind"] for e in take.credits.ingredients}
    assert "own" in replaced
    assert pieces


def test_loops_are_brought_to_tempo_and_key(mine, make_take):
    split = fitting_split(mine, "other", "loop")
    take = make_take("pop", 12.0, mine, split, "other")
    (sound,) = own.own_sounds(take.studio, "other", "loop")
    y = own_parts.looped(take, sound)
    assert y.shape == (2, take.plan.n_samples)
    assert y.any()
    assert take.plan.scale
    wanted = [(take.plan.key + step) % 12 for step in take.plan.scale]
    assert chroma(y)[wanted].sum() > 0.8
    n_beats = own_parts._beats(1.0, None, take.plan.beat_s)
    assert 0.7 < n_beats * take.plan.beat_s / 1.0 < 1.45 or n_beats == 1
    assert own_parts._beats(2.4, 100.0, take.plan.beat_s) == 4.0


@pytest.mark.usefixtures("short_analyses")
def test_songs_are_woven_with_what_is_there_and_name_it(mine):
    named = set()
    for index in range(4):
        song = make_song(5, index, Studio(mine), "pop", 4.0)
        assert np.isfinite(song.stems).all()
        own_ones = [e for e in song.manifest["ingredients"] if e["source"] == own.SOURCE]
        named |= {entry["name"].split("/")[0] for entry in own_ones}
    assert len(named) >= 2
    again = make_song(5, 3, Studio(mine), "pop", 4.0)
    np.testing.assert_array_equal(again.stems, song.stems)


@pytest.mark.usefixtures("short_analyses")
def test_without_such_a_folder_nothing_changes(tmp_path):
    bare = make_song(5, 1, Studio(None), "pop", 4.0)
    empty = make_song(5, 1, Studio(tmp_path), "pop", 4.0)
    np.testing.assert_array_equal(bare.stems, empty.stems)
