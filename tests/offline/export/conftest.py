import pytest
import torch

from streamsep.classic_settings import ClassicSettings
from streamsep.model import Model
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import to_model
from streamsep.models.open_unmix_random import random_model
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec


def cue_model(profile="stage", stem_set="4stems", rate=44100, local=(10, 6)):
    """A model whose every weight is at work, as after training; without `local` it hears the fine grid."""
    torch.manual_seed(0)
    spec = StreamSpec(PROFILES[profile], rate, 2, STEM_SETS[stem_set])
    module = CueLstm(spec, n_input=16, n_hidden=12, local=local, fine=local is None).eval()
    with torch.no_grad():
        for name in ("bias", "slopes", "context_output.weight", "local_output.weight"):
            if local is not None or not name.startswith("local"):
                weight = module.get_parameter(name)
                weight += 0.3 * torch.randn_like(weight)
    return to_model(module)


def unmix_model(profile="stage", stem_set="4stems", **settings):
    """Random weights that work in their usual range."""
    return random_model(PROFILES[profile], STEM_SETS[stem_set], 24, **settings)


def classic_model(profile="stage", stem_set="4stems"):
    """The separator without weights."""
    settings = vars(ClassicSettings())
    return Model("classic", PROFILES[profile], STEM_SETS[stem_set], settings=settings)


@pytest.fixture
def make_model():
    """Makes a small model of a kind."""
    makers = {"cue_lstm": cue_model, "open_unmix": unmix_model, "classic": classic_model}
    return lambda kind, *args, **keys: makers[kind](*args, **keys)
