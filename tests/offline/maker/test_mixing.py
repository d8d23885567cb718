"""The desk: strips, sends, rides, bus and master."""

import numpy as np
import pytest

from streamsep_offline.maker import mixing
from streamsep_offline.maker.breaks import Break, choked
from streamsep_offline.maker.mixing import bus, eq, rides, rooms, stereo, strips
from streamsep_offline.maker.mixing.eras import ERAS, choose_era
from streamsep_offline.maker.mixing.kernels import limiter_gain
from streamsep_offline.maker.mixing.levels import TARGETS, random_levels_db
from streamsep_offline.maker.mixing.loudness import loudness_lufs
from streamsep_offline.maker.mixing.sends import make_sends
from streamsep_offline.maker.shaping import ramped

SAMPLE_RATE = 44100


def tone(hz, duration_s=1.0, level=1.0):
    n = round(duration_s * SAMPLE_RATE)
    x = level * np.sin(2 * np.pi * hz * np.arange(n) / SAMPLE_RATE)
    return np.stack([x, x]).astype(np.float32)


def rms_db(x):
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-20)


@pytest.fixture
def noisy(make_take, rng):
    """A plan, and stems of bursts of noise, wide, at odd levels."""

    def make(genre="rock", duration_s=4.0, has_piano=True):
        plan = make_take(genre, duration_s).plan
        stems = {}
        for k, name in enumerate(mixing.STEMS):
            is_on = np.sin(np.arange(plan.n_samples) * (k + 2) / 9000) > -0.3
            noise = rng.standard_normal((2, plan.n_samples)) * is_on
            stems[name] = (3.0**k * noise).astype(np.float32)
        if not has_piano:
            stems["piano"] = np.zeros_like(stems["piano"])
        return plan, stems

    return make


@pytest.mark.parametrize("seed", range(6))
def test_stems_sum_to_a_mixture_that_does_not_clip(noisy, seed):
    plan, stems = noisy("house" if seed % 2 else "rock", has_piano=seed % 3 > 0)
    before = {name: stem.copy() for name, stem in stems.items()}
    mix = mixing.mix(stems, plan, np.random.default_rng(seed))
    four = mix.targets(4)
    assert mix.stems.shape == (5, 2, plan.n_samples)
    assert four.shape == (4, 2, plan.n_samples)
    np.testing.assert_allclose(four.sum(axis=0), mix.stems.sum(axis=0), atol=1e-6)
    for audio in (mix.stems, four, four.sum(axis=0)):
        assert np.abs(audio).max() <= 1.0
    for name, stem in before.items():
        np.testing.assert_array_equal(stems[name], stem)
    # in the 16 bits of files, too
    pcm = np.round(four * 32767.0)
    assert np.abs(pcm.sum(axis=0) - np.round(four.sum(axis=0) * 32767.0)).max() <= 2.0


def test_same_seed_same_bits_and_another_seed_another_record(noisy):
    plan, stems = noisy()
    one, again, other = (mixing.mix(stems, plan, np.random.default_rng(s)) for s in (7, 7, 8))
    np.testing.assert_array_equal(one.stems, again.stems)
    assert one.facts == again.facts
    assert np.abs(one.stems - other.stems).max() > 0.01


def test_bus_and_master_are_one_gain_for_all_stems(rng):
    """Twice the same stem at other levels: what the bus does to one it does to the other."""
    shape = np.sin(np.arange(2 * SAMPLE_RATE) / 7000) ** 2
    x = (rng.standard_normal((2, 2 * SAMPLE_RATE)) * shape).astype(np.float32)
    other = (2.0 * rng.standard_normal(x.shape) * shape[::-1]).astype(np.float32)
    for era in ERAS.values():
        audio = np.stack([x, 0.25 * x, other])
        bus.glue(audio, era, rng, is_electronic=True)
        audio = bus.wow_and_flutter(audio, rng)
        bus.master(audio, era, rng)
        np.testing.assert_allclose(audio[1], 0.25 * audio[0], atol=1e-5)
        assert np.abs(audio.sum(axis=0)).max() <= 1.0


