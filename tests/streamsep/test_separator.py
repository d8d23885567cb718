import subprocess
import sys

import numpy as np
import pytest

import streamsep.separator
from contract import stream, verify_separator
from signals import impulse, music
from streamsep import Separator
from streamsep.errors import BlockSizeError, PresetError, SampleRateError, ShapeError
from streamsep.models.open_unmix_random import random_model
from streamsep.spec import PROFILES, STEM_SETS


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("profile", PROFILES)
def test_contract_of_classic_in_the_compiled_engine(profile, sample_rate):
    verify_separator(
        lambda: Separator.from_preset("classic", profile=profile, sample_rate=sample_rate),
        music(0.7, sample_rate),
    )


@pytest.mark.parametrize("stem_set", STEM_SETS)
def test_contract_of_every_stem_set_and_of_mono(stem_set):
    verify_separator(
        lambda: Separator.from_preset("classic", stem_set=stem_set, channels=1),
        music(0.5, channels=1),
    )


@pytest.mark.parametrize(
    ("preset", "sample_rate", "precision", "channels"),
    [
        ("4stems-stage", 44100, "float32", 2),
        ("2stems-tight", 48000, "float32", 1),
        ("4stems-instant", 44100, "int8", 2),
    ],
)
def test_contract_of_the_trained_model(preset, sample_rate, precision, channels):
    verify_separator(
        lambda: Separator.from_preset(
            preset, sample_rate=sample_rate, precision=precision, channels=channels
        ),
        music(0.7, sample_rate, channels),
        recovered=0.02,  # its slowest memory is 4 s: 34 dB below the music after 5 s
    )


def test_karaoke_has_the_same_voice_and_the_rest_in_one():
    x = music(1.0)
    two, four = (Separator.from_preset(f"{n}stems-stage").separate(x) for n in (2, 4))
    assert np.abs(two[0] - four[0]).max() <= 1e-6
    assert np.abs(two[1] - four[1:].sum(0)).max() <= 1e-6
    assert np.abs(two[0]).max() > 0.01


def test_trained_model_streams_in_torch_what_it_computes_offline_compiled():
    x = music(1.0)
    whole = Separator.from_preset("4stems-stage").separate(x)
    reference = Separator.from_preset("4stems-stage", engine="torch")
    y = stream(reference, x, 1000)[..., reference.latency_samples :]
    assert np.abs(y - whole).max() <= 1e-5


@pytest.mark.parametrize(
    ("preset", "sample_rate", "engine", "recovered"),
    [
        ("classic", 44100, "compiled", 0.001),
        ("classic-tight-2stems", 48000, "compiled", 0.001),
        ("classic-studio-2stems", 44100, "torch", 0.001),
        ("4stems-stage", 44100, "compiled", 0.02),
    ],
)
def test_contract_with_the_wiener_filter(preset, sample_rate, engine, recovered):
    verify_separator(
        lambda: Separator.from_preset(preset, sample_rate=sample_rate, engine=engine, wiener=True),
        music(0.7, sample_rate),
        recovered=recovered,
    )


def test_with_the_filter_torch_streams_what_compiled_computes_offline():
    x = music(1.0)
    whole = Separator.from_preset("classic", wiener=True).separate(x)
    reference = Separator.from_preset("classic", engine="torch", wiener=True)
    y = stream(reference, x, 1000)[..., reference.latency_samples :]
    assert np.abs(y - whole).max() <= 1e-5
    assert np.abs(whole - Separator.from_preset("classic", wiener=False).separate(x)).max() > 1e-3


def test_the_filter_delays_nothing_and_stays_at_any_rate_and_channel_count():
    plain, filtered = (Separator.from_preset("classic", wiener=w) for w in (False, True))
    assert filtered.latency_samples == plain.latency_samples
    x = music(0.5, 96000)
    at96 = Separator.from_preset("classic", sample_rate=96000, wiener=True).separate(x)
    assert np.array_equal(filtered.separate(x, 96000), at96)
    mono = music(0.5, channels=1)
    assert np.abs(filtered.separate(mono) - plain.separate(mono)).max() <= 1e-5
    one = Separator.from_preset("classic", channels=1, wiener=True)
    assert np.abs(one.separate(mono) - plain.separate(mono)).max() <= 1e-5


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("profile", ["studio", "tight"])
def test_contract_of_causal_open_unmix(profile, precision):
    model = random_model(PROFILES[profile], STEM_SETS["4stems"], hidden_size=32)
    verify_separator(lambda: Separator(model, precision=precision), music(0.5))


