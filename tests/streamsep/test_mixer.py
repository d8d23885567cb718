import math

import numpy as np
import pytest

from signals import music
from streamsep import StemMixer
from streamsep.errors import ParameterError, PresetError, ShapeError

STEMS = ("vocals", "drums", "other")


def _stems(n=8000, channels=2):
    return np.stack([music(1.0, channels=channels, seed=k)[:, :n] for k in range(3)])


def test_unity_is_exactly_the_sum():
    stems = _stems()
    mixed = StemMixer(STEMS, 44100).mix(stems)
    assert np.abs(mixed - stems.sum(axis=0, dtype=np.float64)).max() < 1e-7


def test_mute_and_solo_choose_what_sounds():
    stems = _stems()
    mixer = StemMixer(STEMS, 44100)
    mixer["drums"].mute = True
    mixer.reset()
    assert np.allclose(mixer.mix(stems), stems[0] + stems[2], atol=1e-7)
    mixer["drums"].mute = False
    mixer["vocals"].solo = True
    mixer.reset()
    assert np.allclose(mixer.mix(stems), stems[0], atol=1e-7)
    mixer["vocals"].mute = True  # a muted stem stays silent, soloed or not
    mixer.reset()
    assert not mixer.mix(stems).any()


@pytest.mark.parametrize("split", [1, 64, 441, 5000])
def test_a_ramp_does_not_depend_on_the_block_size(split):
    stems = _stems(5000)

    def run(size):
        mixer = StemMixer(STEMS, 44100)
        mixer["vocals"].gain_db = -12
        mixer["drums"].pan = 0.7
        mixer["other"].width = 0.2
        return np.concatenate(
            [mixer.mix(stems[..., i : i + size]) for i in range(0, 5000, size)], axis=-1
        )

    assert np.allclose(run(split), run(5000), atol=1e-6)


def test_controls_never_click():
    """Under a constant signal every sample-to-sample step is that of the ramp, at most."""
    steady = np.ones((3, 2, 441), np.float32)
    mixer = StemMixer(STEMS, 44100)
    rng = np.random.default_rng(0)
    out = []
    for _ in range(200):
        name = STEMS[rng.integers(3)]
        setattr(
            mixer[name],
            *[
                ("mute", bool(rng.integers(2))),
                ("gain_db", rng.uniform(-60, 6)),
                ("pan", rng.uniform(-1, 1)),
                ("solo", bool(rng.integers(2))),
            ][rng.integers(4)],
        )
        out.append(mixer.mix(steady))
    steps = np.abs(np.diff(np.concatenate(out, axis=-1), axis=-1))
    largest = 3 * 2.0 * 2.0 / (0.02 * 44100)  # three stems move by at most 4 within 20 ms
    assert 0 < steps.max() < largest
    jump = StemMixer(STEMS, 44100)  # the detector detects: a jump without ramp is far larger
    before = jump.mix(steady)[:, -1]
    jump["vocals"].mute = True
    jump.reset()
    assert np.abs(jump.mix(steady)[:, 0] - before).max() > largest


def test_a_ramp_ends_exactly_at_its_target():
    mixer = StemMixer(STEMS, 44100)
    mixer["vocals"].mute = True
    mixer.mix(_stems(882))
    silent = _stems(100)
    silent[1:] = 0
    assert not mixer.mix(silent).any()


def test_pan_and_width():
    x = np.zeros((3, 2, 10), np.float32)
    x[0] = [[1.0], [0.5]]
    mixer = StemMixer(STEMS, 44100)
    mixer["vocals"].pan = -1
    mixer.reset()
    assert np.allclose(mixer.mix(x), [[1.0], [0.0]] * np.ones((1, 10)))
    mixer["vocals"].pan = 0
    mixer["vocals"].width = 0
    mixer.reset()
    assert np.allclose(mixer.mix(x), 0.75)


def test_decibels_and_gain_are_one_control():
    control = StemMixer(STEMS, 44100)["vocals"]
    control.gain_db = -6
    assert control.gain == pytest.approx(10 ** (-6 / 20))
    control.gain = 0
    assert control.gain_db == -math.inf
    control.gain_db = -math.inf
    assert control.gain == 0


def test_errors():
    mixer = StemMixer(STEMS, 44100)
    with pytest.raises(PresetError, match="vocals, drums, other"):
        mixer["voice"]
    for name, value in (("gain", -1), ("gain_db", 40), ("pan", 2), ("width", math.nan)):
        with pytest.raises(ParameterError, match=name):
            setattr(mixer["vocals"], name, value)
    with pytest.raises(ShapeError, match=r"\[3, 2, samples\]"):
        mixer.mix(np.zeros((2, 2, 5), np.float32))


def test_mono():
    stems = _stems(channels=1)
    mixer = StemMixer(STEMS, 44100, channels=1)
    mixer["vocals"].gain_db = 6
    mixer.reset()
    expected = stems[0] * 10 ** (6 / 20) + stems[1] + stems[2]
    assert np.allclose(mixer.mix(stems), expected, atol=1e-6)
