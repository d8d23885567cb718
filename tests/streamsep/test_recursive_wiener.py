import numpy as np
import pytest
import torch

from contract import verify_stage
from signals import music
from streamsep.recursive_wiener import RecursiveWiener
from streamsep.spec import STEM_SETS, Profile, StreamSpec
from streamsep.stft import Analysis

SMALL = Profile("small", 256, 128, 64)
STAGE = StreamSpec(Profile("stage", 2048, 1024, 512), 44100, 2, STEM_SETS["2stems"])


def small(channels=2, stem_set="4stems") -> RecursiveWiener:
    return RecursiveWiener(StreamSpec(SMALL, 44100, channels, STEM_SETS[stem_set]))


def spectrum_of(audio, profile=SMALL):
    whole = audio[None, :, : audio.shape[1] // profile.hop * profile.hop]
    return Analysis(profile, audio.shape[0]).offline(torch.from_numpy(whole.copy()))


def masked(audio, n_targets=4, seed=0):
    """Spectra behind masks that change from frame to frame. [1, targets, channels, bins, frames]"""
    spectrum = spectrum_of(audio)
    shape = (1, n_targets, *spectrum.shape[1:])
    logits = 3.0 * torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    return spectrum[:, None] * torch.softmax(logits, 1)


def level_db(x, reference):
    return 10.0 * float(torch.log10((x.abs() ** 2).sum() / (reference.abs() ** 2).sum()))


@pytest.mark.parametrize("stem_set", STEM_SETS)
def test_contract(stem_set):
    stage = small(stem_set=stem_set)
    stems = masked(music(0.1), len(STEM_SETS[stem_set]))
    verify_stage(stage, lambda: stage.init_state(1), stems)
    assert stage.latency_samples == 0


def test_streams_of_a_batch_do_not_meet():
    stage, both = small(), torch.cat([masked(music(0.1)), masked(music(0.1, seed=5), seed=1)])
    alone = torch.cat([stage.offline(both[:1]), stage.offline(both[1:])])
    assert torch.equal(stage.offline(both), alone)


def test_places_tell_apart_what_masks_cannot():
    """Two noises, each heard alone in turns for 2 s; then both at once, and masks that know nothing."""
    rng = np.random.default_rng(0)
    places = np.array([[1.0, 0.4], [0.3, -0.9]], np.float32)
    sources = [
        place[:, None] * rng.standard_normal(3 * 44100).astype(np.float32) for place in places
    ]
    turn = (np.arange(3 * 44100) // 11025) % 2
    alone = np.arange(3 * 44100) < 2 * 44100
    sources[0][:, alone & (turn == 1)] = 0.0
    sources[1][:, alone & (turn == 0)] = 0.0
    first, second = (spectrum_of(source, STAGE.profile) for source in sources)
    mask = (first.abs() ** 2).sum(1) / ((first.abs() ** 2).sum(1) + (second.abs() ** 2).sum(1))
    together = 2 * 44100 // 512 + 4
    mask[..., together:] = 0.5
    mixture = first + second
    stems = torch.stack([mask[:, None] * mixture, (1.0 - mask[:, None]) * mixture], 1)
    filtered = RecursiveWiener(STAGE).offline(stems)
    soon = slice(together, together + 40)
    for j, true in enumerate((first, second)):
        before = level_db((stems[:, j] - true)[..., soon], true[..., soon])
        after = level_db((filtered[:, j] - true)[..., soon], true[..., soon])
        assert after < before - 6.0


@pytest.mark.parametrize("gain", [1.0, 1e-2, 1e-4])
def test_sum_is_kept_and_the_level_does_not_matter(gain):
    stage, stems = small(), masked(music(0.3))
    loud, scaled = stage.offline(stems), stage.offline(stems * gain)
    error = (scaled.sum(1) - gain * stems.sum(1)).abs().max()
    assert float(error) <= 1e-6 * gain * float(stems.sum(1).abs().max())
    assert float((scaled - gain * loud).abs().max()) <= 1e-4 * gain * float(loud.abs().max())
    assert float((loud - stems).abs().max()) > 0.05 * float(stems.abs().max())  # it does something


@pytest.mark.parametrize("right", [1.0, -1.0, 0.0])
def test_where_all_is_in_one_place_the_masks_stand(right):
    """Dual mono, its inverse, one side only: the matrices are singular but for the spread."""
    mono = music(0.3, channels=1)
    audio = np.concatenate([mono, right * mono]).astype(np.float32)
    spectrum, generator = spectrum_of(audio), torch.Generator().manual_seed(0)
    logits = torch.randn((1, 4, 1, *spectrum.shape[2:]), generator=generator)
    stems = spectrum[:, None] * torch.softmax(logits, 1)
    filtered = small().offline(stems)
    # The matrices' condition is 2 / SPREAD = 40, times the rounding of float32.
    assert float((filtered - stems).abs().max()) <= 40 * 1.2e-7 * float(stems.abs().max())


def test_one_channel_passes_unchanged():
    stems = masked(music(0.1, channels=1))
    assert torch.equal(small(channels=1).offline(stems), stems)


def test_silence_is_silent_and_leaves_no_trace():
    stage, stems = small(), masked(music(0.2))
    _, state = stage.step(stems, stage.init_state(1))
    silence = torch.zeros_like(stems)
    assert not stage.offline(silence).any()
    filtered, after = stage.step(silence, state)
    assert not filtered.any()
    assert torch.equal(after.places, state.places)


def test_an_outburst_weighs_no_more_than_any_other_frame():
    stage, stems = small(), masked(music(0.3))
    _, state = stage.step(stems, stage.init_state(1))
    frame = masked(music(0.1, seed=3), seed=7)[..., 20:21]
    _, calm = stage.step(frame, state)
    _, loud = stage.step(1e4 * frame, state)
    assert torch.allclose(calm.places, loud.places, atol=1e-6)
    assert float((loud.places - state.places).abs().max()) <= 3.0 * stage.memory


def test_what_is_not_a_number_stays_in_its_bin_and_frame():
    stage, stems = small(), masked(music(0.2))
    broken = stems.clone()
    broken[0, 1, 0, 17, 40] = complex(float("nan"), 0.0)
    clean, filtered = stage.offline(stems), stage.offline(broken)
    assert not torch.isfinite(filtered[..., 17, 40]).any()
    filtered[..., 17, 40] = clean[..., 17, 40]
    assert torch.isfinite(filtered.abs()).all()
    assert float((filtered - clean).abs().max()) <= 0.02 * float(clean.abs().max())


def test_memory_never_becomes_denormal():
    """A side falls silent for minutes, and what was there fades out."""
    stage, stems = small(), masked(music(0.05))
    _, state = stage.step(stems, stage.init_state(1))
    stems[:, :, 1] = 0.0
    stage.memory = 0.2
    for _ in range(20):
        _, state = stage.step(stems, state)
    memory = state.places.abs()
    assert not ((memory > 0.0) & (memory < np.finfo(np.float32).smallest_normal)).any()
    assert not memory[:, :, 1].any()
