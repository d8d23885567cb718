"""Every source gives the same samples; whatever is broken is refused in one line."""

import io
import os
import struct
import threading

import numpy as np
import pytest
import soundfile

from streamsep.audio.pcm import PcmFormat, encode
from streamsep.audio.reader import PipeReader, open_audio
from streamsep.audio.wav_pipe import make_head
from streamsep.errors import AudioFileError, ParameterError

RATE = 44100


@pytest.fixture
def music():
    t = np.arange(RATE // 2) / RATE
    return np.stack([0.5 * np.sin(880 * t), 0.25 * np.sin(1760 * t)]).astype(np.float32)


def read_all(reader, n=1000):
    with reader:
        return np.concatenate(list(reader.blocks(n)), axis=1)


@pytest.mark.parametrize(
    ("extension", "tolerance"),
    [("wav", 4e-5), ("flac", 4e-5), ("aiff", 4e-5), ("ogg", 0.02), ("mp3", 0.02)],
)
def test_files_come_back_whole(tmp_path, music, extension, tolerance):
    path = tmp_path / f"song.{extension}"
    soundfile.write(path, music.T, RATE)
    reader = open_audio(str(path))
    assert (reader.sample_rate, reader.channels, reader.n_frames) == (RATE, 2, music.shape[1])
    back = read_all(reader)
    assert back.dtype == np.float32
    assert np.abs(back - music).max() < tolerance


@pytest.mark.parametrize("extension", ["wav", "flac", "aiff", "mp3"])
def test_files_are_read_from_any_place_again_and_again(tmp_path, music, extension):
    path = tmp_path / f"song.{extension}"
    soundfile.write(path, music.T, RATE)
    whole = read_all(open_audio(str(path)))
    with open_audio(str(path)) as reader:
        for start in (0, 0, 12_345, 1, reader.n_frames, 0):
            reader.seek(start)
            rest = np.concatenate([np.empty((2, 0)), *reader.blocks(1000)], axis=1)
            np.testing.assert_array_equal(rest, whole[:, start:])


@pytest.mark.parametrize("extension", ["mp3", "ogg"])
def test_lossy_files_do_not_depend_on_the_block_size(tmp_path, music, extension):
    path = tmp_path / f"song.{extension}"
    soundfile.write(path, music.T, RATE)
    whole = read_all(open_audio(str(path)), 10**6)
    for n in (64, 441, 4096):
        assert np.array_equal(read_all(open_audio(str(path)), n), whole)


def wav_bytes(music, encoding, data_size=None, extensible=False, junk=b""):
    pcm = PcmFormat(RATE, len(music), encoding)
    data = encode(music, encoding)
    bits, tag = int(encoding[1:]), 3 if encoding[0] == "f" else 1
    layout = struct.pack(
        "<HHIIHH", 0xFFFE if extensible else tag, pcm.channels, RATE, RATE, pcm.frame_bytes, bits
    )
    if extensible:
        layout += struct.pack(
            "<HHIH14s", 22, bits, 3, tag, bytes.fromhex("000000001000800000aa00389b71")
        )
    size = len(data) if data_size is None else data_size
    chunks = junk + b"fmt " + struct.pack("<I", len(layout)) + layout
    return b"RIFF\xff\xff\xff\xffWAVE" + chunks + b"data" + struct.pack("<I", size) + data


@pytest.mark.parametrize("encoding", ["s16", "s24", "f32"])
@pytest.mark.parametrize("data_size", [None, 0, 0xFFFFFFFF, 0x7FFFEFDC, 0x80000000])
@pytest.mark.parametrize("extensible", [False, True])
def test_wav_from_a_pipe(music, encoding, data_size, extensible):
    data = wav_bytes(music, encoding, data_size, extensible, junk=b"LIST\x03\0\0\0abc\0")
    reader = PipeReader(io.BytesIO(data), "pipe")
    assert reader.n_frames == (music.shape[1] if data_size is None else None)
    assert (
        np.abs(read_all(reader) - music).max()
        < {"s16": 2e-5, "s24": 1e-7, "f32": 0}[encoding] + 1e-12
    )


def test_what_follows_the_samples_of_a_pipe_is_no_sound(music):
    data = wav_bytes(music, "s16") + b"LIST\x04\0\0\0tail"
    assert read_all(PipeReader(io.BytesIO(data), "pipe")).shape == music.shape


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("u8", lambda x: np.rint(x * 128 + 128).astype("u1")),
        ("s16", lambda x: np.rint(x * 32768).astype("<i2")),
        ("s32", lambda x: np.rint(x * 2.0**31).astype("<i4")),
        ("f64", lambda x: x.astype("<f8")),
    ],
)
def test_raw_samples(music, encoding, raw):
    stream = io.BytesIO(raw(music.T.astype(float)).tobytes())
    back = read_all(PipeReader(stream, "pipe", f"{RATE}:2:{encoding}le"))
    assert np.abs(back - music).max() <= (1 / 256 if encoding == "u8" else 2e-5)


