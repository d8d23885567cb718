"""What is played is what `Separator` and `StemMixer` give, and every change is a ramp."""

import numpy as np
import pytest

from signals import music
from streamsep.engine.live.memory import DROPPED, IS_RECORDING, LATE, MAX_TARGETS, RECORD_WRITTEN
from streamsep.engine.live.pump import pump
from streamsep.mixer import StemMixer

MUSIC = music(1.0)[:, : 44100 // 512 * 512]


def jump(samples):
    """Largest step between two samples."""
    return float(np.abs(np.diff(samples, axis=-1)).max())


@pytest.mark.parametrize("block", [64, 100, 256, 512, 1024])
def test_the_mix_has_the_bits_of_separator_and_mixer(rig, block):
    live, mixture = rig(block=block), MUSIC[:, : MUSIC.shape[1] // block * block]
    expected = StemMixer(live.separator.stems, 44100).mix(live.stems(mixture))
    assert live.engine.latency_samples == live.separator.latency_samples
    assert np.array_equal(live.play(mixture), expected)


@pytest.mark.parametrize(("rate", "channels"), [(48000, 2), (96000, 2), (32000, 1), (44100, 1)])
def test_any_rate_and_mono(rig, rate, channels):
    live = rig(rate=rate, channels=channels)
    mixture = music(0.5, rate, channels)
    mixture = mixture[:, : mixture.shape[1] // 256 * 256]
    expected = StemMixer(live.separator.stems, rate, channels).mix(live.stems(mixture))
    assert live.engine.latency_samples == live.separator.latency_samples
    assert np.array_equal(live.play(mixture), expected)


def test_every_stem_on_outputs_of_its_own(rig):
    live = rig(has_stem_outputs=True)
    assert np.array_equal(live.play(MUSIC), live.stems(MUSIC).reshape(8, -1))


def test_a_fader_moves_at_its_sample_as_the_mixer_does(rig):
    live = rig()
    mixer = StemMixer(live.separator.stems, 44100)
    ramp, time = round(0.02 * 44100), 5000
    mixer["vocals"].gain_db, mixer["drums"].pan = -9.0, 0.4
    for name in ("vocals", "drums"):
        matrix = mixer[name].matrix(2, True)
        live.desk.move_fader(0, live.separator.stems.index(name), matrix, ramp, time)
    played, stems = live.play(MUSIC), live.stems(MUSIC)
    # The mixer takes changes between two calls: here exactly at the event's sample.
    moved = StemMixer(live.separator.stems, 44100)
    first = moved.mix(stems[..., :time])
    moved["vocals"].gain_db, moved["drums"].pan = -9.0, 0.4
    expected = np.concatenate([first, moved.mix(stems[..., time:])], axis=-1)
    assert np.array_equal(played[:, :time], expected[:, :time])
    assert np.abs(played - expected).max() < 1e-6
    assert np.array_equal(played[:, time + ramp :], expected[:, time + ramp :])


def test_an_event_that_waits_holds_up_none_that_was_sent_after_it(rig):
    live, silent, unity = rig(), np.zeros((2, 2)), np.eye(2)
    for stem in range(4):
        live.desk.move_fader(0, stem, unity, 1, time=12000)  # sent first, acts last
    for stem in range(4):
        live.desk.move_fader(0, stem, silent, 1, time=8000)
    played = live.play(MUSIC)
    mixed = StemMixer(live.separator.stems, 44100).mix(live.stems(MUSIC))
    assert np.array_equal(played[:, :8000], mixed[:, :8000])
    assert np.all(played[:, 8000:12000] == 0.0)
    assert np.array_equal(played[:, 12000:], mixed[:, 12000:])
    assert live.desk.n_waiting == 0


def test_a_thousand_moves_a_second_of_a_steady_tone_make_no_jump(rig):
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(44032) / 44100)
    mixture = np.stack([tone, tone]).astype(np.float32)
    live, rng = rig(), np.random.default_rng(0)
    still = jump(live.play(mixture)[:, 8192:])

    def move(start):
        for i in range(6):
            matrix = np.eye(2) * rng.uniform(0, 1)
            live.desk.move_fader(0, int(rng.integers(4)), matrix, 882, start + 40 * i)

    moving = rig()
    live = moving
    assert jump(moving.play(mixture, move)[:, 8192:]) < 1.3 * still


def test_bypass_is_the_dry_mixture_to_the_sample(rig):
    live = rig()
    live.desk.move_fader(0, 0, np.zeros((2, 2)), 1)
    live.desk.set_bypass(True, 64, 4096)
    played, latency = live.play(MUSIC), live.engine.latency_samples
    assert not np.array_equal(played[:, 2000:4000], MUSIC[:, 2000 - latency : 4000 - latency])
    assert np.array_equal(played[:, 4160:], MUSIC[:, 4160 - latency : -latency])
    assert jump(played[:, 3000:5000]) < 1.5 * jump(MUSIC)


@pytest.mark.parametrize("preset", ["classic-4stems-tight", "classic-2stems", "classic"])
def test_a_change_of_the_model_makes_no_jump_and_ends_in_the_new_one(rig, preset):
    live = rig()
    coming = live.separator_of(preset)

    def change(start):
        if start == 8192:
            unity = live.unity(len(coming.stems))
            index = live.engine.place(live.slot(coming), unity)
            live.desk.change_slot(index, 2048 + coming.latency_samples, fade=1024)

    played = live.play(MUSIC, change)
    assert live.engine.active.program.spec.targets == coming.stems
    assert live.engine.latency_samples == coming.latency_samples
    # At unity both models give the delayed mixture, with delays of their own.
    end = slice(16384, None)
    late = coming.latency_samples
    assert np.abs(played[:, end] - MUSIC[:, 16384 - late : -late]).max() < 1e-6
    assert jump(played[:, 1024:]) < 1.2 * jump(MUSIC)


def test_a_model_in_a_worker_is_as_late_as_it_says(rig):
    live = rig(reserve=1024)
    slot = live.engine.active

    played = live.play(MUSIC, lambda start: pump(slot.block.address))
    mixed = StemMixer(live.separator.stems, 44100).mix(live.stems(MUSIC))
    assert live.engine.latency_samples == live.separator.latency_samples + 1024
    assert np.array_equal(played[:, 1024:], mixed[:, :-1024])
    assert live.desk.counts[LATE] == 0


def test_late_stems_become_the_aligned_dry_mixture_without_a_jump_and_come_back(rig):
    live = rig(reserve=1024)
    slot, n = live.engine.active, live.engine.latency_samples
    live.desk.move_fader(0, 0, np.zeros((2, 2)), 1)  # vocals off: dry and wet differ

    def sleepy(start):
        if not 12288 <= start < 20480:
            pump(slot.block.address)

    played = live.play(MUSIC, sleepy)
    assert live.desk.counts[LATE] == 1
    dry = MUSIC[:, : -n or None]
    assert np.array_equal(played[:, 15000:20000], dry[:, 15000 - n : 20000 - n])
    assert jump(played[:, 4096:]) < 1.2 * jump(MUSIC)
    live.separator.reset()
    mixer = StemMixer(live.separator.stems, 44100)
    mixer["vocals"].mute = True
    mixer.reset()
    mixed = mixer.mix(live.stems(MUSIC))
    assert np.array_equal(played[:, 24576:], mixed[:, 24576 - 1024 : -1024])


def test_broken_input_gives_finite_output_and_the_limiter_holds_full_scale(rig):
    live = rig()
    mixture = MUSIC.copy()
    mixture[:, 5000:5050] = np.nan
    mixture[:, 9000:9100] = 1e30
    mixture[:, 20000:30000] *= 40.0
    played = live.play(mixture)
    assert np.all(np.isfinite(played))
    assert np.abs(played).max() <= 1.0
    assert live.desk.lowest_gain[0] < 0.5


def test_the_limiter_can_be_left_out(rig):
    loud = rig(is_limited=False).play(20.0 * MUSIC)
    assert np.abs(loud).max() > 2.0


def test_meters_show_levels_and_the_recorder_gets_every_frame(rig):
    live = rig()
    live.desk.counts[IS_RECORDING] = 1
    live.play(MUSIC[:, :8192])
    stems = live.stems(MUSIC[:, :8192])
    frames = live.desk.record[:8192].reshape(8192, MAX_TARGETS + 2, 2).transpose(1, 2, 0)
    assert live.desk.counts[RECORD_WRITTEN] == 8192
    late = live.engine.latency_samples
    assert np.array_equal(frames[0, :, late:], MUSIC[:, : 8192 - late])
    assert np.array_equal(frames[1:5], stems)
    live.play(MUSIC[:, :512])
    assert live.desk.counts[DROPPED] == 512  # nobody read
    rms = np.sqrt(live.desk.powers[0])
    assert np.abs(rms - np.sqrt((MUSIC[:, :8704] ** 2).mean(axis=1))).max() < 0.5 * rms.max()


def test_master_fades_everything_out(rig):
    live = rig()
    live.desk.set_master(0.0, 441, 10000)
    played = live.play(MUSIC)
    assert np.abs(played[:, 10441:]).max() == 0.0
    assert np.abs(played[:, 9000:10000]).max() > 0.01
