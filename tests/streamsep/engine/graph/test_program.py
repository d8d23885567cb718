"""A capture must not ask for a value: the program runs where there are none, and compiles as one graph."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from streamsep.engine.graph.program import HopProgram
from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model
from streamsep.presets import find_preset
from streamsep.spec import STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)


def programs() -> dict[str, HopProgram]:
    models = (
        Model("classic", SMALL, STEM_SETS["4stems"]),
        random_model(SMALL, STEM_SETS["4stems"], 8),
        find_preset("4stems-stage").load(),
    )
    return {
        m.kind: HopProgram(m, StreamSpec(m.profile, 44100, 2, m.targets, True)) for m in models
    }


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("name", ["classic", "open_unmix", "cue_lstm"])
def test_no_value_is_asked_for_and_memories_keep_their_place(name, precision):
    """Tensors without values refuse `.item()`, `if tensor` and copies to the host."""
    program = programs()[name]
    hop = program.spec.profile.hop
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        stems, rows = program(torch.zeros(3, 2, hop), torch.zeros(3, program.layout.width))
        with pytest.raises(Exception, match="data-dependent|DataDependent|_local_scalar_dense"):
            bool(stems.any())
    assert stems.shape == (3, 3, 2, hop)
    assert rows.shape == (3, program.layout.width)


def test_the_whole_hop_is_one_graph_for_a_compiler():
    program = programs()["open_unmix"]
    whole = torch.compile(program, backend="eager", fullgraph=True)
    torch.manual_seed(0)
    audio, rows = torch.randn(2, 2, 64), torch.zeros(2, program.layout.width)
    with torch.no_grad():
        for ours, theirs in zip(whole(audio, rows), program(audio, rows), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-6)


def test_arguments_are_not_modified():
    program = programs()["cue_lstm"]
    torch.manual_seed(0)
    audio, rows = torch.randn(2, 2, 512), torch.zeros(2, program.layout.width)
    kept = audio.clone()
    with torch.no_grad():
        _, rows = program(audio, rows)
        before = rows.clone()
        program(audio, rows)
    assert torch.equal(audio, kept)
    assert torch.equal(rows, before)


def test_unknown_kind_is_refused():
    model = Model("spleeter", SMALL, STEM_SETS["2stems"])
    with pytest.raises(EngineError, match="kind 'spleeter'; use --engine torch"):
        HopProgram(model, StreamSpec(SMALL, 44100, 2, model.targets))
