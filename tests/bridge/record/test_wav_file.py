"""A WAV file is whole after every `sync`, and becomes RF64 when it outgrows a plain head."""

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep.audio.pcm import PcmFormat
from streamsep.audio.reader import open_audio
from streamsep_bridge.record.wav_file import WavFile

MUSIC = music(0.2)


def blocks(path):
    with open_audio(str(path)) as reader:
        return np.concatenate(list(reader.blocks(1000)), axis=1)


@pytest.mark.parametrize(("encoding", "step"), [("f32", 0), ("s24", 2**-24), ("s16", 2**-16)])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_samples_come_back_with_their_rate_and_encoding(tmp_path, read_file, encoding, step, rate):
    file = WavFile(tmp_path / "a.wav", PcmFormat(rate, 2, encoding))
    for start in range(0, MUSIC.shape[1], 1000):
        file.write(MUSIC[:, start : start + 1000])
    file.close()
    assert np.abs(read_file(tmp_path / "a.wav", rate) - MUSIC).max() <= step
    expected = {"f32": "FLOAT", "s24": "PCM_24", "s16": "PCM_16"}[encoding]
    assert soundfile.info(tmp_path / "a.wav").subtype == expected


def test_what_is_synced_can_be_read_while_more_is_written(tmp_path, read_file):
    file = WavFile(tmp_path / "a.wav", PcmFormat(44100, 2, "f32"))
    assert read_file(tmp_path / "a.wav").shape == (2, 0)
    file.write(MUSIC[:, :3000])
    file.sync()
    file.write(MUSIC[:, 3000:])
    assert np.array_equal(read_file(tmp_path / "a.wav"), MUSIC[:, :3000])
    assert np.array_equal(blocks(tmp_path / "a.wav"), MUSIC[:, :3000])
    file.close()


def test_silence_is_between_what_is_written(tmp_path, read_file):
    file = WavFile(tmp_path / "a.wav", PcmFormat(44100, 2, "s24"))
    file.write(MUSIC)
    file.add_silence(777)
    file.write(MUSIC)
    file.close()
    samples, n = read_file(tmp_path / "a.wav"), MUSIC.shape[1]
    assert file.n_frames == samples.shape[1] == 2 * n + 777
    assert not samples[:, n : n + 777].any()
    assert np.array_equal(samples[:, n + 777 :], samples[:, :n])


def test_odd_sizes_are_padded(tmp_path, read_file):
    file = WavFile(tmp_path / "a.wav", PcmFormat(44100, 1, "s24"))
    file.write(MUSIC[:1, :333])
    file.close()
    assert (tmp_path / "a.wav").stat().st_size % 2 == 0
    assert read_file(tmp_path / "a.wav").shape == (1, 333)


def test_a_long_file_becomes_rf64_in_place_and_its_samples_stay(tmp_path, read_file):
    path, limit = tmp_path / "a.wav", 20000
    file, seen, n = WavFile(path, PcmFormat(44100, 2, "f32"), limit), [], 100
    for start in range(0, 5000, n):
        file.write(MUSIC[:, start : start + n])
        file.sync()
        seen.append((path.read_bytes()[:4], path.stat().st_size))
        assert np.array_equal(read_file(path), MUSIC[:, : start + n])
    assert [head == b"RF64" for head, _ in seen] == [size - 8 > limit for _, size in seen]
    assert {head for head, _ in seen} == {b"RIFF", b"RF64"}
    file.close()
    assert soundfile.info(path).format == "RF64"
    assert np.array_equal(read_file(path), MUSIC[:, :5000])
    assert np.array_equal(blocks(path), MUSIC[:, :5000])


def test_beyond_four_gigabytes_the_end_is_found(tmp_path):
    path = tmp_path / "a.wav"
    file = WavFile(path, PcmFormat(48000, 2, "f32"))
    file.add_silence(2**29 + 1000)  # a hole: no room on the disk
    if path.stat().st_blocks * 512 > 2**24:
        path.unlink()
        pytest.skip("this file system keeps silence as samples; 4 GB are too much for a test")
    file.write(MUSIC)
    file.close()
    with soundfile.SoundFile(path) as reader:
        assert reader.format == "RF64"
        assert reader.frames == 2**29 + 1000 + MUSIC.shape[1]
        reader.seek(2**29 + 1000)
        assert np.array_equal(reader.read(dtype="float32").T, MUSIC)


def test_a_file_that_is_there_is_not_touched(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        WavFile(tmp_path / "a.wav", PcmFormat(44100, 2, "f32"))
    assert (tmp_path / "a.wav").read_bytes() == b"precious"
