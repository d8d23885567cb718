"""What is written from the table is in the repository as the table gives it today."""

import zlib
from pathlib import Path

import pytest

from streamsep_bridge.osc.generate import FILES, write_all

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("path", FILES)
def test_the_file_is_what_the_table_gives(path):
    # What is compressed may differ from one zlib to the next.
    plain = zlib.decompress if path.endswith(".tosc") else bytes
    assert plain((ROOT / path).read_bytes()) == plain(FILES[path]()), (
        "run: python -m streamsep_bridge.osc.generate"
    )


def test_all_files_are_written(tmp_path):
    write_all(tmp_path)
    written = {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file()}
    assert written == {str(Path(path)) for path in FILES}
