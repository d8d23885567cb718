"""`StemMixer` is called as a `Pedalboard`; stems stay aligned whatever latency their boards have."""

import numpy as np
import pytest

from signals import music
from streamsep import Separator, StemMixer
from streamsep.errors import ParameterError, PresetError, SampleRateError, ShapeError

STEMS = ("vocals", "drums", "other")
RATE = 44100


class Late:
    """A board as `Pedalboard` is one: holds back so many samples of a stream, and aligns what it returns."""

    def __init__(self, owed, gain=1.0):
        self.owed, self.gain = owed, gain
        self.reset()

    def reset(self):
        self._kept = np.zeros((2, 0), np.float32)

    def __call__(self, audio, sample_rate, buffer_size=8192, reset=True):
        if reset:
            return np.float32(self.gain) * audio
        self._kept = np.concatenate([self._kept, audio], axis=1)
        n = max(self._kept.shape[1] - self.owed, 0)
        out, self._kept = self._kept[:, :n], self._kept[:, n:]
        return np.float32(self.gain) * out


def stems_of(n=20000):
    return np.stack([music(1.0, seed=k)[:, :n] for k in range(3)])


def stream(mixer, stems, n):
    parts = [
        mixer(stems[..., at : at + n], RATE, reset=False) for at in range(0, stems.shape[-1], n)
    ]
    return np.concatenate([*parts, mixer.flush()], axis=1)


def test_without_boards_a_call_is_the_mix():
    stems = stems_of()
    mixer = StemMixer(STEMS, RATE)
    mixer["drums"].gain_db = -6
    mixer.reset()
    assert np.array_equal(mixer(stems, RATE), mixer.mix(stems))
    assert np.array_equal(stream(mixer, stems, 777), mixer.mix(stems))


@pytest.mark.parametrize("n", [100, 512, 4096])
def test_a_stream_through_boards_of_any_latency_is_the_whole_sound(n):
    stems = stems_of()
    mixer = StemMixer(STEMS, RATE)
    expected = mixer.mix(stems)
    mixer.fx = {"vocals": Late(480), "other": Late(37), "mix": Late(1000)}
    assert np.array_equal(mixer(stems, RATE), expected)
    for _ in range(2):  # a second stream begins as the first one did
        first = mixer(stems[..., :n], RATE, reset=False)
        assert first.shape[1] == max(n - 1480, 0)
        mixer.flush()
        assert np.array_equal(stream(mixer, stems, n), expected)


def test_boards_come_before_faders_and_do_what_they_do():
    stems = stems_of()
    mixer = StemMixer(STEMS, RATE)
    mixer.fx = {"vocals": Late(0, -1.0), "mix": Late(0, 0.5)}
    mixer["vocals"].gain_db = -20
    expected = 0.5 * (-0.1 * stems[0] + stems[1] + stems[2])
    assert np.abs(mixer(stems, RATE) - expected).max() < 1e-6


def test_arguments_are_not_modified():
    stems = stems_of(2000)
    before = stems.copy()
    mixer = StemMixer(STEMS, RATE)
    mixer.fx["drums"] = Late(10, 2.0)
    mixer(stems, RATE)
    mixer(stems, RATE, reset=False)
    assert np.array_equal(stems, before)


def test_what_does_not_fit_is_refused():
    stems, mixer = stems_of(1000), StemMixer(STEMS, RATE)
    with pytest.raises(SampleRateError, match="48000"):
        mixer(stems, 48000)
    with pytest.raises(ShapeError, match="expected"):
        mixer(stems[:2], RATE)
    mixer.fx["tuba"] = Late(0)
    with pytest.raises(PresetError, match="'tuba' is unknown"):
        mixer(stems, RATE)
    mixer.fx = {"drums": lambda audio, rate, buffer_size, reset: audio[:, :3]}
    with pytest.raises((ShapeError, AttributeError)):
        mixer(stems, RATE)
    mixer = StemMixer(STEMS, RATE)
    mixer(stems, RATE, reset=False)
    mixer.fx["drums"] = Late(0)
    with pytest.raises(ParameterError, match="middle of a stream"):
        mixer(stems, RATE, reset=False)


def test_a_board_that_loses_sound_does_not_hang_the_flush():
    class Loses(Late):
        def __call__(self, audio, sample_rate, buffer_size=8192, reset=True):
            return audio[:, :0]

    mixer = StemMixer(STEMS, RATE)
    mixer.fx["drums"] = Loses(0)
    assert stream(mixer, stems_of(3000), 512).shape == (2, 3000)


def test_with_pedalboard_a_latent_effect_leaves_the_sum_aligned():
    pedalboard = pytest.importorskip("pedalboard")
    mixture = music(2.0)
    separator = Separator.from_preset("classic")
    stems = separator.separate(mixture)
    mixer = StemMixer(separator.stems, RATE)
    assert np.abs(mixer(stems, RATE) - mixture).max() < 1e-6
    # A second of latency; pedalboard streams it as silence, so only whole sounds.
    mixer.fx["other"] = pedalboard.Pedalboard([pedalboard.PitchShift(0.0)])
    assert np.abs(mixer(stems, RATE) - mixture).max() < 1e-5
    limiter = pedalboard.BrickwallLimiter(ceiling_db=0.0, lookahead_ms=20.0)
    mixer.fx["other"] = pedalboard.Pedalboard([limiter, pedalboard.Gain(0.0)])
    cuts = np.cumsum(np.random.default_rng(0).integers(1, 6000, 60))
    irregular = [
        mixer(part, RATE, reset=False)
        for part in np.split(stems, cuts[cuts < stems.shape[-1]], axis=-1)
    ]
    irregular = np.concatenate([*irregular, mixer.flush()], axis=1)
    for heard in (mixer(stems, RATE), stream(mixer, stems, 512), irregular):
        assert heard.shape == mixture.shape
        assert np.abs(heard - mixture).max() < 1e-6


def test_it_works_between_pedalboards_files(tmp_path):
    pedalboard = pytest.importorskip("pedalboard")
    from pedalboard.io import AudioFile

    mixture = 0.5 * music(2.0)
    with AudioFile(str(tmp_path / "in.wav"), "w", RATE, 2, bit_depth=32) as file:
        file.write(mixture)
    separator = Separator.from_preset("classic")
    mixer = StemMixer(separator.stems, RATE)
    mixer.fx["mix"] = pedalboard.Pedalboard([pedalboard.BrickwallLimiter(ceiling_db=0.0)])
    out = AudioFile(str(tmp_path / "out.wav"), "w", RATE, 2, bit_depth=32)
    with AudioFile(str(tmp_path / "in.wav")) as file, out:
        blocks = (file.read(4096) for _ in range(0, file.frames, 4096))
        for stems in separator.separate_blocks(blocks):
            out.write(mixer(stems, RATE, reset=False))
        out.write(mixer.flush())
    with AudioFile(str(tmp_path / "out.wav")) as file:
        assert np.abs(file.read(file.frames) - mixture).max() < 1e-6
