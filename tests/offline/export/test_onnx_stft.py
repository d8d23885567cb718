import numpy as np
import onnxruntime
import pytest
import torch

from streamsep.spec import PROFILES, Profile
from streamsep.stft import Analysis, Synthesis
from streamsep_offline.export.graph import Graph
from streamsep_offline.export.onnx_stft import analysis, synthesis

SMALL = [Profile("tiny", 16, 4, 2), Profile("odd", 128, 32, 8), Profile("even", 64, 64, 16)]


def run(graph, path, feeds):
    graph.save(path, {})
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    state = {f"state.{k}": np.zeros(s, np.float32) for k, s in graph.states.items()}
    names = [output.name for output in session.get_outputs()]
    for feed in feeds:
        out = dict(zip(names, session.run(names, {**feed, **state}), strict=True))
        state = {f"state.{k}": out[f"next.{k}"] for k in graph.states}
        yield out


@pytest.mark.parametrize("profile", [*PROFILES.values(), *SMALL], ids=lambda p: p.name)
def test_spectra_and_sound_are_those_of_the_reference(profile, tmp_path):
    rng = np.random.default_rng(0)
    n = 6
    audio = rng.standard_normal((2, n * profile.hop)).astype(np.float32)
    graph = Graph("there")
    parts, _ = analysis(graph, graph.input("audio", (2, profile.hop)), 2, profile)
    graph.output("parts", parts, (2, 2, profile.n_bins))
    feeds = ({"audio": hop} for hop in np.split(audio, n, axis=1))
    found = np.stack([out["parts"] for out in run(graph, tmp_path / "a.onnx", feeds)], -1)
    spectrum = Analysis(profile, 2).offline(torch.from_numpy(audio[None]))[0].numpy()
    assert np.abs(found[0] + 1j * found[1] - spectrum).max() < 1e-5 * profile.n_fft**0.5
    graph = Graph("back")
    shape = (2, 1, 2, profile.n_bins)
    graph.output(
        "sound", synthesis(graph, graph.input("parts", shape), 1, 2, profile), (1, 2, profile.hop)
    )
    masked = spectrum * rng.uniform(0, 1, spectrum.shape)
    pairs = np.stack([masked.real, masked.imag])[:, None].astype(np.float32)
    feeds = ({"parts": pairs[..., t]} for t in range(n))
    found = np.concatenate([out["sound"][0] for out in run(graph, tmp_path / "b.onnx", feeds)], -1)
    wanted = Synthesis(profile).offline(torch.from_numpy(masked.astype(np.complex64))[None])[0]
    assert np.abs(found - wanted.numpy()).max() < 1e-5
