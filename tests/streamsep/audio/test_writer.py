"""A name holds a playable file or what it held before; nothing in between, and no leftovers."""

import os
import struct
import sys

import numpy as np
import pytest
import soundfile

from streamsep.audio.reader import open_audio
from streamsep.audio.writer import AudioWriter, check_not_input
from streamsep.errors import AudioFileError, ParameterError

RATE = 44100


@pytest.fixture
def music():
    t = np.arange(RATE) / RATE
    return np.stack([0.5 * np.sin(880 * t), 0.25 * np.sin(1760 * t)]).astype(np.float32)


def write(path, music, **options):
    with AudioWriter(path, RATE, len(music), **options) as writer:
        for start in range(0, music.shape[1], 1000):
            writer.write(music[:, start : start + 1000])
    return writer


@pytest.mark.parametrize(
    ("name", "bits", "subtype", "tolerance"),
    [
        ("a.wav", None, "FLOAT", 0),
        ("a.wav", 16, "PCM_16", 2e-5),
        ("a.WAV", 24, "PCM_24", 2e-7),
        ("a.flac", None, "PCM_24", 2e-7),
        ("a.flac", 16, "PCM_16", 2e-5),
        ("a.ogg", None, "VORBIS", 0.02),
        ("a.mp3", None, "MPEG_LAYER_III", 0.02),
    ],
)
def test_formats_keep_samples_and_length(tmp_path, music, name, bits, subtype, tolerance):
    write(tmp_path / name, music, bits=bits)
    assert soundfile.info(tmp_path / name).subtype == subtype
    back = soundfile.read(tmp_path / name, dtype="float32")[0].T
    assert back.shape == music.shape
    assert np.abs(back - music).max() <= tolerance
    assert os.listdir(tmp_path) == [name]


def test_opus_holds_its_own_rates_only(tmp_path, music):
    with AudioWriter(tmp_path / "a.opus", 48000, 2) as writer:
        writer.write(music)
    info = soundfile.info(tmp_path / "a.opus")
    assert (info.subtype, info.samplerate, info.frames) == ("OPUS", 48000, music.shape[1])
    with pytest.raises(AudioFileError, match="OPUS does not hold 2 channels at 44100 Hz"):
        AudioWriter(tmp_path / "b.opus", 44100, 2)
    assert os.listdir(tmp_path) == ["a.opus"]


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg"])
def test_more_compression_makes_smaller_files(tmp_path, music, name):
    sizes = []
    for compression in (0.0, 0.9):
        write(tmp_path / name, music, compression=compression)
        sizes.append(os.path.getsize(tmp_path / name))
    assert sizes[1] < 0.8 * sizes[0]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text there")
def test_names_that_are_no_text_can_be_written_and_read(tmp_path, music):
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    write(path, music)
    with open_audio(str(path)) as reader:
        assert np.array_equal(np.concatenate(list(reader.blocks(999)), axis=1), music)


def test_nothing_is_seen_before_the_end_and_nothing_after_an_error(tmp_path, music):
    path = tmp_path / "out.wav"
    path.write_bytes(b"what was there")

    def write_until(error):
        with AudioWriter(path, RATE, 2) as writer:
            writer.write(music)
            assert path.read_bytes() == b"what was there"
            raise error

    with pytest.raises(RuntimeError):
        write_until(RuntimeError)
    assert path.read_bytes() == b"what was there"
    assert os.listdir(tmp_path) == ["out.wav"]


def test_ctrl_c_keeps_what_was_written(tmp_path, music):
    path = tmp_path / "out.flac"

    def write_until_interrupted():
        with AudioWriter(path, RATE, 2) as writer:
            writer.write(music[:, :5000])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_until_interrupted()
    assert soundfile.info(path).frames == 5000


def test_nothing_written_leaves_nothing(tmp_path):
    with AudioWriter(tmp_path / "out.wav", RATE, 2):
        pass
    assert os.listdir(tmp_path) == []