def test_masters_are_as_loud_as_their_time(noisy, rng):
    plan, stems = noisy(duration_s=6.0)
    for name in ("sixties", "modern"):
        audio = np.stack([0.01 * stem for stem in stems.values()])
        bus.master(audio, ERAS[name], rng)
        low, high = ERAS[name].loudness_lufs
        assert low - 0.5 <= loudness_lufs(audio.sum(axis=0)) <= high + 0.5
    assert plan.n_samples == audio.shape[-1]


def test_two_stems_on_a_strip_are_treated_as_their_sum(rng):
    a, b = (rng.standard_normal((2, SAMPLE_RATE)).astype(np.float32) for _ in range(2))
    for seed in range(6):
        together = strips.process("other", [a + b], 3.0, [], np.random.default_rng(seed))[0]
        apart = strips.process("other", [a, b], 3.0, [], np.random.default_rng(seed))
        np.testing.assert_allclose(apart[0] + apart[1], together, atol=2e-5)
        assert rms_db(together) == pytest.approx(3.0, abs=0.3)


def test_saturation_is_a_gain(rng):
    x = rng.standard_normal((2, SAMPLE_RATE)).astype(np.float32)
    gain = strips.saturation_gain(x, 1.0)
    assert 0.0 < gain.min() < gain.max() <= 1.0
    peak = np.percentile(np.abs(x[:, ::7]), 99.5)
    np.testing.assert_allclose(gain * x, peak * np.tanh(x / peak), atol=1e-3)
    assert strips.saturation_gain(np.zeros((2, 99), np.float32), 1.0).min() > 0.999


def test_equaliser_sections_do_what_they_say():
    def gain_db(hz, section):
        x = tone(hz)
        return rms_db(eq.through(x, [section])[:, 20000:]) - rms_db(x[:, 20000:])

    assert gain_db(1000.0, eq.bell(1000.0, 5.0)) == pytest.approx(5.0, abs=0.1)
    assert gain_db(12000.0, eq.shelf(2000.0, -6.0, is_high=True)) == pytest.approx(-6.0, abs=0.3)
    assert gain_db(100.0, eq.shelf(2000.0, -6.0, is_high=True)) == pytest.approx(0.0, abs=0.1)
    assert gain_db(40.0, eq.shelf(400.0, 4.0, is_high=False)) == pytest.approx(4.0, abs=0.2)
    assert gain_db(8000.0, eq.shelf(400.0, 4.0, is_high=False)) == pytest.approx(0.0, abs=0.1)
    assert gain_db(50.0, eq.cut(500.0, is_high_pass=True)) < -35.0
    assert not eq.through(np.zeros((2, 500), np.float32), [eq.cut(50.0, True)]).any()


def test_loudness_is_the_broadcasters():
    # EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS
    assert loudness_lufs(tone(1000.0, 5.0, 10 ** (-23 / 20))) == pytest.approx(-23.0, abs=0.1)
    half = np.concatenate([tone(1000.0, 5.0, 0.1), np.zeros((2, 5 * SAMPLE_RATE), np.float32)], 1)
    assert loudness_lufs(half) == pytest.approx(-20.0, abs=0.2)  # silence is gated out
    assert loudness_lufs(np.zeros((2, SAMPLE_RATE), np.float32)) == -70.0


def test_limiter_holds_the_ceiling_and_looks_ahead(rng):
    x = rng.standard_normal(32 * 500) * np.repeat(rng.uniform(0.1, 3.0, 50), 320)
    peaks = np.abs(x).reshape(-1, 32).max(axis=1)
    gains = limiter_gain(peaks, 1.0, 0.75, 0.9)
    curve = ramped(gains, 32, len(x))
    assert np.abs(curve * x).max() <= 1.0 + 1e-6
    assert np.abs(np.diff(curve)).max() < 0.25 / 32 + 1e-6  # no click
    quiet = limiter_gain(0.5 * peaks / peaks.max(), 1.0, 0.75, 0.9)
    assert np.all(quiet == 1.0)


