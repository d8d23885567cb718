import sys

import numpy as np
import pytest

from signals import music
from streamsep import Separator
from streamsep.errors import CheckpointError, MissingExtraError, ShapeError
from streamsep_offline.export.graph import Graph
from streamsep_offline.export.onnx_runner import OnnxSeparator
from streamsep_offline.export.onnx_step import export_onnx


@pytest.fixture
def exported(make_model, tmp_path):
    export_onnx(make_model("classic"), tmp_path / "step.onnx")
    return OnnxSeparator(tmp_path / "step.onnx")


def test_stems_and_latency_are_told(exported):
    assert exported.stems == ("vocals", "drums", "bass", "other")
    assert exported.latency_samples == 512


@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (22050, 2), (48000, 2)])
def test_other_rates_and_mono_go_the_separator_way(rate, channels, exported, make_model):
    audio = music(0.7, rate, channels)
    model = make_model("classic")
    stems = exported.separate(audio, rate)
    assert stems.shape == (4, channels, audio.shape[1])
    np.testing.assert_allclose(stems.sum(0), audio, atol=1e-5)
    if rate != 48000:  # the separator runs natively there, this step at 44.1 kHz
        stereo = audio if channels == 2 else np.repeat(audio, 2, axis=0)
        wanted = Separator(model, sample_rate=rate, engine="torch").separate(stereo)
        assert np.abs(stems - wanted[:, :channels]).max() < 1e-4


def test_separating_twice_gives_the_same(exported):
    audio = music(0.4)
    assert np.array_equal(exported.separate(audio, 44100), exported.separate(audio, 44100))


def test_more_channels_than_the_step_has(make_model, tmp_path):
    export_onnx(make_model("classic"), tmp_path / "mono.onnx", channels=1)
    with pytest.raises(ShapeError, match="sees 1 channel, not 2"):
        OnnxSeparator(tmp_path / "mono.onnx").separate(music(0.1), 44100)


def test_files_that_are_not_steps_are_named(tmp_path):
    with pytest.raises(CheckpointError, match="no ONNX file at"):
        OnnxSeparator(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(CheckpointError, match="no ONNX file that runs"):
        OnnxSeparator(tmp_path / "text.onnx")
    graph = Graph("other")
    graph.output("y", 2.0 * graph.input("x", (2,)), (2,))
    graph.save(tmp_path / "other.onnx", {})
    with pytest.raises(CheckpointError, match="not exported by streamsep"):
        OnnxSeparator(tmp_path / "other.onnx")
    graph.save(tmp_path / "newer.onnx", {"streamsep": '{"version": 99}'})
    with pytest.raises(CheckpointError, match="has version 99, this program reads 1"):
        OnnxSeparator(tmp_path / "newer.onnx")


def test_without_onnxruntime_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[bench\]"):
        OnnxSeparator(tmp_path / "step.onnx")
