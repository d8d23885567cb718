"""The page loads nothing, runs nothing, and lets no name out of its cell."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from signals import noise_stems
from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.page import write_page
from streamsep_offline.evaluation.players import make_players
from streamsep_offline.evaluation.score import SongAudio
from streamsep_offline.evaluation.tables import TextTable

EVIL = '<script>alert("1")</script> & "x" onerror=\'y\''
PNG = b"\x89PNG fake"


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data.strip())


@pytest.fixture
def song():
    """Six seconds of silence, then six with sound at another rate than that of the players."""
    stems = noise_stems(2, 12.0)
    stems[:, :, : 6 * 8000] *= 1e-4
    return SongAudio(EVIL, (EVIL, "bass"), stems, 8000)


@pytest.fixture
def page(tmp_path, song):
    players = make_players(song, song.stems, 0.5 * song.references)
    table = TextTable(EVIL, ("stem", EVIL), ((EVIL, "1.0"), ("bass", EVIL)), caption=EVIL)
    write_page(tmp_path / "page.html", EVIL, [table], PNG, {EVIL: players})
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def test_everything_is_inside(page):
    elements = Elements(page)
    assert not {tag for tag, _ in elements.tags} & {"script", "link", "iframe", "object", "base"}
    sources = [a["src"] for _, a in elements.tags if "src" in a]
    assert len(sources) == 1 + 5, "a picture, the mixture, two references and two estimates"
    assert all(s.startswith(("data:image/png;base64,", "data:audio/mpeg;base64,")) for s in sources)
    assert not any(name in a for _, a in elements.tags for name in ("href", "onerror", "srcset"))
    assert "://" not in page
    policy = [a["content"] for tag, a in elements.tags if tag == "meta" and "content" in a]
    assert policy[0].startswith("default-src 'none'")


def test_names_are_text_wherever_they_stand(page):
    texts = Elements(page).texts
    assert "<script" not in page
    # Title, heading, caption, heading of a column, two cells, note, and the stem and song of the players.
    assert sum(EVIL in text for text in texts) == 9


def test_players_are_short_aligned_excerpts_of_the_busiest_part(song):
    players = make_players(song, song.stems, 0.5 * song.references)
    assert [(p.stem, p.part) for p in players] == [
        ("mixture", "mixture"),
        (EVIL, "reference"),
        (EVIL, "estimate"),
        ("bass", "reference"),
        ("bass", "estimate"),
    ]
    assert sum(len(p.mp3) for p in players) < 1_000_000
    levels = []
    for player in players:
        audio, rate = soundfile.read(io.BytesIO(player.mp3))
        assert (rate, audio.shape[1]) == (44100, 2)
        assert abs(len(audio) / rate - 8.0) < 0.1
        levels.append(np.sqrt(np.mean(audio**2)))
    assert levels[2] / levels[1] == pytest.approx(0.5, rel=0.05), "all at one gain"
    assert levels[0] > 0.05, "of the part that sounds"


def test_audio_in_the_page_is_the_players(page, song):
    players = make_players(song, song.stems, 0.5 * song.references)
    for player in players:
        assert base64.b64encode(player.mp3).decode() in page


def test_a_page_that_cannot_be_written(tmp_path):
    with pytest.raises(AudioFileError, match="cannot be written"):
        write_page(tmp_path / "no" / "page.html", "", [TextTable("", (), ())], None, {})
