"""The picture: it can be drawn, shows light where there is sound, and fails in one line."""

import numpy as np
import pytest

from streamsep.errors import AudioFileError, MissingExtraError
from streamsep.plot import require_matplotlib, save_plot
from streamsep.spectrogram import MaskCollector, SpectrogramCollector

matplotlib_image = pytest.importorskip("matplotlib.image", reason="needs the extra 'plot'")


def draw(path, level):
    rng = np.random.default_rng(0)
    spectrograms, masks = SpectrogramCollector(2, 1, 44100), MaskCollector(1025, 44100)
    spectrograms.add((level * rng.standard_normal((2, 1, 44100))).astype(np.float32))
    for _ in range(86):
        masks(np.full((2, 1, 1025), 0.5, np.float32))
    save_plot(path, "a title", ("vocals", "kazoo"), spectrograms, masks)


def test_picture_shows_light_where_there_is_sound(tmp_path):
    draw(tmp_path / "sound.png", 0.1)
    image = matplotlib_image.imread(tmp_path / "sound.png")
    height, width = image.shape[:2]
    assert width > 1200
    mixture = image[int(0.1 * height) : int(0.3 * height), int(0.2 * width) : int(0.4 * width), :3]
    paper = image[:5, :5, :3]
    assert mixture.mean() > paper.mean() + 0.2


def test_silence_can_be_drawn(tmp_path):
    draw(tmp_path / "silence.png", 0.0)
    assert (tmp_path / "silence.png").stat().st_size > 1000


def test_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(AudioFileError, match="cannot be written"):
        draw(tmp_path / "nowhere" / "a.png", 0.1)
    with pytest.raises(AudioFileError, match=r"name a \.png"):
        draw(tmp_path / "a.sound", 0.1)


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[plot\]"):
        require_matplotlib()
