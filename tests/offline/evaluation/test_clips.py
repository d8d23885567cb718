"""What is heard of a song: the right part, the right stems beside each other, models with a running start."""

import io

import numpy as np
import pytest
import soundfile

from signals import noise_stems
from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.clips import LEAD_S, choose_part, make_clip
from streamsep_offline.evaluation.songs import open_songs

pytest.importorskip("matplotlib")
RATE = 8000
NAMES = ("vocals", "drums", "bass")


@pytest.fixture
def song(tmp_path, write_stems):
    """Twelve seconds of almost nothing, then six of noise."""
    stems = noise_stems(3, 18.0)
    stems[..., : 12 * RATE] *= 1e-4
    write_stems(tmp_path / "song", NAMES, stems)
    return open_songs(str(tmp_path))[0]


class Heard:
    """Gives the references back, and keeps what it heard."""

    def __init__(self, error=0.0, groups=None):
        self.error, self.groups, self.songs = error, groups, []

    def __call__(self, song):
        self.songs.append(song)
        noise = self.error * np.random.default_rng(0).standard_normal(song.references.shape)
        stems = song.references + noise.astype(np.float32)
        if self.groups:
            return tuple(self.groups), np.stack([stems[i].sum(0) for i in self.groups.values()])
        return song.stems, stems


def decode(source):
    return soundfile.read(io.BytesIO(source.player.mp3))


def test_the_part_is_where_most_stems_sound(song):
    part = choose_part(song, None, 5.0)
    assert part.start_s in (12.0, 13.0)
    assert part.references.shape[-1] == 5 * RATE
    part = choose_part(song, 3.0, 5.0)
    assert (part.start_s, part.references.shape[-1]) == (3.0, 5 * RATE)


def test_models_hear_what_comes_before_the_clip(song):
    model = Heard()
    clip = make_clip(song, [model], 12.5, 3.0)
    (heard,) = model.songs
    assert heard.start_s == 12.5 - LEAD_S
    assert heard.references.shape[-1] == (LEAD_S + 3.0) * RATE
    assert (clip.start_s, clip.seconds) == (12.5, 3.0)
    assert all(s.figures.figures["sdr_db"] > 80 for s in clip.sources if s.model == 0)
    make_clip(song, [model], 1.0, 1.0)
    assert model.songs[-1].references.shape[-1] == 2 * RATE, "no more than there is"


def test_sound_is_the_references_at_one_gain(song):
    clip = make_clip(song, [Heard(0.01)], 13.0, 4.0)
    audio, _ = song.song.read(13.0, 4.0)
    truth = dict(zip(NAMES, audio, strict=True)) | {"mixture": audio.sum(axis=0)}
    gains = []
    for source in clip.sources:
        decoded, rate = decode(source)
        assert (rate, decoded.shape) == (44100, (4 * 44100, 2))
        t = np.arange(len(decoded)) / 44100
        heard = np.interp(np.arange(4 * RATE) / RATE, t, decoded[:, 0])
        reference = truth[source.player.stem][0]
        # Interpolation dulls the highest tones of the noise a little.
        assert np.corrcoef(heard, reference)[0, 1] > 0.85
        gains.append(heard @ reference / (reference @ reference))
    assert max(gains) / min(gains) < 1.25
    assert [s.player.part for s in clip.sources[:3]] == ["mixture", "reference", "estimate"]


def test_models_with_other_stems_stand_beside_their_references(song):
    two = Heard(groups={"vocals": [0], "accompaniment": [1, 2]})
    clip = make_clip(song, [Heard(0.1), two, Heard(0.2)], 13.0, 4.0)
    rows = [(s.player.stem, s.player.part, s.model) for s in clip.sources]
    assert rows == [
        ("mixture", "mixture", -1),
        *[("vocals", "reference", -1), *[("vocals", "estimate", k) for k in (0, 1, 2)]],
        *[("drums", "reference", -1), ("drums", "estimate", 0), ("drums", "estimate", 2)],
        *[("bass", "reference", -1), ("bass", "estimate", 0), ("bass", "estimate", 2)],
        *[("accompaniment", "reference", -1), ("accompaniment", "estimate", 1)],
    ]
    first, _, third = (s.figures.figures["sdr_db"] for s in clip.sources[2:5])
    assert first - third == pytest.approx(6.0, abs=0.2), "twice the error"


def test_what_is_too_short_is_said(song):
    with pytest.raises(AudioFileError, match=r"0\.5 s from 17\.5 s on.*choose another --start"):
        make_clip(song, [Heard()], 17.5, 10.0)
    with pytest.raises(AudioFileError, match=r"0\.5 s from .* a longer --duration"):
        make_clip(song, [Heard()], None, 0.5)
