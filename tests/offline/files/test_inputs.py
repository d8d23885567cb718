import pytest

from streamsep.errors import ParameterError
from streamsep_offline.files.inputs import find_inputs


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found(folder, *names, **options):
    return [p.relative_to(folder).as_posix() for p in find_inputs(names or [folder], **options)]


def test_folders_are_searched_to_the_bottom_for_audio_in_order(tmp_path):
    make(
        tmp_path, "b.wav", "a.FLAC", "cover.jpg", "z/1.mp3", "c/d/2.stem.mp4", "._b.wav", ".x/3.wav"
    )
    assert found(tmp_path) == ["a.FLAC", "b.wav", "c/d/2.stem.mp4", "z/1.mp3"]


def test_named_files_come_first_and_once_whatever_their_extension(tmp_path):
    make(tmp_path, "a.wav", "b.dat")
    (tmp_path / "link.wav").symlink_to(tmp_path / "a.wav")
    names = [tmp_path / "b.dat", tmp_path / "missing.wav", tmp_path / "link.wav", tmp_path]
    assert found(tmp_path, *names) == ["b.dat", "missing.wav", "link.wav"]


def test_the_stems_of_the_last_run_are_no_songs(tmp_path):
    make(tmp_path, "a.wav", "separated/a/vocals.wav")
    assert found(tmp_path, exclude=tmp_path / "separated") == ["a.wav"]


def test_a_folder_without_audio_is_refused(tmp_path):
    make(tmp_path, "notes.txt")
    with pytest.raises(ParameterError, match="no audio"):
        find_inputs([tmp_path])
    with pytest.raises(ParameterError, match="no input"):
        find_inputs([])
