"""A song from file to files, with a stand-in for the model: what is kept, resumed, skipped and refused."""

import tracemalloc

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep.audio.writer import AudioWriter
from streamsep.errors import AudioFileError, ParameterError, StreamsepError
from streamsep_offline.files.file import SongTask, attempt, separate_file
from streamsep_offline.files.formats import FORMATS
from streamsep_offline.files.options import OutputOptions
from streamsep_offline.files.regroup import regroup
from streamsep_offline.separation.settings import SeparationSettings

RATE, BLOCK = 44100, 4000


class StandIn:
    """Two stems, a quarter of the song and the rest, in blocks of 4000 samples."""

    stems = ("quarter", "rest")

    def __init__(self, settings=None, block=BLOCK):
        self._block = block
        self.settings = settings or SeparationSettings(model="stand-in")
        self.heard = []

    def block_samples(self, sample_rate):
        return self._block

    def run(self, open_blocks, sample_rate, channels, n_frames, first_sample=0, progress=None):
        assert first_sample % self._block == 0
        for i, block in enumerate(regroup(open_blocks(), self._block)):
            if i * self._block >= first_sample:
                self.heard.append(i)
                yield np.stack([block / 4, block - block / 4])
                if progress:
                    progress((i * self._block + block.shape[1]) / sample_rate)


def song_at(path, sound=None, rate=RATE, subtype="PCM_16"):
    sound = music(0.5) if sound is None else sound
    soundfile.write(path, sound.T, rate, subtype=subtype)
    return path


def read(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def run(path, folder, separation=None, progress=None, **options):
    separation = separation or StandIn()
    keys = {"start_s", "duration_s"} & set(options)
    part = {key: options.pop(key) for key in keys}
    return separate_file(
        path,
        folder,
        options=OutputOptions(**options),
        separation=separation,
        progress=progress,
        **part,
    )


def everything(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [(8000, 1, "PCM_16"), (48000, 2, "PCM_24"), (192000, 2, "FLOAT"), (44100, 6, "PCM_16")],
)
def test_stems_keep_depth_rate_channels_and_length_and_sum_to_the_song(
    tmp_path, rate, channels, subtype
):
    sound = np.resize(music(0.3, rate), (channels, 10007))
    song_at(tmp_path / "song.wav", sound, rate, subtype)
    result = run(tmp_path / "song.wav", tmp_path / "out")
    assert (result.status, result.duration_s) == ("done", 10007 / rate)
    assert everything(tmp_path / "out") == ["song", "song/quarter.wav", "song/rest.wav"]
    for path in result.outputs:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.frames) == (rate, channels, 10007)
        assert info.subtype == subtype
    total = sum(read(path) for path in result.outputs)
    steps = {"PCM_16": 2**-15, "PCM_24": 2**-23, "FLOAT": 1e-6}
    assert np.abs(total - read(tmp_path / "song.wav")).max() <= 2 * steps[subtype]


def test_one_sample_at_a_high_rate_is_a_file_in_every_format(tmp_path):
    path = song_at(tmp_path / "song.wav", music(0.1)[:, :1], 192000)
    assert soundfile.info(run(path, tmp_path / "out", format="mp3").outputs[0]).frames >= 1


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("n", [1, 12345])
def test_every_format_holds_songs_of_any_length(tmp_path, name, n):
    if FORMATS[name].is_av:
        pytest.importorskip("av", reason="needs the extra 'formats'")
    song_at(tmp_path / "song.wav", music(0.5)[:, :n])
    result = run(tmp_path / "song.wav", tmp_path / "out", format=name)
    expected = 1 if FORMATS[name].is_container else 2
    assert len(result.outputs) == expected
    assert all(path.name.endswith(f".{name}") and path.stat().st_size for path in result.outputs)
    assert len([p for p in (tmp_path / "out").rglob("*") if p.is_file()]) == expected
    if FORMATS[name].is_av:
        return
    info = soundfile.info(result.outputs[0])
    n_expected = n if name != "opus" else round(n * 48000 / RATE)
    assert abs(info.frames - n_expected) <= (0 if name in ("wav", "flac", "ogg") else 1)
    if n > 1 and name != "opus":
        back = read(result.outputs[1])[:, :n]
        clean = 0.75 * music(0.5)[:, : back.shape[1]]
        assert np.sum((back - clean) ** 2) < 0.02 * np.sum(clean**2)


def test_a_bitrate_reaches_the_encoder(tmp_path):
    song_at(tmp_path / "song.wav", music(1.0))
    for kbps in (96, 320):
        result = run(tmp_path / "song.wav", tmp_path / str(kbps), format="mp3", kbps=kbps)
        assert result.outputs[0].stat().st_size * 8 / 1000 == pytest.approx(kbps, rel=0.1)


