import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf

from streamsep.errors import ParameterError
from streamsep_offline.maker import mixing
from streamsep_offline.maker.genres import STYLES
from streamsep_offline.maker.manifest import LICENCES
from streamsep_offline.maker.song import make_song, plan_song
from streamsep_offline.maker.splits import split_of
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.versions import MAKER_VERSION

DURATION_S = 6.0


@pytest.fixture(scope="module")
def bare_song():
    return make_song(3, 0, Studio(None), duration_s=DURATION_S)


def test_song_without_samples_is_whole(bare_song):
    assert bare_song.name == "train-s3-00000"
    assert bare_song.stems.shape == (4, 2, round(DURATION_S * 44100))
    assert bare_song.stems.dtype == np.float32
    assert np.isfinite(bare_song.stems).all()
    assert all(
        entry["licence"] == LICENCES[entry["source"]] for entry in bare_song.manifest["ingredients"]
    )
    assert json.loads(json.dumps(bare_song.manifest)) == bare_song.manifest
    assert bare_song.manifest["mixture_is_sum"]
    assert bare_song.heard is None
    versions = bare_song.manifest["versions"]
    assert versions["maker"] == str(MAKER_VERSION)
    assert versions["numpy"] == np.__version__
    assert {"scipy", "numba", "soundfile", "pyworld", "fluidsynth", "espeak-ng", "flite"} <= set(
        versions
    )


def test_piano_apart_is_the_same_song(bare_song):
    five = make_song(3, 0, Studio(None), duration_s=DURATION_S, n_stems=5)
    assert five.targets == ("vocals", "drums", "bass", "piano", "other")
    four = [five.stems[0], five.stems[1], five.stems[2], five.stems[3] + five.stems[4]]
    np.testing.assert_array_equal(np.stack(four), bare_song.stems)


def test_ordered_instruments_play_alone_and_leave_the_other_stems(bare_song):
    song = make_song(3, 0, Studio(None), duration_s=DURATION_S, instruments=("synth lead", "pad"))
    assert set(song.manifest["other"]) <= {"synth lead", "pad"}
    assert song.manifest["vocals"] == bare_song.manifest["vocals"]
    assert song.stems[3].any()
    assert not np.array_equal(song.stems[3], bare_song.stems[3])
    with pytest.raises(ParameterError, match="unknown instrument 'kazoo'; use one of distorted"):
        make_song(3, 0, Studio(None), duration_s=DURATION_S, instruments=("kazoo",))


def test_heard_songs_keep_their_stems(bare_song):
    song = make_song(3, 0, Studio(None), duration_s=DURATION_S, heard_share=1.0)
    np.testing.assert_array_equal(song.stems, bare_song.stems)
    assert not song.manifest["mixture_is_sum"]
    assert song.heard.shape == song.stems.shape[1:]
    assert np.abs(song.heard - song.stems.sum(axis=0)).max() > 1e-3


def test_same_numbers_same_bits_also_in_another_process(bare_song):
    code = (
        "import hashlib\n"
        "from streamsep_offline.maker.song import make_song\n"
        "from streamsep_offline.maker.studio import Studio\n"
        f"stems = make_song(3, 0, Studio(None), duration_s={DURATION_S}).stems\n"
        "print(hashlib.sha256(stems.tobytes()).hexdigest())\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "STREAMSEP_AUDIO"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == hashlib.sha256(bare_song.stems.tobytes()).hexdigest()


@pytest.mark.usefixtures("short_analyses")
def test_songs_differ_by_index_seed_and_split(bare_song):
    others = [
        make_song(3, 1, Studio(None), duration_s=DURATION_S),
        make_song(4, 0, Studio(None), duration_s=DURATION_S),
        make_song(3, 0, Studio(None, "select"), duration_s=DURATION_S),
    ]
    for other in others:
        assert np.abs(other.stems - bare_song.stems).max() > 0.01


@pytest.mark.usefixtures("short_analyses")
@pytest.mark.parametrize("style", STYLES)
def test_style_is_obeyed(style):
    song = make_song(5, 2, Studio(None), style=style, duration_s=4.0)
    assert song.manifest["style"] == style


def test_styles_are_drawn_from_those_named():
    drawn = {plan_song(5, k, Studio(None), ("rock", "pop"))[0].plan.genre.style for k in range(30)}
    assert drawn == {"rock", "pop"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "must not be negative"),
        ({"style": "polka"}, "unknown style 'polka'; use one of rock, pop, metal"),
        ({"duration_s": 1.0}, "at least 4 s"),
    ],
)
def test_wrong_wishes_are_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        make_song(**{"seed": 0, "index": 0, "studio": Studio(None), **arguments})


@pytest.mark.usefixtures("short_analyses")
def test_breaks_are_heard():
    """In a break one stem sounds and the others have died away."""
    song = make_song(8, 4, Studio(None), duration_s=30.0)
    alone = song.manifest["alone"]
    assert {stem for stem, _, _ in alone} == set(mixing.TARGETS)
    assert [start for _, start in song.manifest["form"]] == sorted(
        start for _, start in song.manifest["form"]
    )
    power = np.square(song.stems).mean(axis=1)
    for stem, start_s, end_s in alone:
        # after half a second others have decayed; the last moments are where they come back
        inside = slice(int((start_s + 0.5) * 44100), int((end_s - 0.05) * 44100))
        for name, level in zip(mixing.TARGETS, power, strict=True):
            if name != stem:
                assert level[inside].mean() < 1e-3 * max(level.mean(), 1e-9)


@pytest.mark.usefixtures("short_analyses")
@pytest.mark.parametrize("split", ["train", "select", "report"])
def test_only_files_of_the_list_are_opened(audio_folder, split, monkeypatch):
    """What soundfile opens while songs are made: nothing held out, nothing for scoring only."""
    opened = []
    for name in ("read", "SoundFile"):
        original = getattr(sf, name)

        def spy(path, *args, original=original, **kwargs):
            opened.append(str(path))
            return original(path, *args, **kwargs)

        monkeypatch.setattr(sf, name, spy)
    studio = Studio(audio_folder, split)
    for index in range(4):
        song = make_song(11, index, studio, duration_s=4.0)
        for entry in song.manifest["ingredients"]:
            if entry["source"] != "synthesised" and entry["kind"] not in ("groove", "fill"):
                assert split_of(entry["kind"], entry["name"]) == split
    opened = [path for path in opened if str(audio_folder) in path]
    assert opened
    held_out = {"train": {"hydrogen", "rubidium", "muldjordkit", "weresax", "crazy"}}
    held_out |= {
        "select": {"rubidium", "muldjordkit", "caesium"},
        "report": {"hydrogen", "caesium"},
    }
    forbidden = {"development", "mixes"} | held_out[split]
    assert not [path for path in opened if forbidden & set(path.split(os.sep))]
