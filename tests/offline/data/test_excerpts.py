import pickle

import numpy as np
import pytest
import soundfile

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.data.excerpts import DataSettings, open_excerpts, open_songs

RATE = 8000
FOUR = ("vocals", "drums", "bass", "other")


def song_number(stem):
    """Which song noise comes from: its level says it."""
    return round(float(stem.std()) * 100)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Six songs of four stems; the level of a stem is its song's number in percent."""
    root = tmp_path_factory.mktemp("songs")
    for i in range(6):
        folder = root / f"song {i}"
        folder.mkdir()
        for k, name in enumerate(FOUR):
            noise = 0.01 * (i + 1) * np.random.default_rng((i, k)).standard_normal((4 * RATE, 2))
            soundfile.write(folder / f"{name}.flac", noise, RATE, "PCM_16")
    return root


def settings(**changes):
    return DataSettings(**{"sample_rate": RATE, "seconds": 0.5, "samples_per_track": 3, **changes})


def test_the_same_numbers_give_the_same_example(root):
    one, two = (open_excerpts(root, "train", settings()) for _ in range(2))
    other = open_excerpts(root, "train", settings(seed=43))
    assert one.stems == FOUR
    assert (one.sample_rate, one.channels) == (RATE, 2)
    seen = set()
    for epoch in range(2):
        for index in range(len(one)):
            a, b = one.read(epoch, index), two.read(epoch, index)
            assert a.stems.shape == (4, 2, RATE // 2)
            assert a.stems.dtype == a.mixture.dtype == np.float32
            assert np.array_equal(a.stems, b.stems)
            assert np.array_equal(a.mixture, b.mixture)
            assert np.allclose(a.mixture, a.stems.sum(axis=0), atol=1e-6)
            assert not np.array_equal(a.stems, other.read(epoch, index).stems)
            seen.add(a.stems.tobytes())
    assert len(seen) == 2 * len(one)


def test_pickling_changes_nothing(root):
    excerpts = open_excerpts(root, "train", settings())
    excerpts.read(0, 0)
    copy = pickle.loads(pickle.dumps(excerpts))
    assert np.array_equal(copy.read(1, 4).stems, excerpts.read(1, 4).stems)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_workers_change_nothing(root, n_workers):
    torch = pytest.importorskip("torch")
    excerpts = open_excerpts(root, "train", settings())

    class Epoch(torch.utils.data.Dataset):
        def __len__(self):
            return len(excerpts)

        def __getitem__(self, index):
            return excerpts.read(7, index).mixture

    loader = torch.utils.data.DataLoader(Epoch(), batch_size=4, num_workers=n_workers)
    batches = torch.cat(list(loader)).numpy()
    alone = np.stack([excerpts.read(7, index).mixture for index in range(len(excerpts))])
    assert np.array_equal(batches, alone)


def test_coherent_excerpts_are_of_one_song_and_each_has_its_turn(root):
    excerpts = open_excerpts(root, "train", settings(coherent=1.0, samples_per_track=1))
    assert len(excerpts) < 6
    for epoch in range(2):
        turns = [
            [song_number(s) for s in excerpts.read(epoch, i).stems] for i in range(len(excerpts))
        ]
        assert all(len(set(numbers)) == 1 for numbers in turns)
        assert len({numbers[0] for numbers in turns}) == len(excerpts)


def test_remixed_excerpts_are_of_several(root):
    excerpts = open_excerpts(root, "train", settings(coherent=0.0))
    mixed = [len({song_number(s) for s in excerpts.read(0, i).stems}) for i in range(len(excerpts))]
    assert np.mean(np.array(mixed) > 1) > 0.8


def test_train_and_valid_share_no_song(root):
    train, valid = (
        open_songs(root, split, settings(valid_share=0.4)) for split in ("train", "valid")
    )
    names = [{song.name for song in songs} for songs in (train, valid)]
    assert len(names[0] | names[1]) == 6
    assert names[0].isdisjoint(names[1])
    assert names[1]


def test_validation_is_the_same_in_every_epoch_and_whole_unless_told(root):
    whole = open_excerpts(root, "valid", settings())
    assert whole.read(0, 0).stems.shape == (4, 2, 4 * RATE)
    parts = open_excerpts(root, "valid", settings(valid_seconds=1.0, valid_per_track=3))
    assert len(parts) == 3 * len(whole)
    examples = [parts.read(0, i).stems for i in range(3)]
    song = whole.read(0, 0).stems
    for i, stems in enumerate(examples):
        start = round((i + 1) * 3 * RATE / 4)
        assert np.array_equal(stems, song[..., start : start + RATE])
        assert np.array_equal(stems, parts.read(5, i).stems)


@pytest.mark.parametrize(
    ("targets", "stems"),
    [
        ((), FOUR),
        (("vocals",), ("vocals", "accompaniment")),
        (("drums",), ("drums", "other")),
        (("vocals", "accompaniment"), ("vocals", "accompaniment")),
        (("accompaniment", "vocals"), ("accompaniment", "vocals")),
        (("other", "vocals"), ("other", "vocals")),
        (("bass", "drums", "other", "vocals"), ("bass", "drums", "other", "vocals")),
    ],
)
def test_what_is_no_target_is_summed_so_that_stems_make_the_song(root, targets, stems):
    all_four = open_excerpts(root, "valid", settings())
    some = open_excerpts(root, "valid", settings(targets=targets))
    assert some.stems == stems
    song, example = all_four.read(0, 0), some.read(0, 0)
    assert np.allclose(example.mixture, song.mixture, atol=1e-5)
    for name, stem in zip(stems, example.stems, strict=True):
        if name in ("vocals", "drums", "bass"):
            assert np.array_equal(stem, song.stems[FOUR.index(name)])
    (first, *_) = open_songs(root, "valid", settings(targets=targets))
    assert np.allclose(first.read()[0], example.stems, atol=1e-5)


def test_one_channel_is_the_mean_of_both(root):
    stereo = open_excerpts(root, "train", settings())
    mono = open_excerpts(root, "train", settings(channels=1))
    assert mono.read(0, 1).stems.shape == (4, 1, RATE // 2)
    assert np.allclose(mono.read(0, 1).stems[:, 0], stereo.read(0, 1).stems.mean(axis=1), atol=1e-7)


def test_augmentation_is_given_the_examples_own_generator(root):
    def louder(rng, example, sample_rate):
        assert sample_rate == RATE
        return type(example).from_stems(example.stems * np.float32(rng.uniform(1, 2)))

    plain = open_excerpts(root, "train", settings())
    loud = open_excerpts(root, "train", settings(), louder)
    a, b, c = plain.read(0, 2).stems, loud.read(0, 2).stems, loud.read(0, 2).stems
    assert np.array_equal(b, c)
    assert 1 < b.std() / a.std() < 2


def write_half_silent(folder):
    """Vocals sound in a tenth of the song."""
    noise = 0.1 * np.random.default_rng(0).standard_normal((20 * RATE, 2))
    gate = np.zeros((20 * RATE, 1))
    gate[9 * RATE : 11 * RATE] = 1
    for name, audio in (("vocals", gate * noise), ("drums", noise)):
        folder.mkdir(exist_ok=True, parents=True)
        soundfile.write(folder / f"{name}.wav", audio, RATE, "PCM_16")


def test_activity_finds_what_sounds(tmp_path):
    for i in range(2):
        write_half_silent(tmp_path / f"song {i}")
    shares = []
    for choose in ("uniform", "activity"):
        excerpts = open_excerpts(tmp_path, "train", settings(choose=choose, samples_per_track=64))
        sounding = [excerpts.read(0, i).stems[0].std() > 1e-3 for i in range(len(excerpts))]
        shares.append(np.mean(sounding))
    assert shares[0] < 0.3
    assert shares[1] > shares[0] + 0.2


def test_short_songs_end_in_silence(tmp_path):
    for i in range(2):
        (tmp_path / f"{i}").mkdir()
        for name in ("vocals", "drums"):
            soundfile.write(tmp_path / f"{i}" / f"{name}.wav", np.full((100, 2), 0.5), RATE)
    stems = open_excerpts(tmp_path, "train", settings()).read(0, 0).stems
    assert np.all(stems[..., :100] == 0.5)
    assert not stems[..., 100:].any()


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("choose", "loud", "activity, uniform"),
        ("missing_stems", "no", "refuse, skip, silent"),
        ("seconds", 0, "more than 0"),
        ("coherent", 1.5, "0 to 1"),
        ("channels", 3, "1 or 2"),
        ("samples_per_track", 0, "at least 1"),
        ("targets", ("vocals", "vocals"), "twice"),
    ],
)
def test_settings_out_of_range_are_named(key, value, told):
    with pytest.raises(ParameterError, match=told) as error:
        DataSettings(**{key: value})
    assert key in str(error.value)