def test_stem_files_go_out_and_come_in(tmp_path):
    pytest.importorskip("av", reason="needs the extra 'formats'")
    song_at(tmp_path / "song.wav")
    first = run(tmp_path / "song.wav", tmp_path / "out", format="stem.mp4")
    assert [path.name for path in first.outputs] == ["song.stem.mp4"]
    second = run(first.outputs[0], tmp_path / "again")
    assert [path.parent.name for path in second.outputs] == ["song", "song"]
    mixture = sum(read(path) for path in second.outputs)
    clean = read(tmp_path / "song.wav")
    assert mixture.shape == clean.shape
    assert np.sum((mixture - clean) ** 2) < 0.1 * np.sum(clean**2)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"start_s": 0.25}, slice(11025, None)),
        ({"duration_s": 0.25}, slice(0, 11025)),
        ({"start_s": 0.1, "duration_s": 0.1}, slice(4410, 8820)),
        ({"duration_s": 9.0}, slice(0, None)),
    ],
)
def test_start_and_duration_work_alone_and_together(tmp_path, part, expected):
    path = song_at(tmp_path / "song.wav", subtype="FLOAT")
    result = run(path, tmp_path / "out", **part)
    assert np.abs(sum(map(read, result.outputs)) - music(0.5)[:, expected]).max() < 1e-6


def test_a_start_beyond_the_end_is_refused(tmp_path):
    with pytest.raises(AudioFileError, match=r"before --start 3"):
        run(song_at(tmp_path / "song.wav"), tmp_path / "out", start_s=3.0)
    assert everything(tmp_path) == ["song.wav"]


def test_too_loud_stems_are_turned_down_together_clamped_or_kept(tmp_path):
    path = song_at(tmp_path / "song.wav", 9 * music(0.5), subtype="FLOAT")
    peak = 0.75 * np.abs(read(path)).max()
    assert peak > 1.5
    rescaled = run(path, tmp_path / "a", bits=16)
    assert rescaled.gain == pytest.approx(1.0 / peak, rel=1e-3)
    assert rescaled.n_clipped == 0
    assert np.abs(read(rescaled.outputs[1])).max() > 0.999
    for stem, share in zip(rescaled.outputs, (0.25, 0.75), strict=True):
        assert np.abs(read(stem) - share * rescaled.gain * read(path)).max() < 2e-5
    clamped = run(path, tmp_path / "b", bits=16, clip="clamp")
    n_beyond = sum(np.count_nonzero(np.abs(share * read(path)) > 1) for share in (0.25, 0.75))
    assert clamped.n_clipped == n_beyond
    assert np.abs(read(clamped.outputs[1]) - np.clip(0.75 * read(path), -1, 1)).max() < 4e-5
    kept = run(path, tmp_path / "c")
    assert (kept.bits, kept.gain, kept.n_clipped) == (32, 1.0, 0)
    assert np.abs(read(kept.outputs[1]) - 0.75 * read(path)).max() < 1e-6


