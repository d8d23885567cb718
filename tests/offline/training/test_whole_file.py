import pytest

from streamsep_offline.training.whole_file import whole_file


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "run" / "file"
    with whole_file(path) as file:
        file.write("old")
        assert not path.exists()

    def fail():
        with whole_file(path) as file:
            file.write("ne")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    with whole_file(path, "wb") as file:
        file.write(b"new")
    assert [p.read_bytes() for p in path.parent.iterdir()] == [b"new"], (
        "nothing half-written is left"
    )
