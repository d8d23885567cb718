import math

import numpy as np
import pytest

from signals import music, noise_stems
from streamsep.errors import ParameterError
from streamsep_offline.evaluation.checks import CHECKS, LEVELS_DBFS, check_song, parse_checks
from streamsep_offline.evaluation.live import LiveMethod
from streamsep_offline.evaluation.score import SongAudio

RATE = 44100
NAMES = ("vocals", "drums", "bass")


@pytest.fixture(scope="module")
def song():
    """Three noises, at a low rate: quick."""
    return SongAudio("track", NAMES, noise_stems(3, 4.0), 8000)


@pytest.fixture(scope="module")
def tones():
    """A tune and silence: whatever is made of the mixture has a known SDR."""
    tune = music(4.0) - np.mean(music(4.0), axis=-1, keepdims=True)
    return SongAudio("track", NAMES[:2], np.stack([tune, 0.0 * tune]), RATE)


def check(song, estimate, *checks):
    """Figures by stem, of a function from mixture and rate to stems."""

    def hear(part):
        return song.stems, np.asarray(estimate(part.mixture, part.sample_rate), np.float32)

    return check_song(song, hear, *hear(song), checks)


def nothing(mixture, rate, n=3):
    return [mixture / n] * n


def test_doing_nothing_has_known_figures(song):
    for figures in check(song, nothing, *CHECKS).values():
        assert figures["alone_sdr_db"] == pytest.approx(20 * np.log10(3 / 2), abs=1e-3)
        assert figures["without_db"] == pytest.approx(-20 * np.log10(3), abs=1e-3)
        assert figures["mono_points"] == pytest.approx(0.0, abs=1e-3)
        assert figures["level_db"] == pytest.approx(0.0, abs=1e-4)
        assert figures["level_sdr_db"] > 99.0
        assert figures["rate_db"] == pytest.approx(0.0, abs=0.01)


def test_a_stem_that_knows_itself_is_perfect_alone_and_silent_without(song):
    by_power = {float(np.sum(x**2)): j for j, x in enumerate(song.references)}

    def knows(mixture, rate):
        stems = np.zeros_like(song.references)
        j = by_power.get(float(np.sum(mixture**2)))
        if j is not None:
            stems[j] = mixture
        return stems

    for figures in check(song, knows, "alone", "without").values():
        assert figures["alone_sdr_db"] > 99.0
        assert figures["without_db"] == -100.0


def test_only_what_is_asked_for_is_heard(song):
    heard = []

    def count(mixture, rate):
        heard.append(rate)
        return nothing(mixture, rate)

    (figures, *_) = check(song, count, "alone").values()
    assert list(figures) == ["alone_sdr_db"]
    assert len(heard) == 1 + 3


def test_a_separator_that_levels_everything_is_found_out(song):
    def to_full_scale(mixture, rate):
        return nothing(mixture / np.abs(mixture).max(), rate)

    peak_db = 20 * np.log10(np.abs(song.mixture).max())
    worst = max(abs(peak_db - level_dbfs) for level_dbfs in LEVELS_DBFS)
    for figures in check(song, to_full_scale, "level").values():
        assert figures["level_db"] == pytest.approx(worst, abs=1e-3)
        assert figures["level_sdr_db"] < -30.0


def test_a_gate_that_shuts_at_the_lowest_level_is_found_out(song):
    def gate(mixture, rate):
        return nothing(mixture * (np.abs(mixture) > 2e-3), rate)

    for figures in check(song, gate, "level").values():
        assert figures["level_db"] > 3.0
        assert figures["level_sdr_db"] < 3.0


def test_who_goes_by_panning_loses_it_in_mono_and_nothing_in_a_mono_song():
    left, right = noise_stems(2, 4.0)[:, :1]
    silent = 0.0 * left
    sides = np.stack([np.concatenate([left, silent]), np.concatenate([silent, right])])
    wide = SongAudio("track", NAMES[:2], sides.astype(np.float32), 8000)

    def by_panning(mixture, rate):
        difference = mixture[:1] - mixture[1:]
        if not difference.any():
            return nothing(mixture, rate, 2)
        return [mixture * [[1], [0]], mixture * [[0], [1]]]

    for figures in check(wide, by_panning, "mono").values():
        assert figures["stereo_sdr_db"] > 90.0
        assert figures["mono_sdr_db"] == pytest.approx(figures["mono_nothing_db"], abs=1e-3)
        assert figures["mono_points"] < -90.0
    middle = wide._replace(references=np.repeat(sides.mean(axis=1, keepdims=True), 2, axis=1))
    for figures in check(middle, by_panning, "mono").values():
        assert figures["mono_points"] == pytest.approx(0.0, abs=1e-3)


