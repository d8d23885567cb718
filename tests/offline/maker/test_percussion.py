import numpy as np
import pytest

from streamsep_offline.maker.percussion import PERCUSSION, RECORDED, hand_percussion


def test_only_what_is_played_is_loaded(make_take):
    assert hand_percussion(make_take("salsa"), {"kick", "snare"}) == {}
    assert set(hand_percussion(make_take("salsa"), {"kick", "conga"})) == {"conga"}


@pytest.mark.parametrize("piece", PERCUSSION)
def test_recordings_are_there(audio_folder, piece):
    for pattern in RECORDED[piece]:
        assert list((audio_folder / "instruments/drum-kit").glob(pattern + ".ogg")), pattern


@pytest.mark.parametrize("split", ["train", "select"])
def test_recordings_serve_one_list_only(audio_folder, make_take, split):
    take = make_take("salsa", folder=audio_folder, split=split, stem="drums")
    sounds = hand_percussion(take, set(PERCUSSION))
    assert set(sounds) == set(PERCUSSION)
    sources = {entry["source"] for entry in take.credits.ingredients}
    assert sources == ({"Discord-SFZ-GM-Bank"} if split == "train" else {"synthesised"})


def test_without_samples_it_is_synthesised(make_take):
    sounds = hand_percussion(make_take("salsa"), set(PERCUSSION))
    for found in sounds.values():
        for sound in found:
            assert sound.shape[0] == 2
            assert np.abs(sound).max() == pytest.approx(1.0, abs=1e-3)

    def centroid(sound):
        power = np.abs(np.fft.rfft(sound[0])) ** 2
        return np.sum(power * np.fft.rfftfreq(sound.shape[1], 1 / 44100)) / power.sum()

    assert centroid(sounds["conga"][0]) < 1500 < centroid(sounds["shaker"][0])
