"""Which kernels are kept: those that compute the same and are faster, or else the plain ones."""

import pytest
import torch

from streamsep.engine.graph import tuning
from streamsep.engine.graph.precision import exact_products
from streamsep.engine.graph.products import Product
from streamsep.engine.graph.program import HopProgram
from streamsep.engine.graph.replay import Lanes, Replay
from streamsep.errors import EngineWarning


@pytest.fixture
def program(models, spec_for):
    return HopProgram(models["softmax"], spec_for(models["softmax"]))


def choose(program, kernels):
    rows, lanes = torch.zeros(1, program.layout.width), Lanes(torch.device("cpu"))
    return tuning.choose_step(
        program, 1, lambda step: Replay(program, rows, None, lanes, step), kernels
    )


def test_kernels_that_cannot_be_had_leave_the_plain_ones(program, monkeypatch):
    def broken(audio, rows):
        raise RuntimeError("no triton\nhere")

    monkeypatch.setattr(tuning, "fused", lambda program, n, is_summed: broken)
    with pytest.warns(EngineWarning, match=r"cannot have kernels 'fused' here \(no triton\)"):
        assert choose(program, "fused") == (None, "plain")


def test_kernels_that_compute_something_else_are_refused(program, monkeypatch):
    def wrong(audio, rows):
        stems, rows = program(audio, rows)
        return stems + 2e-4, rows

    monkeypatch.setattr(tuning, "fused", lambda program, n, is_summed: wrong)
    assert choose(program, "measured") == (None, "plain")


def test_the_fastest_is_kept(program, monkeypatch):
    durations = {"plain": 3.0, "fused": 2.0, "sums": 1.0}
    made = []
    monkeypatch.setattr(tuning, "fused", lambda program, n, is_summed: made.append(n) or program)
    monkeypatch.setattr(tuning, "_time_s", lambda replay: list(durations.values())[len(made)])
    assert choose(program, "measured") == (program, "sums")
    durations |= {"fused": 4.0, "sums": 5.0}
    made.clear()
    assert choose(program, "measured") == (None, "plain")


def test_forms_of_products_are_taken_back(program, monkeypatch):
    """`torch.compile` is replaced by what records the form at the call."""
    products = [m for m in program.modules() if isinstance(m, Product)]

    def compiler(program, **options):
        def run(audio, rows):
            assert {p.is_summed for p in products} == {True}
            return program(audio, rows)

        return run

    monkeypatch.setattr(torch, "compile", compiler)
    step = tuning.fused(program, 1, is_summed=True)
    step(torch.zeros(1, 2, 64), torch.zeros(1, program.layout.width))
    assert {p.is_summed for p in products} == {False}


def test_settings_of_the_process_come_back():
    settings = torch.backends.cuda.matmul
    before = settings.allow_bf16_reduced_precision_reduction
    with exact_products():
        assert not settings.allow_bf16_reduced_precision_reduction
        assert not settings.allow_tf32
    assert settings.allow_bf16_reduced_precision_reduction == before
