"""A model that hears the future: equal to the reference, in blocks, and the same backwards."""

import subprocess
import sys

import numpy as np
import pytest

from cue_models import both_ways_model
from signals import music
from streamsep.errors import CheckpointError, EngineError, ParameterError
from streamsep.model import Model, save_model
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec
from streamsep_offline.separation import both_ways
from streamsep_offline.separation.both_ways import BothWaysStems

RATE, HOP = 44100, 1024


def _separate(model, audio, rate=RATE, piece=5000):
    pieces = (audio[:, at : at + piece].copy() for at in range(0, audio.shape[1], piece))
    return np.concatenate(list(BothWaysStems(model).separate(pieces, rate, len(audio))), -1)


def _error_db(a, b):
    return 10 * np.log10(np.sum((a - b) ** 2) / np.sum(b**2))


@pytest.fixture(scope="module")
def song():
    """Chords and strokes that come, go and swell, so that past and future differ."""
    t = np.arange(6 * RATE) / RATE
    swell = 0.2 + np.abs(np.sin(2 * np.pi * 0.23 * t + 0.4)) * (t > 0.7)
    return (music(6.0) * swell).astype(np.float32)


@pytest.mark.parametrize(("stem_set", "channels"), [("4stems", 2), ("2stems", 1)])
def test_it_equals_the_reference(stem_set, channels, song):
    torch = pytest.importorskip("torch")
    from streamsep.models.cue_bilstm import from_model
    from streamsep.stft import Analysis, Synthesis

    model = both_ways_model(stem_set)
    spec = StreamSpec(model.profile, RATE, channels, STEM_SETS[stem_set])
    audio = song[:channels, : 80 * HOP]
    padded = torch.from_numpy(np.pad(audio, ((0, 0), (0, 3 * HOP))))
    with torch.inference_mode():
        spectrum = Analysis(spec.profile, channels).offline(padded[None])
        masks = from_model(model, spec).offline(spectrum)
        made = Synthesis(spec.profile).offline(spectrum[:, None] * masks)
    stems = _separate(model, audio)
    assert stems.shape == (len(spec.targets), channels, 80 * HOP)
    assert np.abs(stems - made[0, ..., 3 * HOP :].numpy()).max() < 1e-4
    assert min(np.abs(stem).max() for stem in stems) > 0.01
    np.testing.assert_allclose(stems.sum(0), audio, atol=1e-6)


def test_the_song_played_backwards_by_exchanged_experts_is_the_stems_played_backwards(song):
    model = both_ways_model()
    n = song.shape[1] // HOP * HOP
    # Sample m is sample n - m of the other song, so that both share the grid of hops.
    backwards = np.pad(song[:, 1:n][:, ::-1], ((0, 0), (1, 0)))
    forwards = np.pad(song[:, 1:n], ((0, 0), (1, 0)))
    exchanged = both_ways_model(seeds=(1, 0))
    stems = _separate(model, forwards)[..., 1:]
    again = _separate(exchanged, backwards)[..., 1:][..., ::-1]
    for stem, same in zip(stems, again, strict=True):
        assert _error_db(same, stem) < -60
    other = _separate(model, backwards)[..., 1:][..., ::-1]
    assert _error_db(other[0], stems[0]) > -40, "and not by the same ones"


def test_blocks_with_enough_ahead_are_the_whole_song(song, monkeypatch):
    model = both_ways_model()
    whole = _separate(model, song)
    monkeypatch.setattr(both_ways, "CORE_S", 0.8)
    errors = []
    for ahead_s in (0.2, 1.0, 4.0):
        monkeypatch.setattr(both_ways, "AHEAD_S", ahead_s)
        errors.append(_error_db(_separate(model, song), whole))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < -30


def test_blocks_that_reach_the_end_are_the_whole_song(song, monkeypatch):
    """The expert that hears forwards goes on from block to block as if there were none."""
    model = both_ways_model()
    whole = _separate(model, song)
    monkeypatch.setattr(both_ways, "AHEAD_S", 8.0)
    for core_s in (0.3, 1.1):
        monkeypatch.setattr(both_ways, "CORE_S", core_s)
        np.testing.assert_allclose(_separate(model, song, piece=777), whole, atol=2e-6)


def test_it_needs_no_torch(tmp_path):
    save_model(both_ways_model(), tmp_path)
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from streamsep_offline.separation.api import separate\n"
        f"separate(np.ones((2, 4000), np.float32), 8000, {str(tmp_path)!r})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_does_not_fit_is_refused_before_any_song():
    model = both_ways_model()
    missing = {k: w for k, w in model.weights.items() if k != "backwards.slopes"}
    with pytest.raises(CheckpointError, match="missing slopes"):
        BothWaysStems(Model("cue_bilstm", model.profile, model.targets, weights=missing))
    stage = Model("cue_bilstm", PROFILES["stage"], model.targets, weights=model.weights)
    with pytest.raises(ParameterError, match="asymmetric window"):
        BothWaysStems(stage)


def test_the_engine_of_streams_refuses_it():
    from streamsep import Separator

    with pytest.raises(EngineError, match="hears the future"):
        Separator(both_ways_model())
