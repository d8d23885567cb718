"""Small models of every kind, and the devices that are here: the processor, and a card where there is one."""

import numpy as np
import pytest
import torch

from streamsep.model import Model
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import to_model
from streamsep.models.open_unmix_random import random_model
from streamsep.spec import STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)
FOUR = STEM_SETS["4stems"]


@pytest.fixture(params=["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"])
def device(request) -> str:
    return request.param


def _cues(local=None, fine=False) -> Model:
    torch.manual_seed(3)
    module = CueLstm(StreamSpec(SMALL, 44100, 2, FOUR), 12, 10, local, fine=fine)
    with torch.no_grad():
        for weights in module.parameters():
            weights += 0.2 * torch.randn_like(weights)
    return to_model(module)


@pytest.fixture(scope="session")
def models() -> dict[str, Model]:
    return {
        "classic": Model("classic", SMALL, STEM_SETS["5stems"]),
        "ratio": random_model(SMALL, FOUR, 24),
        "softmax": random_model(SMALL, FOUR, 17, mask="softmax", residual_network=False),
        "one channel": random_model(SMALL, STEM_SETS["2stems"], 9, channels=1, nb_layers=1),
        "cues": _cues(),
        "fine": _cues(fine=True),
        "local": _cues((9, 5)),
        "summed": _cues().at(SMALL, STEM_SETS["2stems"]),
    }


@pytest.fixture(scope="session")
def spec_for():
    def make(model, has_wiener=False, channels=None):
        channels = channels or model.channels or 2
        return StreamSpec(model.profile, 44100, channels, model.targets, has_wiener)

    return make


@pytest.fixture(scope="session")
def hops():
    """Splits a sound into the hops of a stream."""

    def split(spec, sound):
        n = sound.shape[1] // spec.profile.hop
        whole = np.ascontiguousarray(sound[: spec.channels, : n * spec.profile.hop])
        return np.split(whole, n, axis=1)

    return split