def test_unknown_layouts_and_splits_are_named(root):
    with pytest.raises(ParameterError, match="did you mean 'stems'"):
        open_excerpts(root, "train", settings(layout="stem"))
    with pytest.raises(ParameterError, match="train or valid"):
        open_excerpts(root, "test", settings())
    with pytest.raises(ParameterError, match="count from 0"):
        open_excerpts(root, "valid", settings()).read(0, 99)


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(AudioFileError, match=str(tmp_path)):
        open_excerpts(tmp_path, "train", settings())


def test_remixed_stems_are_brought_to_one_level_and_silence_is_not(root, tmp_path):
    """Songs of one level each: remixed, they lose it; coherent, they keep it."""
    levelled = open_excerpts(root, "train", settings(coherent=0.0, remix_level_db=-20.0))
    plain = open_excerpts(root, "train", settings(coherent=0.0))
    for index in range(4):
        example, own = levelled.read(0, index), plain.read(0, index)
        power_db = 10.0 * np.log10(np.mean(example.stems.astype(float) ** 2, axis=(1, 2)))
        assert np.allclose(power_db, -20.0, atol=0.01)
        gains = example.stems[:, 0, 100] / own.stems[:, 0, 100]
        assert np.allclose(example.stems, own.stems * gains[:, None, None], atol=1e-5)
        assert np.allclose(example.mixture, example.stems.sum(axis=0), atol=1e-6)
    together = open_excerpts(root, "train", settings(coherent=1.0, remix_level_db=-20.0))
    assert np.array_equal(
        together.read(0, 0).stems,
        open_excerpts(root, "train", settings(coherent=1.0)).read(0, 0).stems,
    )
    folder = tmp_path / "quiet"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        for k, stem in enumerate(("vocals", "drums")):
            noise = 0.1 * k * np.random.default_rng(k).standard_normal((RATE, 2))
            soundfile.write(folder / name / f"{stem}.flac", noise, RATE, "PCM_16")
    quiet = settings(coherent=0.0, remix_level_db=-20.0, targets=("vocals", "drums"))
    stems = open_excerpts(folder, "train", quiet).read(0, 0).stems
    assert np.abs(stems[0]).max() == 0.0
