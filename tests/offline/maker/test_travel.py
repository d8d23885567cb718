"""Samples for a journey: what lists may use and no more, where the maker looks for it, as bright."""

from pathlib import PurePosixPath

import numpy as np
import pytest
import soundfile as sf

from streamsep_offline.maker import sampler
from streamsep_offline.maker.excerpts import varied_excerpt
from streamsep_offline.maker.kits import ACOUSTIC_KITS
from streamsep_offline.maker.studio import Studio, read_audio
from streamsep_offline.maker.travel import form_of, travelling_samples
from streamsep_offline.maker.voices.sampled import CHOIRS, sung_notes
from streamsep_offline.maker.voices.singers import SINGERS

LEARNED = ("train", "select")


def form(place, splits=LEARNED):
    return form_of(PurePosixPath(place), splits, 90.0)


@pytest.mark.parametrize(
    "place",
    [
        "cc0-album/rubidium/vocals.ogg",
        "development/political-captain/vocals.mp3",
        "mixes/viper.mp3",
        "drums/muldjordkit/Snare_1.ogg",
        "instruments/electric-bass/a1.ogg",
        "guitar/black-and-green/green_ord_a3_f_rr1.ogg",
        "sax/weresax/a2.ogg",
        "voices/vocadito/vocadito_14.ogg",
        "voices/crazy/crazy.ogg",
        "midi/groove/drummer5__session1__1_rock_120_beat_4-4.mid",
        "mine/vocals/anna/take.wav",
        "one-shots-cc0/vinyl_hiss.ogg",
    ],
)
def test_what_only_the_report_list_or_nobody_uses_stays_at_home(place):
    assert form(place) is None


def test_lists_are_told_apart():
    assert form("cc0-album/hydrogen/bass.ogg", ["train"]) is None
    assert form("cc0-album/hydrogen/bass.ogg", ["select"]).longest_s == 90.0
    assert form("cc0-album/caesium/bass.ogg", ["select"]) is None


def test_as_much_as_is_used():
    assert form("instruments/drum-kit/Kick 1.ogg").longest_s < 3.0
    assert form("guitar/emilyguitar/a3_f.ogg").is_mono
    kumi = form("voices/hitsuboku-kumi/A3_1.ogg")
    assert kumi.is_mono
    assert kumi.longest_s == SINGERS["kumi-low"].longest_s
    both = form("voices/berklee-olpc/malevoice_aa_C4.mp3")
    assert both.longest_s == 60.0, "a singer's file is analysed whole, as a note it is short"


def test_the_maker_finds_all_that_its_lists_may_use(audio_folder, tmp_path):
    for path in audio_folder.rglob("*"):
        place = path.relative_to(audio_folder)
        if path.is_file() and form(place.as_posix()) is not None:
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".sfz":
                (tmp_path / place).write_bytes(path.read_bytes())
            else:
                (tmp_path / place).touch()
    for split in LEARNED:
        home, away = Studio(audio_folder, split), Studio(tmp_path, split)

        def names(studio, folder, *patterns):
            return [path.name for path in studio.files(folder, *patterns)]

        for who in home.allowed("singer", list(SINGERS)):
            place = f"voices/{SINGERS[who].folder}", *SINGERS[who].patterns
            assert names(home, *place) == names(away, *place) != []
        for kit in home.allowed("kit", list(ACOUSTIC_KITS)):
            folder, _, pieces = ACOUSTIC_KITS[kit]
            for patterns in pieces.values():
                place = folder, *(f"{pattern}.ogg" for pattern in patterns)
                assert names(home, *place) == names(away, *place)
        for choir in home.allowed("sung-notes", list(CHOIRS)):
            assert [p for p, _ in sung_notes(home, choir)] == [
                p for p, _ in sung_notes(away, choir)
            ]
    for name in sampler.RECORDINGS:
        if name not in ("electric-bass", "green", "weresax"):
            ours = {k: len(v) for k, v in sampler.keys(home, name).items()}
            assert ours == {k: len(v) for k, v in sampler.keys(away, name).items()}


@pytest.fixture
def travelled(tmp_path, rng):
    """Two seconds of noise as a kit's hit and as a recorded song, before and after."""
    places = ("instruments/drum-kit/Kick 1.ogg", "cc0-album/caesium/vocals.ogg")
    noise = 0.2 * rng.standard_normal((5 * 44100, 2)).astype(np.float32)
    for place in places:
        path = tmp_path / "home" / place
        path.parent.mkdir(parents=True)
        sf.write(path, noise, 44100, format="OGG", subtype="VORBIS", compression_level=0.1)
    sizes = travelling_samples(tmp_path / "home", tmp_path / "away", LEARNED, 4.0)
    return tmp_path / "home", tmp_path / "away", sizes


def _highest_octave_db(audio):
    spectrum = np.abs(np.fft.rfft(audio[0, 4410:88200])) ** 2
    hz = np.fft.rfftfreq(83790, 1 / 44100)
    return 10.0 * np.log10(spectrum[(hz > 12000) & (hz < 19500)].sum())


def test_it_is_smaller_and_shorter_and_as_bright(travelled):
    home, away, sizes = travelled
    assert set(sizes) == {"instruments/drum-kit", "cc0-album/caesium"}
    for place, length_s in (
        ("instruments/drum-kit/Kick 1.ogg", 2.6),
        ("cc0-album/caesium/vocals.ogg", 4),
    ):
        assert (away / place).stat().st_size < 0.5 * (home / place).stat().st_size
        before, after = read_audio(home / place), read_audio(away / place)
        assert after.shape[1] == pytest.approx(length_s * 44100, abs=2)
        assert abs(_highest_octave_db(after) - _highest_octave_db(before)) < 3.0


def test_a_song_of_another_rate_keeps_its_pitch(tmp_path):
    """Opus has no 44.1 kHz: what reads files by itself has to look at their rate."""
    for rate in (44100, 48000):
        tone = np.sin(2 * np.pi * 1000.0 * np.arange(4 * rate) / rate).astype(np.float32)
        sf.write(tmp_path / f"{rate}.wav", np.stack([tone, tone], 1), rate)
    found = []
    for rate in (44100, 48000):
        excerpt = varied_excerpt(tmp_path / f"{rate}.wav", 44100, np.random.default_rng(3))
        found.append(int(np.argmax(np.abs(np.fft.rfft(excerpt[0])))))
    assert abs(found[0] - found[1]) <= 1
