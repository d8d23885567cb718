"""Sound fonts made small: what is wanted sounds, the rest is silent, every table stays in its place."""

import io
import struct

import numpy as np
import pytest
import soundfile as sf

from streamsep.errors import AudioFileError
from streamsep_offline.maker.sound_font import _chunks, _lists, compress_font

RATE = 22050


def _chunk(name, content):
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


@pytest.fixture
def tones():
    time_s = np.arange(RATE) / RATE
    return [(12000 * np.sin(2 * np.pi * hz * time_s)).astype("<i2") for hz in (440.0, 880.0)]


@pytest.fixture
def font(tmp_path, tones):
    """Program 5 plays the first tone, program 6 the second."""
    gap = np.zeros(46, "<i2").tobytes()
    smpl, headers, at = b"", b"", 0
    for k, tone in enumerate(tones):
        header = (b"tone%d" % k, at, at + RATE, at + 1000, at + 21000, RATE, 69, 0, 0, 1)
        headers += struct.pack("<20sIIIIIBbHH", *header)
        smpl += tone.tobytes() + gap
        at += RATE + 46
    headers += struct.pack("<20sIIIIIBbHH", b"EOS", *[0] * 9)

    def presets(numbers):
        rows = [(b"p", n, 0, k, 0, 0, 0) for k, n in enumerate([*numbers, 0])]
        return b"".join(struct.pack("<20sHHHIII", *row) for row in rows)

    bags = b"".join(struct.pack("<HH", k, 0) for k in range(3))
    tables = {
        b"phdr": presets([5, 6]),
        b"pbag": bags,
        b"pmod": bytes(10),
        b"pgen": struct.pack("<HHHHHH", 41, 0, 41, 1, 0, 0),
        b"inst": b"".join(struct.pack("<20sH", b"i", k) for k in range(3)),
        b"ibag": bags,
        b"imod": bytes(10),
        b"igen": struct.pack("<HHHHHH", 53, 0, 53, 1, 0, 0),
        b"shdr": headers,
    }
    info = _chunk(b"ifil", struct.pack("<HH", 2, 1)) + _chunk(b"INAM", b"two tones\0")
    body = _chunk(b"LIST", b"INFO" + info) + _chunk(b"LIST", b"sdta" + _chunk(b"smpl", smpl))
    body += _chunk(b"LIST", b"pdta" + b"".join(_chunk(k, v) for k, v in tables.items()))
    path = tmp_path / "two.sf2"
    path.write_bytes(_chunk(b"RIFF", b"sfbk" + body))
    return path


def _read(path):
    chunks = {kind: dict(_chunks(part)) for kind, part in _lists(path.read_bytes())}
    headers = chunks[b"pdta"][b"shdr"]
    rows = [struct.unpack_from("<20sIIIIIBbHH", headers, 46 * k) for k in range(2)]
    return chunks, rows


def test_wanted_tones_stay_and_others_fall_silent(font, tones, tmp_path):
    small = tmp_path / "small.sf3"
    compress_font(font, small, lambda bank, program: (bank, program) == (0, 6), level=0.3)
    chunks, rows = _read(small)
    assert small.stat().st_size < 0.4 * font.stat().st_size
    assert chunks[b"INFO"][b"ifil"] == struct.pack("<HH", 3, 1)
    assert chunks[b"INFO"][b"INAM"].startswith(b"two tones")
    sounds = []
    for row in rows:
        assert row[9] & 0x10, "marked as compressed"
        audio, rate = sf.read(io.BytesIO(chunks[b"sdta"][b"smpl"][row[1] : row[2]]), dtype="int16")
        assert rate == RATE
        sounds.append(audio)
    assert not sounds[0].any()
    assert len(sounds[1]) == RATE
    error = sounds[1].astype(float) - tones[1]
    assert np.square(error).mean() < 1e-3 * np.square(tones[1].astype(float)).mean()


def test_loops_are_counted_from_the_beginning_of_their_sound(font, tmp_path):
    compress_font(font, tmp_path / "all.sf3", lambda bank, program: True)
    _, rows = _read(tmp_path / "all.sf3")
    assert [(row[3], row[4]) for row in rows] == [(1000, 21000)] * 2


def test_what_says_who_plays_is_left_as_it_is(font, tmp_path):
    compress_font(font, tmp_path / "all.sf3", lambda bank, program: True)
    before, after = _read(font)[0][b"pdta"], _read(tmp_path / "all.sf3")[0][b"pdta"]
    assert {k: v for k, v in before.items() if k != b"shdr"} == {
        k: v for k, v in after.items() if k != b"shdr"
    }


def test_fluidsynth_plays_it_as_the_original(font, tones, tmp_path, monkeypatch):
    from streamsep_offline.maker import gm
    from streamsep_offline.maker.notes import Note

    compress_font(font, tmp_path / "small.sf3", lambda bank, program: program == 6, level=0.3)
    heard = {}
    for path in (font, tmp_path / "small.sf3"):
        monkeypatch.setenv(gm.FONT_VARIABLE, str(path))
        gm._fluidsynth.cache_clear()
        if not gm.is_available():
            gm._fluidsynth.cache_clear()
            pytest.skip("FluidSynth is not installed")
        note = [Note(0.1, 1.5, 69.0, 0.8)]  # longer than the sound: its loop is heard
        heard[path.suffix] = gm.render(note, 6, 2 * 44100)
        silent = gm.render(note, 5, 2 * 44100)
    gm._fluidsynth.cache_clear()
    error = heard[".sf3"] - heard[".sf2"]
    assert np.square(heard[".sf2"]).mean() > 1e-5
    assert np.square(error).mean() < 1e-2 * np.square(heard[".sf2"]).mean()
    assert np.abs(silent).max() < 1e-4


def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.sf2").write_bytes(b"RIFF....WAVE")
    with pytest.raises(AudioFileError, match="no sound font"):
        compress_font(tmp_path / "x.sf2", tmp_path / "y.sf3", lambda bank, program: True)
