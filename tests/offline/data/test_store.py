import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from layouts_on_disk import noise, write, write_streams
from signals import music
from streamsep.errors import AudioFileError
from streamsep_offline.data.piece import Piece, look
from streamsep_offline.data.store import Store

RATE = 44100


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache", 1.0)


def snr_db(clean, coded):
    return 10 * np.log10(np.sum(clean**2) / np.sum((coded - clean) ** 2))


def test_files_at_the_right_rate_are_read_where_they_lie(store, tmp_path):
    audio = noise("a", seconds=0.5)
    for suffix in ("wav", "flac", "aiff"):
        piece = Piece(write(tmp_path / f"a.{suffix}", audio))
        assert np.array_equal(store.read(piece, 1000, 500, RATE), audio[:, 1000:1500])
        assert not store.is_copied(piece, look(piece), RATE)
    assert store.cache.n_bytes() == 0


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, 3000), n=st.integers(0, 3000))
def test_any_part_is_that_of_the_whole_and_silent_beyond_it(tmp_path_factory, start, n):
    root = tmp_path_factory.mktemp("part")
    audio = noise("a", seconds=1500 / RATE)
    store = Store(root / "cache", 1.0)
    whole = np.pad(audio, ((0, 0), (0, 6000)))
    part = store.read(Piece(write(root / "a.wav", audio)), start, n, RATE)
    assert np.array_equal(part, whole[:, start : start + n])
    resampled = Piece(write(root / "b.wav", audio, 22050))
    all_of_it = store.read(resampled, 0, 9000, RATE)
    assert np.array_equal(store.read(resampled, start, n, RATE), all_of_it[:, start : start + n])


@pytest.mark.parametrize("rate", [22050, 32000, 48000, 96000])
def test_other_rates_come_aligned_and_at_their_length(store, tmp_path, rate):
    sound = music(1.0, rate)[:2].astype(np.float32)
    piece = Piece(write(tmp_path / "a.wav", sound, rate, "FLOAT"))
    n = store.length(piece, RATE)
    assert n == round(sound.shape[1] * RATE / rate)
    read = store.read(piece, 0, n, RATE)
    t = np.arange(n) / RATE
    # A tone, written at one rate and computed at the other, is the same tone.
    tone = np.sin(2 * np.pi * 997 * np.arange(rate) / rate)
    tone_piece = Piece(write(tmp_path / "tone.wav", np.stack([tone, tone]), rate, "FLOAT"))
    at_rate = store.read(tone_piece, 0, RATE, RATE)[0]
    middle = slice(RATE // 4, 3 * RATE // 4)
    assert snr_db(np.sin(2 * np.pi * 997 * t[:RATE])[middle], at_rate[middle]) > 80
    assert read.dtype == np.float32
    assert store.is_copied(piece, look(piece), RATE)


def test_mono_is_both_sides_and_gains_are_applied(store, tmp_path):
    audio = noise("a", seconds=0.1)
    for rate in (RATE, 48000):
        soundfile.write(tmp_path / "mono.wav", audio[0], rate, "PCM_16")
        read = store.read(Piece(tmp_path / "mono.wav"), 0, 1000, RATE)
        assert np.array_equal(read[0], read[1])
        minus = store.read(Piece(tmp_path / "mono.wav", gain=-1.0), 0, 1000, RATE)
        assert np.array_equal(minus, -read)


def test_sixteen_bits_are_kept_exactly_in_sixteen_bits(store, tmp_path):
    pytest.importorskip("av", reason="needs the extra 'formats'")
    audio = noise("a", seconds=0.5)
    audio[:, :2] = [[-1.0, 32767 / 32768]] * 2
    path = write_streams(tmp_path / "a.m4a", [audio, -0.5 * audio])
    assert np.array_equal(store.read(Piece(path), 0, audio.shape[1], RATE), audio)
    assert np.abs(store.read(Piece(path, 1), 0, 22050, RATE) + 0.5 * audio).max() < 2e-5
    sizes = [p.stat().st_size for p in store.cache.folder.glob("*.npy")]
    assert max(sizes) < audio.size * 2 + 200


def test_what_exceeds_full_scale_or_sixteen_bits_is_kept_as_float(store, tmp_path):
    tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050).astype(np.float32)
    sound = np.stack([tone, -tone])
    for k, gain in enumerate((8.0, 1e-6)):
        audio = gain * sound
        piece = Piece(write(tmp_path / f"{k}.wav", audio, 22050, "FLOAT"))
        there_and_back = store.read(piece, 0, 2 * audio.shape[1], RATE)[:, ::2]
        assert snr_db(audio[:, 500:-500], there_and_back[:, 500:-500]) > 40


def test_lossy_files_are_decoded_once_and_in_place(store, tmp_path):
    audio = 0.3 * music(2.0)[:2].astype(np.float32)
    for suffix in ("ogg", "mp3"):
        path = tmp_path / f"a.{suffix}"
        soundfile.write(path, audio.T, RATE)
        piece = Piece(path)
        n = store.length(piece, RATE)
        assert abs(n - audio.shape[1]) < 2 * 1152
        whole = store.read(piece, 0, n, RATE)
        n = min(n, audio.shape[1])
        assert snr_db(audio[:, :n], whole[:, :n]) > 10
        assert np.array_equal(store.read(piece, 40000, 300, RATE), whole[:, 40000:40300])


def test_a_changed_file_is_decoded_again(store, tmp_path):
    path = tmp_path / "a.wav"
    first = store.read(Piece(write(path, noise("a", seconds=0.1), 48000)), 0, 3000, RATE)
    second = store.read(Piece(write(path, noise("b", seconds=0.2), 48000)), 0, 3000, RATE)
    assert not np.array_equal(first, second)


def test_other_rates_are_refused_where_told(tmp_path):
    store = Store(tmp_path / "cache", 1.0, resample=False)
    piece = Piece(write(tmp_path / "a.wav", noise("a", seconds=0.1), 48000))
    for read in (lambda: store.length(piece, RATE), lambda: store.read(piece, 0, 10, RATE)):
        with pytest.raises(AudioFileError, match="at 48000 Hz, expected 44100 Hz") as error:
            read()
        assert str(piece.path) in str(error.value)
        assert "resample" in str(error.value)


def test_damage_inside_a_file_is_told_where_it_is_met(store, tmp_path):
    path = write(tmp_path / "a.flac", noise("a", seconds=2.0))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)
    assert store.length(Piece(path), RATE) == 2 * RATE
    with pytest.raises(AudioFileError, match="get it again") as error:
        store.read(Piece(path), 0, 2 * RATE, RATE)
    assert str(path) in str(error.value)


def truncated(path):
    data = write(path, noise("a", seconds=0.5)).read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("name", "spoil", "told"),
    [
        ("gone.wav", lambda path: None, "does not exist"),
        ("empty.flac", lambda path: path.write_bytes(b""), "empty"),
        ("text.wav", lambda path: path.write_text("no sound"), "not audio"),
        ("half.wav", truncated, "truncated"),
        ("six.wav", lambda path: soundfile.write(path, np.zeros((9, 6)), RATE), "6 channels"),
    ],
)
def test_unreadable_files_are_named_with_a_remedy(store, tmp_path, name, spoil, told):
    spoil(tmp_path / name)
    with pytest.raises(AudioFileError, match=told) as error:
        store.length(Piece(tmp_path / name), RATE)
    assert str(tmp_path / name) in str(error.value)
    assert ";" in str(error.value) or ":" in str(error.value)
    assert "\n" not in str(error.value)