def test_clipping_is_counted_and_does_not_wrap(tmp_path):
    loud = np.array([[0.5, 1.5, -2.0, 1.0]], np.float32)
    assert write(tmp_path / "a.wav", loud, bits=16).n_clipped == 2
    assert soundfile.read(tmp_path / "a.wav")[0] == pytest.approx([0.5, 1, -1, 1], abs=1e-4)
    assert write(tmp_path / "b.wav", loud).n_clipped == 0
    assert np.array_equal(soundfile.read(tmp_path / "b.wav", dtype="float32")[0], loud[0])
    assert np.array_equal(loud, np.array([[0.5, 1.5, -2.0, 1.0]], np.float32))


def test_permissions_follow_the_umask(tmp_path, music):
    before = os.umask(0o022)
    try:
        write(tmp_path / "a.wav", music)
    finally:
        os.umask(before)
    assert os.name == "nt" or (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o644


def test_link_keeps_pointing(tmp_path, music):
    (tmp_path / "far").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "far" / "real.wav")
    write(tmp_path / "link.wav", music)
    assert (tmp_path / "link.wav").is_symlink()
    assert soundfile.info(tmp_path / "far" / "real.wav").frames == music.shape[1]


def test_more_than_4_gib_becomes_rf64(tmp_path, music):
    write(tmp_path / "a.wav", music, n_frames=2**30)
    assert soundfile.info(tmp_path / "a.wav").format == "RF64"
    assert soundfile.info(tmp_path / "a.wav").frames == music.shape[1]


def refuse(path, rate=RATE, **options):
    with pytest.raises((AudioFileError, ParameterError)) as caught:
        AudioWriter(path, rate, 2, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_targets_that_cannot_be_are_refused(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    assert "No such file or directory" in refuse(tmp_path / "nowhere" / "a.wav")
    assert "folder" in refuse(tmp_path / "folder.wav")
    assert ".wav, .flac, .ogg, .mp3" in refuse(tmp_path / "a.aac")
    assert "96000 Hz" in refuse(tmp_path / "a.mp3", rate=96000)
    assert "16, 24" in refuse(tmp_path / "a.flac", bits=32)
    assert "no choice" in refuse(tmp_path / "a.mp3", bits=16)
    assert os.listdir(tmp_path) == ["folder.wav"]


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "mp3"])
def test_full_disk_gives_an_error_and_leaves_nothing(tmp_path, extension):
    resource = pytest.importorskip("resource", reason="file-size limits are POSIX")
    noise = np.random.default_rng(0).uniform(-1, 1, (2, 10 * RATE)).astype(np.float32)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(AudioFileError, match="disk full"):
            write(tmp_path / f"a.{extension}", noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_device_that_takes_nothing_is_an_error(music):
    with (
        pytest.raises(AudioFileError, match="No space left"),
        AudioWriter("/dev/full", RATE, 2) as writer,
    ):
        writer.write(music)


def test_standard_output_gets_wav_of_unknown_length(capfdbinary, music):
    with AudioWriter("-", RATE, 2, bits=16) as writer:
        writer.write(music[:, :100])
        writer.write(music[:, 100:200])
    data = capfdbinary.readouterr().out
    assert data[:4] == b"RIFF"
    assert struct.unpack_from("<I", data, 4)[0] == 0xFFFFFFFF
    assert len(data) == 46 + 200 * 2 * 2


def test_input_is_never_overwritten(tmp_path, music):
    write(tmp_path / "a.wav", music)
    (tmp_path / "b.wav").symlink_to(tmp_path / "a.wav")
    with pytest.raises(AudioFileError, match="is the input"):
        check_not_input(
            str(tmp_path / "a.wav"), ["-", str(tmp_path / "c.wav"), str(tmp_path / "b.wav")]
        )
    check_not_input("-", ["-"])
