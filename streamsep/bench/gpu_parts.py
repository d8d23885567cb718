"""The parts of `bench --gpu`: what is built, compared and timed in each, one row after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from streamsep.bench import gpu_jobs as jobs
from streamsep.bench.gpu_report import GpuRow
from streamsep.bench.timing import Statistics
from streamsep.bench.workload import FULL_HIDDEN_SIZE, Workload, make_workload
from streamsep.engine import GRAPH_PRECISIONS
from streamsep.engine.graph.backend import GraphBackend, batch_sizes
from streamsep.engine.graph.engine import GraphEngine
from streamsep.engine.graph.program import HopProgram
from streamsep.model import Model, load_model
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec

N_HOPS, MOST_STREAMS, MOST_S = 20_000, 1024, 20.0
"""Hops per row; streams; no row is timed longer than so many seconds."""

SHIPPED = "4stems-stage"
"""The model whose streams are counted."""


@dataclass(frozen=True)
class GpuPlan:
    """How much is measured, and where.

    Attributes:
        device: "cuda"; "cpu" tries the program out, without a graph.
        n_hops: Hops per row.
        hidden_size: Of the full-size networks.
        most_streams: Largest batch.
    """

    device: str = "cuda"
    n_hops: int = N_HOPS
    hidden_size: int = FULL_HIDDEN_SIZE
    most_streams: int = MOST_STREAMS


@dataclass(frozen=True)
class _Built:
    """A job that is ready.

    Attributes:
        job: What is timed.
        program: Whose weights it reads.
        remark: For its row.
    """

    job: jobs.Job
    program: HopProgram
    remark: str = ""


class Part:
    """Makes rows of one part."""

    def __init__(self, name: str, plan: GpuPlan, bandwidth: float) -> None:
        self.name, self.plan, self._bandwidth = name, plan, bandwidth
        self.is_on_card = plan.device.startswith("cuda")

    def row(
        self,
        what: str,
        spec: StreamSpec,
        make: Callable[[], _Built],
        precision: str = "float32",
        n: int = 1,
        *,
        compared_with: jobs.Job | None = None,
        is_timed: bool = True,
    ) -> GpuRow:
        """Build a job, compare and time it; what cannot run says why in its row."""
        floor_ms = difference = statistics = None
        try:
            built = make()
            remark = built.remark
            floor_ms = 1000.0 * jobs.weight_bytes(built.program) / self._bandwidth or None
            if compared_with is not None:
                difference = jobs.difference(built.job, compared_with, spec)
            if is_timed:
                seconds = jobs.time_job(built.job, spec, n, self.plan.n_hops, MOST_S)
                statistics = Statistics.of(seconds)
        except Exception as error:  # one that fails must not take the others along
            lines = str(error).strip().splitlines() or [type(error).__name__]
            remark = f"failed: {lines[0][:100]}"
        hop_ms, profile = 1000.0 * spec.hop_s, spec.profile.name
        facts = (self.name, what, profile, precision, n, hop_ms)
        return GpuRow(*facts, statistics, floor_ms, difference, remark)

    def single(self, model: Model, precision: str = "float32", kernels: str = "plain") -> _Built:
        """The engine with one stream."""
        engine = GraphEngine(model, _spec(model), precision, self.plan.device, kernels)
        return _Built(jobs.single(engine), engine.program, f"{engine.kernels} kernels")

    def graph(self, model: Model, precision: str, kernels: str = "plain") -> GpuRow:
        """One stream of it, timed."""
        make = partial(self.single, model, precision, kernels)
        return self.row(f"graph, {model.kind}", _spec(model), make, precision)

    def full(self, profile: str) -> Workload:
        """The networks of full size."""
        return make_workload(self.plan.hidden_size, profile)


def _equal(part: Part) -> Iterator[GpuRow]:
    """The engine against the reference on the processor: every kind of model, every precision."""
    classic = Model("classic", PROFILES["stage"], STEM_SETS["4stems"])
    for model in (classic, _shipped(), part.full("studio").model):
        for precision in GRAPH_PRECISIONS:
            yield part.row(
                f"graph and torch, {model.kind}",
                _spec(model),
                partial(part.single, model, precision),
                precision,
                compared_with=jobs.eager(model, _spec(model), "cpu"),
                is_timed=False,
            )


def _hops(part: Part) -> Iterator[GpuRow]:
    """One stream at every profile, plain kernels in a graph."""
    for profile in PROFILES:
        for precision in GRAPH_PRECISIONS:
            yield part.graph(part.full(profile).model, precision)
    yield part.graph(_shipped(), "float32")


def _fused(part: Part) -> Iterator[GpuRow]:
    """The same with fused kernels, which take a while to make; most wanted first."""
    kernels = ("sums", "fused") if part.is_on_card else ("plain",)
    for model in (part.full("studio").model, part.full("stage").model, _shipped()):
        for name in kernels:
            yield part.graph(model, "float32", name)
    yield part.graph(part.full("studio").model, "bfloat16", kernels[0])


def _streams(part: Part) -> Iterator[GpuRow]:
    """The shipped model with 1 to 1,024 streams; how many are in time."""
    model, plan = _shipped(), part.plan
    for kernels in ("plain", "fused") if part.is_on_card else ("plain",):
        backend = GraphBackend(
            model, _spec(model), plan.most_streams, device=plan.device, kernels=kernels
        )
        for n in batch_sizes(plan.most_streams):
            built = _Built(jobs.batched(backend, n), backend.program, f"{backend.kernels} kernels")
            yield part.row(f"graph, {model.kind}", _spec(model), partial(_same, built), n=n)
        backend.close()


def _peers(part: Part) -> Iterator[GpuRow]:
    """The full-size networks at `studio`, float32, one stream: ours beside everybody else's."""
    plan, load = part.plan, part.full("studio")
    model, spec = load.model, load.spec
    program = HopProgram(model, spec).to(plan.device)

    def peer(what: str, make: Callable[[], jobs.Job], remark: str = "") -> GpuRow:
        reference = jobs.eager(model, spec, "cpu")
        built = lambda: _Built(make(), program, remark)  # noqa: E731
        return part.row(what, spec, built, compared_with=reference)

    reference = jobs.eager(model, spec, "cpu")
    yield part.row("graph", spec, partial(part.single, model), compared_with=reference)
    yield peer("PyTorch nn.LSTM", lambda: jobs.eager(model, spec, plan.device), "eager")
    yield peer("PyTorch, our program", lambda: jobs.plain(program), "eager, fastest plain form")
    if part.is_on_card:
        for mode in ("default", "reduce-overhead"):
            yield peer(f"torch.compile, {mode}", partial(jobs.plain, program, mode))
        onnx = lambda: _Built(_onnx(load), program, "network only")  # noqa: E731
        yield part.row("ONNX Runtime CUDA", spec, onnx)


def _same(built: _Built) -> _Built:
    return built


def _onnx(load: Workload) -> jobs.Job:
    """Its network alone, fed magnitudes: neither transforms nor masks."""
    from streamsep.bench.peers_onnx import cuda_step

    step = cuda_step(load)
    return lambda hops: step(load.magnitudes[0])


def _shipped() -> Model:
    """The shipped model, or one of its size where there is no safetensors to read it."""
    try:
        return load_model(Path(__file__).resolve().parents[1] / "weights" / SHIPPED)
    except ImportError:
        from streamsep.models.cue_lstm import CueLstm
        from streamsep.models.cue_lstm_weights import to_model

        profile = PROFILES["stage"]
        return to_model(CueLstm(StreamSpec(profile, 44100, 2, STEM_SETS["4stems"])))


def _spec(model: Model) -> StreamSpec:
    return StreamSpec(model.profile, 44100, model.channels or 2, model.targets)


BUILDERS: dict[str, Callable[[Part], Iterator[GpuRow]]] = {
    "equal": _equal,
    "hops": _hops,
    "peers": _peers,
    "streams": _streams,
    "fused": _fused,
}

PARTS = tuple(BUILDERS)
"""Names of what can be measured, in the order in which it is wanted."""