def test_a_tape_moves_all_stems_alike():
    stems = np.stack([tone(500.0), 0.3 * tone(2000.0)]).astype(np.float32)
    moved = bus.wow_and_flutter(stems, np.random.default_rng(4))
    assert moved.dtype == np.float32
    assert np.abs(moved - stems).max() > 0.05
    assert rms_db(moved) == pytest.approx(rms_db(stems), abs=0.3)
    together = bus.wow_and_flutter(stems.sum(axis=0, keepdims=True), np.random.default_rng(4))
    np.testing.assert_allclose(moved.sum(axis=0), together[0], atol=1e-5)


@pytest.mark.parametrize("kind", rooms.KINDS)
def test_rooms_have_unit_energy_and_die_away(kind, rng):
    response = rooms.reverberation(rng, kind)
    assert response.shape[0] == 2
    assert np.square(response).sum() == pytest.approx(2.0, rel=0.01)
    n = response.shape[1]
    start, end = (np.square(response[:, part]).sum() for part in (slice(n // 2), slice(n // 2, n)))
    assert start > (1.0 if kind == "gated" else 5.0) * end
    assert np.abs(response).max() < 0.7  # no click


def test_sends_are_linear_and_come_after_the_sound(rng):
    for _ in range(10):
        sends = make_sends(rng, {"plate": 1.0}, 1.0, 0.5)
        assert sends.room == "plate"
        x = np.zeros((2, 2 * SAMPLE_RATE), np.float32)
        x[:, 20000] = 1.0
        wet = sends.wet("vocals", x)
        assert np.abs(wet[:, :20000]).max() < 1e-5
        assert np.square(wet).sum() > 1e-4
        np.testing.assert_allclose(sends.wet("vocals", 3.0 * x), 3.0 * wet, atol=1e-5)
    assert make_sends(rng, {"": 1.0}, 0.0, 0.5).wet("vocals", x) is None


def test_no_echo_answers_into_a_break(make_song_plan, rng, monkeypatch):
    def wettest(rng, rooms, delay_chance, beat_s):
        return make_sends(rng, {"hall": 1.0}, 1.0, beat_s)

    monkeypatch.setattr(mixing, "make_sends", wettest)
    plan = make_song_plan("rock", 8.0, is_full=True, breaks=(Break(16, 48, "bass", 0.03),))
    stems = {}
    for name in mixing.TARGETS:
        noise = rng.standard_normal((2, plan.n_samples)).astype(np.float32)
        stems[name] = choked(noise, plan.silences_s(name))
    stems["piano"] = np.zeros_like(noise)
    inside = slice(
        round((plan.time_s(0, 16) + 0.6) * SAMPLE_RATE),
        round((plan.time_s(0, 48) - 0.05) * SAMPLE_RATE),
    )
    for seed in range(4):
        four = mixing.mix(stems, plan, np.random.default_rng(seed)).targets(4)
        for name, stem in zip(mixing.TARGETS, four, strict=True):
            change_db = rms_db(stem[:, inside]) - rms_db(stem)
            assert change_db > -6.0 if name == "bass" else change_db < -55.0


def test_the_same_section_is_mixed_alike_without_clicks(make_take, rng):
    plan = make_take("pop", 30.0).plan
    gains = rides.section_rides(plan, rng, 4)
    assert gains.shape == (4, plan.n_samples)
    assert 0.5 < gains.min() < gains.max() < 2.0
    assert np.abs(np.diff(gains)).max() < 1e-3


def test_a_stem_steps_back_while_the_key_sounds(rng):
    key = np.concatenate([tone(300.0, 1.0), np.zeros((2, 2 * SAMPLE_RATE), np.float32)], axis=1)
    gain = rides.stepping_back(key, 3.0)
    assert 20 * np.log10(gain[SAMPLE_RATE // 2]) == pytest.approx(-3.0, abs=0.3)
    assert gain[-1] > 0.98


def test_fades_reach_silence(rng):
    gain = rides.fades(rng, 20 * SAMPLE_RATE, 1.0, 1.0)
    assert gain[0] == gain[-1] == 0.0
    assert gain.max() == 1.0
    assert np.all(rides.fades(rng, 20 * SAMPLE_RATE, 0.0, 0.0) == 1.0)


def test_widths_have_their_shares(rng):
    drawn = [stereo.choose_width(rng, is_electronic=False) for _ in range(3000)]
    shares = {width: drawn.count(width) / len(drawn) for width in stereo.WIDTHS}
    assert shares["mono"] == pytest.approx(0.08, abs=0.02)
    assert shares["narrow"] == pytest.approx(0.07, abs=0.02)
    assert shares["hard"] == pytest.approx(0.04, abs=0.015)
    assert "hard" not in [stereo.choose_width(rng, is_electronic=True) for _ in range(500)]


def test_mono_is_mono_and_hard_is_hard(rng):
    rows = [rng.standard_normal((2, 1000)).astype(np.float32) for _ in range(4)]
    for row in stereo.placed(rows, (0, 1, 2, 3), "mono", rng):
        np.testing.assert_array_equal(row[0], row[1])
    for row in stereo.placed(rows, (0, 1, 2, 3), "narrow", rng):
        assert 0.0 < np.square(row[0] - row[1]).sum() < 0.4 * np.square(row).sum()
    sides = []
    for _ in range(20):
        for row in stereo.placed(rows, (0, 1, 2, 3), "hard", rng):
            left, right = np.square(row).sum(axis=1)
            sides.append((left - right) / (left + right))
    assert np.mean(np.abs(sides) > 0.8) > 0.6
    assert stereo.placed(rows, (0, 1, 2, 3), "stereo", rng) is rows


def test_mono_records_are_mono_to_the_end(noisy, monkeypatch):
    monkeypatch.setattr(mixing, "choose_width", lambda rng, is_electronic: "mono")
    plan, stems = noisy()
    mix = mixing.mix(stems, plan, np.random.default_rng(3))
    np.testing.assert_array_equal(mix.stems[:, 0], mix.stems[:, 1])
    assert mix.facts["width"] == "mono"


@pytest.mark.parametrize("style", ["rock", "pop", "electronic", "jazz", "hip-hop", "unheard-of"])
def test_levels_are_those_of_records(rng, style):
    levels = np.array([random_levels_db(rng, style) for _ in range(600)])
    assert levels.shape[1] == len(TARGETS)
    assert levels.min() >= -12.0
    assert levels.max() <= 6.0
    assert np.mean(levels[:, 0] < -5.0) > 0.04  # voices far back exist
    assert np.mean(levels[:, 0] > 0.0) > 0.2
    assert choose_era(rng, style) in ERAS


def test_the_side_chain_spares_the_drums(noisy, monkeypatch):
    plan, stems = noisy("house")
    stems = {name: np.ones_like(stem) for name, stem in stems.items()}
    gain = rides.pump(np.random.default_rng(1), [1.0], plan.n_samples, 1.0)
    assert gain[: SAMPLE_RATE - 10].min() == 1.0
    assert gain.min() < 0.9
    assert rides.pump(np.random.default_rng(1), [], plan.n_samples, 1.0) is None
    monkeypatch.setattr(mixing, "pump", lambda *_: gain)
    facts = mixing.mix(stems, plan, np.random.default_rng(1), [1.0]).facts
    assert facts["side_chain"]
