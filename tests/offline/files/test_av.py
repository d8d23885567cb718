"""What PyAV reads and writes: lengths survive, damage is told, stem files have the layout that DJs know."""

import json
import struct

import numpy as np
import pytest

from signals import music
from streamsep.errors import AudioFileError, MissingExtraError
from streamsep_offline.files.av_reader import AvReader, require_av
from streamsep_offline.files.encoders import AacFile
from streamsep_offline.files.song_file import look_at

av = pytest.importorskip("av", reason="needs the extra 'formats'")

RATE = 44100


def write(path, streams, rate=RATE, names=None, is_stem_file=False):
    names = names or [f"stem {i}" for i in range(len(streams))]
    file = AacFile(path, rate, len(streams[0]), names, 256, is_stem_file=is_stem_file)
    for part in np.split(np.stack(streams), range(5000, streams[0].shape[1], 5000), axis=-1):
        file.write(part)
    file.close()
    return path


def read(path, n=4096):
    with AvReader(path) as reader:
        return reader, np.concatenate(list(reader.blocks(n)), axis=1)


def snr_db(clean, coded):
    return 10 * np.log10(np.sum(clean**2) / np.sum((coded - clean) ** 2))


@pytest.mark.parametrize(
    ("rate", "channels", "n"),
    [(44100, 2, 44100), (48000, 1, 30001), (22050, 2, 1025), (96000, 2, 9000), (48000, 6, 9000)],
)
def test_length_rate_channels_and_place_survive(tmp_path, rate, channels, n):
    sound = np.resize(music(1.0, rate), (channels, rate))[:, :n]
    reader, back = read(write(tmp_path / "a.m4a", [sound], rate))
    assert (reader.sample_rate, reader.channels, reader.n_frames) == (rate, channels, n)
    assert back.shape == sound.shape
    assert back.dtype == np.float32
    assert snr_db(sound[:2], back[:2]) > 10  # one sample of delay would be far below


def test_one_sample_survives(tmp_path):
    assert read(write(tmp_path / "a.m4a", [music(1.0)[:, :1]]))[1].shape == (2, 1)


def test_a_discarded_file_is_gone(tmp_path):
    file = AacFile(tmp_path / "a.m4a", RATE, 2, ["a"], 256, is_stem_file=False)
    file.write(music(0.1)[None])
    file.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n", [1, 1000, 10**6])
def test_blocks_change_nothing(tmp_path, n):
    path = write(tmp_path / "a.m4a", [music(0.2)])
    assert np.array_equal(read(path, n)[1], read(path)[1])


def boxes(data):
    while data:
        size, kind = struct.unpack(">I4s", data[:8])
        yield kind, data[8:size]
        data = data[size:]


def test_stem_files_have_the_mixture_first_and_tell_their_stems(tmp_path):
    stems = [0.5 * music(0.5, seed=i) for i in range(4)]
    names = ["mixture", "vocals", "drums", "bass", "other"]
    path = write(tmp_path / "a.stem.mp4", [sum(stems), *stems], names=names, is_stem_file=True)
    with av.open(str(path)) as container:
        assert container.metadata["major_brand"].strip() == "M4A"
        assert [s.metadata["handler_name"] for s in container.streams] == names
        assert [int(s.disposition) for s in container.streams] == [1, 0, 0, 0, 0]
        vocals = np.concatenate([f.to_ndarray() for f in container.decode(container.streams[1])], 1)
    assert snr_db(stems[0], vocals[:, : stems[0].shape[1]]) > 10
    assert snr_db(sum(stems), read(path)[1]) > 10
    user_data = dict(boxes(dict(boxes(path.read_bytes()))[b"moov"]))[b"udta"]
    stem = json.loads(dict(boxes(user_data))[b"stem"])
    assert [each["name"] for each in stem["stems"]] == names[1:]
    assert stem["mastering_dsp"]["limiter"]["enabled"] is False
    assert b"meta" in dict(boxes(user_data))  # what was there is still there


def test_lossless_inputs_keep_their_depth(tmp_path):
    for name, codec, form, bits in (
        ("a.m4a", "alac", "s16p", 16),
        ("b.mka", "pcm_s24le", "s32", 24),
    ):
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream(codec, rate=RATE, layout="stereo")
            stream.codec_context.format = form
            sound = (music(0.1) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(sound, format="s16p", layout="stereo")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        assert look_at(tmp_path / name).bits == bits
        assert np.abs(read(tmp_path / name)[1] - sound / 32768).max() < 1e-6
    assert look_at(write(tmp_path / "c.m4a", [music(0.1)])).bits is None


@pytest.mark.parametrize("name", ["text", "empty", "no end", "no sound", "missing", "half"])
def test_what_cannot_be_read_is_named(tmp_path, name):
    path = tmp_path / "song.m4a"
    whole = write(tmp_path / "whole.m4a", [music(4.0)]).read_bytes()
    if name == "text":
        path.write_text("this is not audio " * 100)
    elif name == "empty":
        path.touch()
    elif name == "no end":
        path.write_bytes(whole[: len(whole) // 2])
    elif name == "half":  # the index is whole, the sound is not
        start = whole.index(b"mdat")
        path.write_bytes(
            whole[: start + 40000] + bytes(len(whole) - start - 40000 - 9000) + whole[-9000:]
        )
    elif name == "no sound":
        with av.open(str(path), "w", format="mp4") as container:
            stream = container.add_stream("mpeg4", rate=25, width=64, height=64)
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    with pytest.raises(AudioFileError, match=r"song\.m4a"):
        read(path)


def test_without_pyav_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[formats\]"):
        require_av("reading .m4a files")