def test_who_is_worse_at_48_khz_is_found_out(tones):
    def half(mixture, rate):
        return [(0.5 if rate == RATE else 0.4) * mixture, 0.0 * mixture]

    figures = check(tones, half, "rate")
    assert figures["vocals"]["rate_db"] == pytest.approx(20 * np.log10(0.5 / 0.6), abs=0.02)
    assert math.isnan(figures["drums"]["rate_db"])


def test_silence_has_no_figures_but_what_is_made_of_others(tones):
    drums = check(tones, lambda x, _: [0.5 * x, 0.1 * x], *CHECKS)["drums"]
    assert drums["without_db"] == pytest.approx(-20.0, abs=1e-3)
    assert math.isnan(drums["alone_sdr_db"])
    assert math.isnan(drums["mono_points"])
    vocals = check(tones, lambda x, _: [0.5 * x, 0.1 * x], "without")["vocals"]
    assert math.isnan(vocals["without_db"]), "without vocals nothing sounds"
    still = tones._replace(references=0.0 * tones.references)
    for figures in check(still, lambda x, _: [x, x], *CHECKS).values():
        assert all(math.isnan(figures[key]) for key in ("without_db", "level_db", "rate_db"))


def test_stems_meet_where_song_and_model_are_cut_alike(song):
    def two(part):
        return ("vocals", "accompaniment"), np.stack(nothing(part.mixture, 0, 2))

    found = check_song(song, two, *two(song), ("alone", "without"))
    assert list(found) == ["vocals", "accompaniment"]
    for figures in found.values():
        assert figures["alone_sdr_db"] == pytest.approx(6.02, abs=0.01)


def test_an_instrumental_is_itself_what_is_heard_without_vocals(song):
    band = song._replace(stems=NAMES[1:], references=song.references[1:])
    gains = {"vocals": 0.1, "drums": 0.5, "bass": 0.4}

    def hear(part):
        return NAMES, np.stack([gain * part.mixture for gain in gains.values()])

    found = check_song(band, hear, *hear(band), ("alone", "without"))
    assert found["vocals"] == {"without_db": pytest.approx(-20.0, abs=1e-3)}
    assert found["drums"]["without_db"] == pytest.approx(-6.02, abs=1e-2)


def test_a_mixture_of_its_own_is_what_is_scaled_and_resampled(song):
    own = song._replace(own_mixture=0.5 * song.mixture)
    for figures in check(own, nothing, "alone", "level", "mono").values():
        assert figures["alone_sdr_db"] == pytest.approx(20 * np.log10(3 / 2), abs=1e-3)
        assert figures["level_db"] == pytest.approx(0.0, abs=1e-4)
        assert figures["mono_points"] == pytest.approx(0.0, abs=1e-3)


def test_classic_does_not_mind_the_level_nor_a_song_that_is_mono():
    parts = np.stack([0.3 * music(3.2, seed=k, channels=1) for k in range(4)])
    song = SongAudio("track", (*NAMES, "other"), np.repeat(parts, 2, axis=1), RATE)
    estimate = LiveMethod("classic").open()
    names, stems = estimate(song)
    for figures in check_song(song, estimate, names, stems, ("mono", "level")).values():
        assert figures["mono_points"] == pytest.approx(0.0, abs=0.01)
        assert figures["level_db"] < 0.01
        assert figures["level_sdr_db"] > 60.0


def test_checks_are_named_in_one_order():
    assert parse_checks(None) == ()
    assert parse_checks("all") == CHECKS
    assert parse_checks("level, alone") == ("alone", "level")
    for text in ("loud", "", ","):
        with pytest.raises(ParameterError, match=f"check '{text}' is unknown; choose of: alone"):
            parse_checks(text)