def test_open_unmix_streams_in_torch_what_it_computes_offline_compiled():
    model, x = random_model(PROFILES["stage"], STEM_SETS["4stems"], hidden_size=32), music(0.5)
    whole = Separator(model).separate(x)
    reference = Separator(model, engine="torch")
    for block in (441, 4096):
        y = stream(reference, x, block)[..., reference.latency_samples :]
        assert np.abs(y - whole).max() <= 1e-5


def test_a_stereo_model_serves_mono_audio():
    model = random_model(PROFILES["tight"], STEM_SETS["4stems"], hidden_size=16)
    mono = music(0.3, channels=1)
    one = Separator(model, channels=1).separate(mono)
    two = Separator(model).separate(np.repeat(mono, 2, axis=0))
    assert np.abs(one[:3, 0] - two[:3, 0]).max() <= 1e-6


@pytest.mark.parametrize("block", [1, 64, 441, 512, 1000, 4096, [7, 1900, 333]])
def test_torch_streams_what_compiled_computes_offline(block):
    x = music(0.1 if block == 1 else 1.0)
    whole = Separator.from_preset("classic").separate(x)
    reference = Separator.from_preset("classic", engine="torch")
    y = stream(reference, x, block)[..., reference.latency_samples :]
    assert np.abs(y - whole).max() <= 1e-5


def test_torch_keeps_the_sum_and_silence():
    separator = Separator.from_preset("classic", engine="torch")
    x = music(0.5)
    y = stream(separator, x, 700)[..., separator.latency_samples :]
    assert np.abs(y.sum(axis=0) - x).max() < 1e-6
    assert not stream(separator, np.zeros_like(x), 512).any()