def test_our_own_pipe_head_is_read_by_us_and_by_libsndfile(tmp_path, music):
    data = make_head(PcmFormat(RATE, 2, "f32")) + encode(music, "f32")
    assert np.array_equal(read_all(PipeReader(io.BytesIO(data), "pipe")), music)
    path = tmp_path / "piped.wav"
    path.write_bytes(data)
    assert np.array_equal(soundfile.read(path, dtype="float32")[0].T, music)
    assert np.array_equal(
        read_all(open_audio(str(path))), music
    )  # unknown length is not truncation


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_named_pipe_is_read_as_a_pipe(tmp_path, music):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(wav_bytes(music, "f32"),))
    writer.start()
    assert np.array_equal(read_all(open_audio(str(path))), music)
    writer.join()


def refuse(source, **options):
    with pytest.raises(AudioFileError) as caught:
        read_all(open_audio(str(source), **options))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_that_are_no_audio_are_refused(tmp_path):
    (tmp_path / "text.wav").write_text("la la la\n" * 100)
    (tmp_path / "nothing.wav").write_bytes(b"")
    assert "not audio" in refuse(tmp_path / "text.wav")
    assert "0 bytes" in refuse(tmp_path / "nothing.wav")
    assert "does not exist" in refuse(tmp_path / "missing.wav")
    assert "folder" in refuse(tmp_path)


def test_channels_and_silence_of_no_length_are_refused(tmp_path):
    soundfile.write(tmp_path / "many.wav", np.zeros((100, 17)), RATE)
    soundfile.write(tmp_path / "short.wav", np.zeros((0, 2)), RATE)
    assert "17 channels" in refuse(tmp_path / "many.wav")
    assert read_all(open_audio(str(tmp_path / "many.wav"), max_channels=17)).shape[0] == 17
    assert "holds no samples" in refuse(tmp_path / "short.wav")
    none = bytearray((tmp_path / "short.wav").read_bytes())
    none[22:24] = b"\0\0"  # the channel count of a WAV header
    (tmp_path / "none.wav").write_bytes(none)
    assert "not audio" in refuse(tmp_path / "none.wav")


@pytest.mark.parametrize("extension", ["wav", "aiff", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_truncated_files_are_refused(tmp_path, extension, share):
    path = tmp_path / f"song.{extension}"
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (2 * RATE, 2))
    soundfile.write(path, noise, RATE)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert "truncated" in refuse(path)


def test_truncated_pipe_is_refused(music):
    data = wav_bytes(music, "s16")[:-1000]
    with pytest.raises(AudioFileError, match="truncated"):
        read_all(PipeReader(io.BytesIO(data), "pipe"))


def test_mp3_without_length_is_refused_rather_than_cut(tmp_path):
    """libsndfile would stop where the first frame's bit rate says: half a song."""
    path = tmp_path / "song.mp3"
    loud_end = (
        np.random.default_rng(0).uniform(-1, 1, (3 * RATE, 2))
        * np.linspace(0, 1, 3 * RATE)[:, None]
    )
    soundfile.write(path, loud_end, RATE)
    data = path.read_bytes()
    second = data.find(data[:2], 100)
    path.write_bytes(data[second:])
    assert "no length header" in refuse(path)


def test_mp3_of_constant_rate_without_length_is_read_to_its_end(tmp_path, music):
    """As many old files are: libsndfile takes the tags for sound and promises too much."""
    path = tmp_path / "song.mp3"
    soundfile.write(path, music.T, RATE, bitrate_mode="CONSTANT", compression_level=0.5)
    data = path.read_bytes()
    second = data.find(data[:2], 100)
    path.write_bytes(data[second:] + b"TAG" + bytes(50_000))
    reader = open_audio(str(path))
    n_promised = reader.n_frames
    assert abs(read_all(reader).shape[1] - n_promised) <= 3 * 1152
    assert abs(n_promised - music.shape[1]) < 4 * 1152


def test_mp3_with_a_tag_in_front_is_read(tmp_path, music):
    path = tmp_path / "song.mp3"
    soundfile.write(path, music.T, RATE)
    picture = b"\xff\xfb\x90\x44" * 250  # looks like frame headers
    path.write_bytes(b"ID3\x03\0\0\0\0\x07\x68" + picture + path.read_bytes())
    assert read_all(open_audio(str(path))).shape == music.shape


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"hello, this is no sound at all", b"RIFF\0\0\0\0WAVEfmt "]
)
def test_pipes_that_are_no_wav_are_refused(data):
    with pytest.raises(AudioFileError):
        PipeReader(io.BytesIO(data), "standard input")


def test_compressed_wav_in_a_pipe_is_refused():
    layout = struct.pack("<HHIIHH", 0x11, 2, RATE, RATE, 4, 4)
    data = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", 16) + layout + b"data\0\0\0\0"
    with pytest.raises(AudioFileError, match="0x0011"):
        PipeReader(io.BytesIO(data), "standard input")


@pytest.mark.parametrize("raw", ["44100", "44100:2:mp3", "x:2:s16", "44100:2:s16:le"])
def test_raw_needs_rate_channels_encoding(raw):
    with pytest.raises(ParameterError, match="44100:2:s16"):
        PipeReader(io.BytesIO(b"1234"), "pipe", raw)