def stop_after(blocks, error):
    def progress(done_s, total_s):
        if done_s * RATE >= blocks * BLOCK:
            raise error

    return progress


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("enough")])
def test_a_stopped_song_goes_on_from_the_last_block_with_the_same_bits(tmp_path, error):
    path = song_at(tmp_path / "song.wav")
    whole = run(path, tmp_path / "whole")
    with pytest.raises(type(error)):
        run(path, tmp_path / "out", progress=stop_after(3, error))
    assert [name for name in everything(tmp_path / "out") if not name.startswith("song/.")] == [
        "song"
    ]
    separation = StandIn()
    result = run(path, tmp_path / "out", separation)
    assert separation.heard == [2, 3, 4, 5]
    assert result.resumed_s == separation.heard[0] * BLOCK / RATE
    for one, other in zip(whole.outputs, result.outputs, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert everything(tmp_path / "out") == ["song", "song/quarter.wav", "song/rest.wav"]


@pytest.mark.parametrize("what", ["input", "settings", "part"])
def test_a_spool_of_something_else_is_not_used(tmp_path, what):
    path = song_at(tmp_path / "song.wav")
    with pytest.raises(KeyboardInterrupt):
        run(path, tmp_path / "out", progress=stop_after(3, KeyboardInterrupt()))
    separation, part = StandIn(), {}
    if what == "input":
        song_at(path, music(0.5)[::-1])
    elif what == "settings":
        separation = StandIn(SeparationSettings(model="stand-in", niter=2))
    else:
        part = {"duration_s": 0.4}
    result = run(path, tmp_path / "out", separation, **part)
    assert (separation.heard[0], result.resumed_s) == (0, 0.0)
    assert (
        np.abs(
            sum(map(read, result.outputs))
            - read(path)[:, : len(separation.heard) * BLOCK][:, : round(result.duration_s * RATE)]
        ).max()
        < 1e-4
    )


def test_stopped_while_writing_files_the_next_run_only_writes(tmp_path, monkeypatch):
    path = song_at(tmp_path / "song.wav")

    def stopping(self, samples):
        raise KeyboardInterrupt

    monkeypatch.setattr(AudioWriter, "write", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(path, tmp_path / "out")
    monkeypatch.undo()
    assert not list((tmp_path / "out").rglob("*.wav"))
    separation = StandIn()
    result = run(path, tmp_path / "out", separation)
    assert separation.heard == []
    assert np.abs(sum(map(read, result.outputs)) - read(path)).max() < 1e-4


def test_what_is_there_is_kept_skipped_or_replaced(tmp_path):
    path = song_at(tmp_path / "song.wav")
    folder = tmp_path / "out" / "song"
    folder.mkdir(parents=True)
    (folder / "rest.wav").write_bytes(b"mine")
    assert run(path, tmp_path / "out").status == "done"
    assert (folder / "rest.wav").read_bytes() == b"mine"
    assert np.abs(read(folder / "quarter.wav") - read(path) / 4).max() < 1e-4
    separation = StandIn()
    (folder / ".quarter.wav.partial").mkdir()  # of a run that was killed in its last moment
    assert run(path, tmp_path / "out", separation).status == "skipped"
    assert separation.heard == []
    assert everything(folder) == ["quarter.wav", "rest.wav"]
    assert run(path, tmp_path / "out", is_overwriting=True).status == "done"
    assert np.abs(read(folder / "rest.wav") - 0.75 * read(path)).max() < 1e-4


@pytest.mark.parametrize("name", ["text", "empty", "no samples", "missing", "folder", "cut flac"])
def test_bad_input_is_named_and_leaves_nothing(tmp_path, name):
    path = tmp_path / "song.wav"
    if name == "text":
        path.write_text("this is not audio")
    elif name == "empty":
        path.touch()
    elif name == "no samples":
        song_at(path, np.zeros((2, 0), np.float32))
    elif name == "folder":
        path.mkdir()
    elif name == "cut flac":
        path = tmp_path / "song.flac"
        song_at(path, music(2.0))
        path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(AudioFileError, match=r"song\.(wav|flac)"):
        run(path, tmp_path / "out")
    assert not [p for p in (tmp_path / "out").rglob("*") if p.is_file()]


def test_channels_that_the_format_cannot_hold_are_refused_before_any_work(tmp_path):
    separation = StandIn()
    with pytest.raises(AudioFileError, match="6 channels"):
        run(
            song_at(tmp_path / "a.wav", np.zeros((6, 99))),
            tmp_path / "out",
            separation,
            format="mp3",
        )
    assert separation.heard == []


def test_options_that_do_not_go_together_are_refused():
    for wrong in (
        {"format": "aiff"},
        {"format": "flac", "bits": 32},
        {"clip": "soft"},
        {"name_template": "{x}"},
        {"format": "stem.mp4", "name_template": "{stem}.{ext}"},
    ):
        with pytest.raises(ParameterError):
            OutputOptions(**wrong)


def test_accidents_of_one_song_are_told_in_its_result(tmp_path):
    class Broken(StandIn):
        def run(self, *arguments, **options):
            raise MemoryError("no more")

    path = song_at(tmp_path / "song.wav")
    task = SongTask(path, (tmp_path / "out" / "a.wav", tmp_path / "out" / "b.wav"), OutputOptions())
    result = attempt(task, Broken())
    assert result.status == "failed"
    assert "song.wav: MemoryError: no more" in result.message
    with pytest.raises(KeyboardInterrupt):
        attempt(task, StandIn(), stop_after(1, KeyboardInterrupt()))


def test_an_output_that_cannot_be_put_in_place_is_named(tmp_path):
    path = song_at(tmp_path / "song.wav")
    (tmp_path / "out" / "song" / "rest.wav" / "x").mkdir(parents=True)
    with pytest.raises(StreamsepError, match=r"rest\.wav cannot be written"):
        run(path, tmp_path / "out", is_overwriting=True)
    assert not [p for p in (tmp_path / "out").rglob(".*.partial")]


def test_memory_does_not_grow_with_the_song(tmp_path):
    peaks = []
    for seconds in (5, 20):
        path = song_at(tmp_path / f"{seconds}.wav", np.tile(music(1.0), seconds))
        tracemalloc.start()
        run(path, tmp_path / "out", StandIn(block=RATE))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