@pytest.mark.parametrize("sample_rate", [44100, 48000, 96000])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("block_size", [None, 32, 64, 100, 441, 480, 512, 1024, 4096])
def test_impulse_arrives_at_exactly_the_declared_latency(profile, sample_rate, block_size):
    """Through the wet way too: an impulse is a drum, and the drums' peak is where it was declared."""
    separator = Separator.from_preset(
        "classic", profile=profile, sample_rate=sample_rate, block_size=block_size
    )
    at, block = 20011, block_size or 777
    x = impulse(-(-40000 // block) * block, at)
    y = stream(separator, x, block)
    drums = y[separator.stems.index("drums"), 0]
    assert np.abs(drums).max() > 0.1
    assert int(np.abs(drums).argmax()) - at == separator.latency_samples
    total = y.sum(axis=0)
    assert int(np.abs(total[0]).argmax()) - at == separator.latency_samples
    assert total[0, at + separator.latency_samples] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("level_db", [0, -40, -80])
@pytest.mark.parametrize("sample_rate", [8000, 11025, 22050, 32000, 88200, 96000, 192000])
def test_sum_is_exact_at_foreign_rates(sample_rate, level_db):
    separator = Separator.from_preset("classic", sample_rate=sample_rate)
    x = music(0.5, sample_rate)
    x *= np.float32(10 ** (level_db / 20) / np.abs(x).max())
    y = stream(separator, x, [333, 1000, 64])[..., separator.latency_samples :]
    assert np.abs(y.sum(axis=0, dtype=np.float64) - x).max() <= 1e-6 * np.abs(x).max()
    assert not stream(separator, 0 * x, 512).any()


def test_foreign_rates_separate_like_native_ones():
    """96 kHz through the short filter gives the vocals of 48 kHz, in the band that both have."""
    x48, x96 = music(1.0, 48000), music(1.0, 96000)
    at48 = Separator.from_preset("classic", sample_rate=48000).separate(x48)
    live = Separator.from_preset("classic", sample_rate=96000)
    at96 = stream(live, x96, 512)[..., live.latency_samples :]
    files = live.separate(x96)
    for stems in (at96, files):
        error = stems[0][:, ::2][:, 4800:-4800] - at48[0][:, 4800:-4800]
        level_db = 10 * np.log10(np.mean(error**2) / np.mean(at48[0] ** 2))
        assert level_db < -15


@pytest.mark.parametrize("sample_rate", [8000, 32000, 44100, 48000, 96000])
def test_separate_keeps_length_and_sum_at_any_rate(sample_rate):
    separator = Separator.from_preset("classic")
    for n in (1, 777, 30000):
        x = music(1.0, sample_rate)[:, :n]
        y = separator.separate(x, sample_rate)
        assert y.shape == (4, *x.shape)
        assert np.abs(y.sum(axis=0) - x).max() <= 1e-6


def test_separate_in_blocks_equals_separate_at_once():
    for rate in (44100, 96000):
        separator = Separator.from_preset("classic", sample_rate=rate)
        x = music(1.0, rate)
        blocks = [x[:, i : i + 5000] for i in range(0, x.shape[1], 5000)]
        parts = np.concatenate(list(separator.separate_blocks(blocks)), axis=-1)
        assert np.abs(parts - separator.separate(x)).max() <= 1e-5


def test_separate_leaves_the_stream_alone():
    separator, x = Separator.from_preset("classic"), music(0.5)
    alone = stream(separator, x, 512)
    separator.process(x[:, :5120])
    separator.separate(x)
    rest = separator.process(x[:, 5120:])
    assert np.array_equal(rest, alone[..., 5120 : x.shape[1]])


def test_mono_model_side_is_fed_twice():
    mono = music(0.5, channels=1)
    one = Separator.from_preset("classic", channels=1).separate(mono)
    two = Separator.from_preset("classic").separate(np.repeat(mono, 2, axis=0))
    assert np.abs(one[:, 0] - two[:, 0]).max() < 1e-5


def test_integer_and_readonly_input():
    separator = Separator.from_preset("classic")
    x = music(0.1)
    frozen = x.copy()
    frozen.setflags(write=False)
    expected = separator.process(x)
    separator.reset()
    assert np.array_equal(separator.process(frozen), expected)
    separator.reset()
    assert np.array_equal(separator.process(np.asfortranarray(x.astype(np.float64))), expected)
    with pytest.raises(ShapeError, match="floating-point"):
        separator.process((x * 32767).astype(np.int16))


def test_masks_of_the_latest_hop_share_out_everything():
    separator = Separator.from_preset("classic")
    separator.process(music(0.2))
    assert separator.masks.shape == (4, 2, 1025)
    assert np.abs(separator.masks.sum(axis=0) - 1).max() < 1e-6
    assert separator.n_hops == round(0.2 * 44100) // 512


def test_errors_give_value_expectation_and_remedy():
    separator = Separator.from_preset("classic", block_size=512)
    with pytest.raises(ShapeError, match=r"pass audio\[None, :\]"):
        separator.process(np.zeros(512, np.float32))
    with pytest.raises(ShapeError, match="3 channels"):
        separator.process(np.zeros((3, 512), np.float32))
    with pytest.raises(BlockSizeError, match="block_size=None"):
        separator.process(np.zeros((2, 500), np.float32))
    with pytest.raises(BlockSizeError, match="at least 1"):
        Separator.from_preset("classic", block_size=0)
    with pytest.raises(ShapeError, match="17 channels"):
        Separator.from_preset("classic", channels=17)
    with pytest.raises(SampleRateError, match="4000"):
        Separator.from_preset("classic", sample_rate=4000)
    with pytest.raises(PresetError, match="did you mean 'classic'"):
        Separator.from_preset("clasic")


def test_documented_example_runs():
    example = streamsep.separator.__doc__.split("stays")[0]
    code = "\n".join(line[4:] for line in example.splitlines() if line.startswith("    "))
    names: dict = {}
    exec(code, names)
    assert names["vocals"].shape == (2, 512)


def test_importing_and_separating_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np, streamsep\n"
        "y = streamsep.Separator.from_preset('classic').process(np.ones((2, 4096), np.float32))\n"
        "assert np.isfinite(y).all()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
