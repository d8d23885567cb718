import numpy as np
import pytest
import soundfile

from signals import music
from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.files.bitrate import compression_level
from streamsep_offline.files.clip import clamp, rescale_gain
from streamsep_offline.files.formats import (
    FORMATS,
    check_channels,
    choose_bits,
    choose_rate,
    find_format,
)
from streamsep_offline.files.regroup import regroup


@pytest.mark.parametrize(
    ("name", "asked", "source", "expected"),
    [
        ("wav", None, 16, 16),
        ("wav", None, 24, 24),
        ("wav", None, 32, 32),
        ("wav", None, None, 32),
        ("wav", 24, 16, 24),
        ("flac", None, 32, 24),
        ("flac", None, 16, 16),
        ("flac", None, None, 24),
        ("mp3", None, 16, None),
    ],
)
def test_depth_follows_the_input_where_the_format_has_it(name, asked, source, expected):
    assert choose_bits(FORMATS[name], asked, source) == expected


@pytest.mark.parametrize(
    ("name", "rate", "expected"),
    [
        ("wav", 192000, 192000),
        ("ogg", 96000, 96000),
        ("mp3", 44100, 44100),
        ("mp3", 96000, 48000),
        ("opus", 44100, 48000),
        ("opus", 11025, 12000),
        ("m4a", 88200, 88200),
        ("stem.mp4", 192000, 96000),
    ],
)
def test_rate_follows_the_input_or_the_next_that_the_format_has(name, rate, expected):
    assert choose_rate(FORMATS[name], rate) == expected


@pytest.mark.parametrize(
    ("name", "bits", "kbps", "remedy"),
    [
        ("aac", None, None, "stem.mp4"),
        ("flac", 32, None, "16 or 24"),
        ("mp3", 16, None, "leave --bits out"),
        ("wav", None, 192, "leave it out"),
        ("mp3", None, 5000, "6 to 1024"),
    ],
)
def test_what_a_format_cannot_do_is_refused_with_the_remedy(name, bits, kbps, remedy):
    with pytest.raises(ParameterError, match=remedy):
        find_format(name, bits, kbps)


def test_channels_that_a_format_does_not_hold_are_refused():
    check_channels(FORMATS["flac"], 6, "song")
    with pytest.raises(AudioFileError, match="song has 6 channels"):
        check_channels(FORMATS["mp3"], 6, "song")


@pytest.mark.parametrize(
    ("extension", "rate", "channels", "kbps", "tolerance"),
    [
        (".mp3", 44100, 2, 96, 0.03),
        (".mp3", 44100, 2, 320, 0.03),
        (".mp3", 22050, 1, 64, 0.03),
        (".opus", 48000, 2, 64, 0.2),
        (".opus", 48000, 2, 256, 0.2),
        (".ogg", 44100, 2, 96, 0.3),
        (".ogg", 44100, 2, 320, 0.3),
        (".ogg", 22050, 1, 64, 0.5),
    ],
)
def test_files_have_the_bitrate_that_was_asked_for(
    tmp_path, extension, rate, channels, kbps, tolerance
):
    sound = music(4.0, rate, channels)
    sound += 0.05 * np.random.default_rng(0).standard_normal(sound.shape).astype(np.float32)
    level = compression_level(extension, kbps, rate, channels)
    options = {"format": "MP3"} if extension == ".mp3" else {"format": "OGG"}
    options["subtype"] = {".mp3": "MPEG_LAYER_III", ".opus": "OPUS", ".ogg": "VORBIS"}[extension]
    mode = "CONSTANT" if extension == ".mp3" else None
    path = tmp_path / f"a{extension}"
    with soundfile.SoundFile(
        path, "w", rate, channels, compression_level=level, bitrate_mode=mode, **options
    ) as file:
        for start in range(0, sound.shape[1], 8192):
            file.write(sound[:, start : start + 8192].T)
    assert path.stat().st_size * 8 / 4000 == pytest.approx(kbps, rel=tolerance)


@pytest.mark.parametrize("bits", [16, 24, 32, None])
@pytest.mark.parametrize("peak", [0.0, 0.5, 0.9999999, 1.0, 1.7, 40.0])
def test_rescaling_ends_within_what_the_format_holds(bits, peak):
    gain = rescale_gain(peak, bits)
    assert 0.0 < gain <= 1.0
    top = 1.0 - 2.0 ** (1 - bits) if bits in (16, 24) else 1.0
    assert gain * peak <= top * (1 + 1e-9)
    if peak < 0.999:
        assert gain == 1.0


def test_clamping_counts():
    x = np.array([[-2.0, -1.0, 0.5, 1.0, 1.01]], np.float32)
    clamped, n = clamp(x)
    assert n == 2
    assert np.array_equal(clamped, [[-1.0, -1.0, 0.5, 1.0, 1.0]])


@pytest.mark.parametrize("n", [1, 7, 64, 1000])
def test_regrouping_changes_lengths_only(n):
    x = np.arange(2 * 500, dtype=np.float32).reshape(2, 500)
    parts = np.split(x, [0, 3, 3, 200, 201, 465], axis=1)
    blocks = list(regroup(parts, n))
    assert np.array_equal(np.concatenate(blocks, axis=1), x)
    assert all(block.shape[1] == n for block in blocks[:-1])
    assert 0 < blocks[-1].shape[1] <= n


def test_regrouped_blocks_do_not_look_into_buffers_that_are_used_again():
    def blocks():
        buffer = np.zeros((1, 3))
        for i in range(4):
            buffer[:] = i
            yield buffer

    assert np.concatenate(list(regroup(blocks(), 5)), axis=1).sum() == 3 * (0 + 1 + 2 + 3)
