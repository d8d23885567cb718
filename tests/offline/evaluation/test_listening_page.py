"""The listening page is HTML with every sound and picture inside, and lets no name out of its cell."""

import base64
import io
import math
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from streamsep_offline.evaluation.clips import Clip, Source
from streamsep_offline.evaluation.listening_page import expected_bytes, write_listening_page
from streamsep_offline.evaluation.players import Player, encode
from streamsep_offline.evaluation.results import StemResult

EVIL = '</script><script>alert("1")</script> & "x" onerror=\'y\''
MODELS = (EVIL, "classic")


class Elements(HTMLParser):
    """Elements, texts, and whether every element that is opened is closed."""

    VOID = ("meta", "col", "img", "input", "br")

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, tag, **wanted):
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]


def sound(frequency_hz):
    t = np.arange(2 * 44100) / 44100
    return np.stack([0.3 * np.sin(2 * np.pi * frequency_hz * t)] * 2)


@pytest.fixture(scope="module")
def clip():
    scores = StemResult(EVIL, {"sdr_db": 5.5, "nothing_db": 0.0, "ideal_db": 11.0})
    unknown = StemResult(EVIL, {"sdr_db": math.nan, "nothing_db": math.nan, "ideal_db": 1.0})
    parts = (("mixture", -1, None), ("reference", -1, None), ("estimate", 0, scores))
    sources = [
        Source(Player(EVIL, part, encode(sound(200 * (k + 1)), 44100)), b"webp", model, figures)
        for k, (part, model, figures) in enumerate((*parts, ("estimate", 1, unknown)))
    ]
    return Clip(EVIL, EVIL, 61.0, 2.0, tuple(sources))


@pytest.fixture
def page(clip, tmp_path):
    n_bytes = write_listening_page(tmp_path / "page.html", MODELS, [clip, clip])
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert n_bytes == len(text.encode())
    return text


def test_it_has_a_player_and_a_spectrogram_for_every_source(page):
    elements = Elements(page)
    assert elements.open == []
    assert len(elements.of("section")) == 2
    assert len(elements.of("audio")) == len(elements.of("img")) == 2 * 4
    assert len(elements.of("tr", **{"data-part": "estimate"})) == 2 * 2
    assert [a["data-seconds"] for a in elements.of("section")] == ["2.000000"] * 2


def test_sound_inside_is_the_sound_that_was_given(page):
    for k, audio in enumerate(Elements(page).of("audio")[:4]):
        data = base64.b64decode(audio["src"].partition("base64,")[2])
        decoded, rate = soundfile.read(io.BytesIO(data))
        assert (rate, len(decoded)) == (44100, 2 * 44100)
        reference = sound(200 * (k + 1))[0]
        assert np.corrcoef(decoded[:, 0], reference)[0, 1] > 0.99


def test_it_loads_nothing_and_runs_its_own_script_only(page):
    elements = Elements(page)
    assert len(elements.of("script")) == 1
    assert elements.of("script") == [{}]
    assert "://" not in page
    assert not any(name in a for _, a in elements.tags for name in ("href", "onerror", "srcset"))
    policy = elements.of("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'")
    assert "script-src 'sha256-" in policy


def test_names_are_text_wherever_they_stand(page):
    assert page.count("<script") == page.count("</script") == 1
    texts = Elements(page).texts
    # A model in the list; of each clip song, kind, stem, and a row of the model.
    assert sum(EVIL in text for text in texts) == 1 + 2 * 4


def test_figures_stand_beside_estimates(page):
    texts = [text.strip() for text in Elements(page).texts]
    assert texts.count("5.5 dB") == texts.count("50.0 %") == 2
    assert texts.count("-") == 2 * 2, "what is not defined"
    assert any("1:01.0 to 1:03.0" in text for text in texts)


def test_one_model_cannot_be_blind(clip, tmp_path):
    alone = Clip(clip.song, clip.kind, 0.0, 2.0, clip.sources[:3])
    write_listening_page(tmp_path / "page.html", MODELS[:1], [alone])
    assert not Elements((tmp_path / "page.html").read_text(encoding="utf-8")).of(
        "input", id="blind"
    )


def test_what_it_will_weigh_is_about_right(clip):
    noise = 0.2 * np.random.default_rng(0).standard_normal((2, 10 * 44100))
    sounds = [len(encode(x, 44100, 0.4)) for x in (noise, np.cumsum(noise, -1) * 0.01)]
    assert 0.4 < expected_bytes(1, 10.0) / (np.mean(sounds) * 4 / 3 + 16_000) < 2.5
