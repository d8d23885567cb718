"""Words come when they are sung."""

import pytest

from streamsep_bridge.karaoke.lyrics import LyricsError, lyrics_beside, parse_lyrics, read_lyrics

TEXT = """[ti: Song ]
[ar:Somebody]
[00:12.00]first
[00:15.30][01:15.5]twice
no time
[00:18.00]<00:18.00>words <00:18.60>with <00:19.10>times
[00:20:50]
"""


def test_lines_in_the_order_of_their_times():
    lyrics = parse_lyrics(TEXT)
    assert lyrics.title == "Song"
    assert lyrics.times_s == (12.0, 15.3, 18.0, 20.5, 75.5)
    assert lyrics.lines == ("first", "twice", "words with times", "", "twice")


@pytest.mark.parametrize(
    ("seconds", "line"), [(0.0, -1), (12.0, 0), (15.29, 0), (15.3, 1), (1e6, 4)]
)
def test_the_line_that_is_sung(seconds, line):
    assert parse_lyrics(TEXT).line_at(seconds) == line


def test_a_positive_offset_is_earlier():
    assert parse_lyrics("[offset:+500]\n[00:10.00]a").times_s == (9.5,)
    assert parse_lyrics("[offset:-500]\n[00:00.20]a").times_s == (0.7,)
    assert parse_lyrics("[offset:1000]\n[00:00.20]a").times_s == (0.0,)


def test_files(tmp_path):
    song, words = tmp_path / "song.flac", tmp_path / "song.lrc"
    assert lyrics_beside(song) is None
    words.write_bytes("\ufeff[00:01.00]süß\r\n".encode())
    assert lyrics_beside(song) == words
    assert read_lyrics(words).lines == ("süß",)
    words.write_bytes("[00:01.00]süß".encode("latin-1"))
    assert read_lyrics(words).lines == ("süß",)


@pytest.mark.parametrize("data", [b"", b"just text", b"\x00\xff" * 100, b"[" * 100000])
def test_what_is_no_lyrics_is_one_line(tmp_path, data):
    (tmp_path / "x.lrc").write_bytes(data)
    with pytest.raises(LyricsError, match="no line with a time"):
        read_lyrics(tmp_path / "x.lrc")
    with pytest.raises(LyricsError, match="cannot be read"):
        read_lyrics(tmp_path / "missing.lrc")
