"""A capture must not ask for a value: the program runs where there are none, and compiles as one graph."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from streamsep.engine.graph.products import use_sums
from streamsep.engine.graph.program import HopProgram
from streamsep.errors import EngineError
from streamsep.model import Model


@pytest.mark.parametrize("name", ["classic", "ratio", "local"])
def test_no_value_is_asked_for(name, models, spec_for):
    """Tensors without values refuse `.item()`, `if tensor` and copies to the host."""
    program = HopProgram(models[name], spec_for(models[name], True), "float16")
    shape = (3, len(program.spec.estimated), 2, 64)
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        stems, rows = program(torch.zeros(3, 2, 64), torch.zeros(3, program.layout.width))
        with pytest.raises(RuntimeError):
            bool(stems.any())
    assert stems.shape == shape
    assert rows.shape == (3, program.layout.width)


def test_the_whole_hop_is_one_graph_for_a_compiler(models, spec_for):
    program = HopProgram(models["ratio"], spec_for(models["ratio"]))
    whole = torch.compile(program, backend="eager", fullgraph=True)
    torch.manual_seed(0)
    audio, rows = torch.randn(2, 2, 64), torch.zeros(2, program.layout.width)
    with torch.no_grad():
        for ours, theirs in zip(whole(audio, rows), program(audio, rows), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("name", ["ratio", "local"])
def test_products_as_sums_are_the_same(name, precision, models, spec_for):
    program = HopProgram(models[name], spec_for(models[name]), precision)
    torch.manual_seed(0)
    rows, both = torch.zeros(2, program.layout.width), []
    audio = torch.randn(4, 2, 2, 64)
    for is_summed in (False, True):
        use_sums(program, is_summed)
        memory, heard = rows, []
        for hop in audio:
            stems, memory = program(hop, memory)
            heard.append(stems)
        both.append(torch.cat(heard))
    tolerance = {"float32": 1e-5, "bfloat16": 0.05, "float16": 0.005}[precision]
    assert torch.allclose(*both, rtol=0.0, atol=tolerance)


def test_arguments_are_not_modified(models, spec_for):
    program = HopProgram(models["cues"], spec_for(models["cues"], True))
    torch.manual_seed(0)
    audio, rows = torch.randn(2, 2, 64), torch.zeros(2, program.layout.width)
    kept = audio.clone()
    _, rows = program(audio, rows)
    before = rows.clone()
    program(audio, rows)
    assert torch.equal(audio, kept)
    assert torch.equal(rows, before)


def test_unknown_kind_is_refused(models, spec_for):
    known = models["classic"]
    model = Model("spleeter", known.profile, known.targets)
    with pytest.raises(EngineError, match="kind 'spleeter'; use --engine torch"):
        HopProgram(model, spec_for(known))
